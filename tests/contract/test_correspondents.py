"""Who corresponds with whom: every back-end remembers the same, and the file outlives its process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailock.core.impersonation.acquaintance import KEPT_FOR, Contact, Kind, Mark, marks_of
from mailock.storage.correspondents import FILE, FileCorrespondents
from mailock.storage.memory.correspondents import MemoryCorrespondents

NOW = 1_800_000_000.0
PETRA = marks_of("Petra Klein", "petra@lieferant.example", "lieferant.example")
Store = MemoryCorrespondents | FileCorrespondents


def opened(folder: Path, most: int = 1000) -> FileCorrespondents:
    store = FileCorrespondents(folder, most)
    store.open()
    return store


@pytest.fixture(params=["memory", "file"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each back-end."""
    if request.param == "memory":
        yield MemoryCorrespondents()
        return
    file = opened(tmp_path)
    yield file
    await file.close()


async def test_what_was_noted_is_found_with_its_counts_and_times(store: Store) -> None:
    assert store.find("default", PETRA) == {}
    store.note("default", PETRA, NOW, wrote=True)
    store.note("default", PETRA, NOW + 5, wrote=False)
    found = store.find("default", PETRA)
    assert set(found) == set(PETRA)
    assert found[PETRA[0]] == Contact(first=NOW, last=NOW + 5, wrote=1, heard=1)
    assert found[Mark(Kind.NAME, "klein petra", "lieferant.example")].site == "lieferant.example"


async def test_what_one_system_learnt_no_other_knows(store: Store) -> None:
    store.note("acme", PETRA, NOW, wrote=True)
    assert store.find("default", PETRA) == {}
    assert store.alike("default", "1ieferant.example") == ()


@pytest.mark.parametrize(
    "site",
    ["1ieferant.example", "lieferrant.example", "liefernat.example", "lieferant-rechnung.example", "lieferant.top"],
)
async def test_a_domain_finds_those_that_it_may_pass_for(store: Store, site: str) -> None:
    store.note("default", PETRA, NOW, wrote=True)
    store.note("default", marks_of("", "a@entirely.example", "entirely.example"), NOW, wrote=True)
    assert "lieferant.example" in store.alike("default", site)
    assert "entirely.example" not in store.alike("default", site)


async def test_the_file_outlives_its_process_and_names_nobody(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.note("default", PETRA, NOW, wrote=True)
    await first.close()
    written = (tmp_path / FILE).read_bytes()
    assert b"petra" not in written.lower() and b"lieferant.example" in written
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    second = opened(tmp_path)
    assert second.find("default", PETRA)[PETRA[0]].wrote == 1
    assert second.alike("default", "1ieferant.example") == ("lieferant.example",)
    await second.close()


async def test_what_is_too_old_or_too_much_is_forgotten(tmp_path: Path) -> None:
    file = opened(tmp_path, most=2)
    for moment, name in enumerate(("a", "b", "c")):
        file.note("default", marks_of("", f"{name}@gmail.com", "gmail.com"), NOW + moment, wrote=True)
        await file.write()
    await file.tidy(NOW)
    kept = [bool(file.find("default", marks_of("", f"{name}@gmail.com", "gmail.com"))) for name in "abc"]
    assert kept == [False, True, True]
    await file.tidy(NOW + KEPT_FOR + 1.5)
    assert not file.find("default", marks_of("", "b@gmail.com", "gmail.com"))
    await file.close()
    few = MemoryCorrespondents(most=2)
    for name in "abc":
        few.note("default", marks_of("", f"{name}@gmail.com", "gmail.com"), NOW, wrote=True)
    assert [bool(few.find("default", marks_of("", f"{name}@gmail.com", ""))) for name in "abc"] == [False, True, True]


async def test_a_file_that_cannot_be_used_costs_no_mail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_bytes(b"no database " * 1000)
    file = opened(tmp_path)
    file.note("default", PETRA, NOW, wrote=True)
    assert file.find("default", PETRA)[PETRA[0]].wrote == 1
    assert "in memory only" in caplog.text
    await file.close()

"""What is remembered of sources: it outlives a restart, is bounded, and a broken or unwritable file costs no more."""

from pathlib import Path

import pytest

from mailock.core.reputation.greylist import Seen
from mailock.core.reputation.history import Record
from mailock.storage.remembrance import FILE, KeptRemembrance


def loaded(folder: Path) -> KeptRemembrance:
    made = KeptRemembrance(folder)
    made.load()
    return made


async def test_what_is_remembered_outlives_a_restart(tmp_path: Path) -> None:
    made = loaded(tmp_path)
    made.keep_record("192.0.2.0/24", Record(1.5, 2.5, 1_800_000_000.25))
    made.keep_seen("192.0.2.0/24 a@x.test ü@y.test", Seen(7.5))
    await made.save()
    again = loaded(tmp_path)
    assert again.record("192.0.2.0/24") == Record(1.5, 2.5, 1_800_000_000.25)
    assert again.seen("192.0.2.0/24 a@x.test ü@y.test") == Seen(7.5)
    assert again.record("192.0.3.0/24") is None


def test_memory_is_bounded_and_what_was_kept_longest_ago_goes(tmp_path: Path) -> None:
    made = KeptRemembrance(tmp_path, records=2, seen=2)
    for number in (1, 2, 1, 3):
        made.keep_record(f"{number}", Record(1, 0, 0))
        made.keep_seen(f"{number}", Seen(0))
    assert [made.record(name) is not None for name in "123"] == [True, False, True]
    assert [made.seen(name) is not None for name in "123"] == [True, False, True]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"records": {"x": 1}}', b'{"seen": {"x": "y"}}'])
async def test_a_broken_file_is_put_aside_and_memory_begins_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    made = loaded(tmp_path)
    made.keep_seen("x", Seen(1))
    await made.save()
    assert loaded(tmp_path).seen("x") == Seen(1)
    assert (tmp_path / "reputation.broken").read_bytes() == content


async def test_a_disk_that_fails_is_told_of_and_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "gone"
    made = KeptRemembrance(folder)
    made.keep_seen("x", Seen(1))
    await made.save()
    assert "could not be written" in caplog.text
    folder.mkdir()
    await made.save()
    assert loaded(folder).seen("x") == Seen(1)

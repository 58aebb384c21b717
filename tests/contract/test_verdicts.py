"""The verdict cache: an answer holds for what was asked and nothing else, and the file outlives its process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.mime.part import PartPath
from mailock.ports.verdicts import Asked
from mailock.storage.memory.verdicts import SECONDS, MemoryVerdicts
from mailock.storage.verdicts import FILE, MOST, VerdictFile

NOW = 1_800_000_000.0
ASKED = Asked(sha256=b"\1" * 32, engine="clamav", version="1", inputs=b"")
BAD = Finding(
    engine="clamav",
    kind="clamav.signature",
    severity=Severity.MALICIOUS,
    confidence=Confidence.HIGH,
    part=PartPath("1.2"),
    evidence="Test.Eicar",
)
TOLD = replace(BAD, part=PartPath("1"))


@pytest.fixture(params=["memory", "file"])
async def verdicts(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryVerdicts | VerdictFile]:
    """Each back-end."""
    if request.param == "memory":
        yield MemoryVerdicts()
        return
    file = VerdictFile(tmp_path)
    file.open()
    yield file
    await file.close()


async def test_what_was_found_is_told_again_of_any_part(verdicts: MemoryVerdicts | VerdictFile) -> None:
    assert verdicts.get(ASKED, NOW) is None
    verdicts.put(ASKED, [BAD], NOW)
    assert verdicts.get(ASKED, NOW) == (TOLD,)
    clean = replace(ASKED, sha256=b"\2" * 32)
    verdicts.put(clean, [], NOW)
    assert verdicts.get(clean, NOW) == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, sha256=b"\3" * 32),
        replace(ASKED, engine="icap"),
        replace(ASKED, version="2"),
        replace(ASKED, inputs=b"other settings"),
    ],
)
async def test_an_answer_holds_for_what_was_asked_only(verdicts: MemoryVerdicts | VerdictFile, other: Asked) -> None:
    verdicts.put(ASKED, [BAD], NOW)
    assert verdicts.get(other, NOW) is None


async def test_after_seven_days_it_holds_no_more(verdicts: MemoryVerdicts | VerdictFile) -> None:
    verdicts.put(ASKED, [BAD], NOW)
    assert verdicts.get(ASKED, NOW + SECONDS - 1) is not None
    assert verdicts.get(ASKED, NOW + SECONDS) is None
    assert not await verdicts.find(sha256=None, engine=None, now=NOW + SECONDS, limit=9)


async def test_answers_are_listed_newest_first_and_forgotten(verdicts: MemoryVerdicts | VerdictFile) -> None:
    later = replace(ASKED, engine="icap")
    other = replace(ASKED, sha256=b"\4" * 32)
    for moment, asked in enumerate((ASKED, later, other)):
        verdicts.put(asked, [BAD], NOW + moment)
    found = await verdicts.find(sha256=None, engine=None, now=NOW, limit=9)
    assert [one.asked for one in found] == [other, later, ASKED]
    assert found[0].findings == (TOLD,) and found[0].until == found[0].since + SECONDS
    assert len(await verdicts.find(sha256=None, engine=None, now=NOW, limit=2)) == 2
    assert len(await verdicts.find(sha256=ASKED.sha256, engine="icap", now=NOW, limit=9)) == 1
    assert await verdicts.purge(sha256=None, engine="icap") == 1
    assert await verdicts.purge(sha256=ASKED.sha256, engine=None) == 1
    assert verdicts.get(ASKED, NOW) is None and verdicts.get(other, NOW) == (TOLD,)
    assert await verdicts.purge(sha256=None, engine=None) == 1


async def test_the_file_outlives_its_process_and_keeps_the_newest_version(tmp_path: Path) -> None:
    first = VerdictFile(tmp_path)
    first.open()
    first.put(ASKED, [BAD], NOW)
    first.put(replace(ASKED, version="2"), [], NOW + 1)
    await first.close()
    second = VerdictFile(tmp_path)
    second.open()
    assert second.get(replace(ASKED, version="2"), NOW + 2) == ()
    assert second.get(ASKED, NOW + 2) is None
    await second.close()


async def test_what_is_out_of_date_is_tidied_away(tmp_path: Path) -> None:
    file = VerdictFile(tmp_path)
    file.open()
    file.put(ASKED, [BAD], NOW)
    file.put(replace(ASKED, engine="icap"), [BAD], NOW + 10)
    await file.write()
    await file.tidy(NOW + SECONDS + 5)
    found = await file.find(sha256=None, engine=None, now=NOW, limit=9)
    assert [one.asked.engine for one in found] == ["icap"]
    await file.close()
    assert MOST > 1


async def test_a_file_that_cannot_be_used_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_bytes(b"no database " * 1000)
    file = VerdictFile(tmp_path)
    file.open()
    file.put(ASKED, [BAD], NOW)
    assert file.get(ASKED, NOW) == (TOLD,)
    with pytest.raises(OSError, match="see the log"):
        await file.find(sha256=None, engine=None, now=NOW, limit=9)
    assert "goes on in memory only" in caplog.text
    await file.close()


async def test_it_is_written_down_by_itself(tmp_path: Path) -> None:
    file = VerdictFile(tmp_path)
    file.open()
    running = asyncio.create_task(file.run())
    file.put(ASKED, [BAD], NOW)
    reading = apsw.Connection(str(tmp_path / FILE))
    for _ in range(100):
        if list(reading.execute("SELECT 1 FROM verdict")):
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("nothing was written")
    running.cancel()
    reading.close()
    await file.close()

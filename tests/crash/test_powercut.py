"""The power goes at any moment: what was answered 250 is there, whole; nothing is half (DECISIONS 2 and 3)."""

import random
import tempfile
from pathlib import Path

import pytest

from mailock.storage.sqlite import checkpoints
from tests.crash.powercut.disk import Luck, SurvivingDisk, moments
from tests.crash.powercut.mail import Expected, come_and_go, count
from tests.crash.powercut.trace import Said, Synced, Trace, Written

MESSAGES = 60
# What is left is only read: it needs no disk.
QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None


async def cut_power(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, times: int) -> Trace:
    """Lets mail come and go, then cuts the power so many times in the trace of it."""
    # So that the log is moved and begun anew several times in a short trace.
    monkeypatch.setattr(checkpoints, "PAGES", 60)
    chance = random.Random(seed)
    root, trace = tmp_path / "spool", Trace()
    await come_and_go(root, trace, chance, MESSAGES)
    disk, followed = SurvivingDisk(), 0
    for moment in moments(trace.steps, times, chance):
        for number, step in enumerate(trace.steps[followed:moment], start=followed):
            disk.follow(number, step)
        followed = moment
        luck = chance.choice(list(Luck))
        with tempfile.TemporaryDirectory(dir=QUICK) as left:
            disk.leave(Path(left), str(root), luck, chance)
            try:
                await count(Path(left), Expected.after(trace.steps[:moment]))
            except Exception as fault:
                fault.add_note(f"the power went before step {moment} of {len(trace.steps)}, {luck.value}, seed {seed}")
                raise
    return trace


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_promised_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    trace = await cut_power(tmp_path, monkeypatch, seed, times=100)
    kinds = {type(step) for step in trace.steps}
    assert {Written, Synced, Said} <= kinds
    restarts = [step for step in trace.steps if isinstance(step, Written) and step.path.endswith("-wal")]
    assert sum(step.offset == 0 for step in restarts) > 1, "the log was never begun anew"


@pytest.mark.accept
@pytest.mark.parametrize("seed", range(100, 140))
async def test_nothing_promised_is_lost_at_great_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    await cut_power(tmp_path, monkeypatch, seed, times=500)

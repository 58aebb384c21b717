"""Whoever dies between PLANNED and READY loses nothing: the copy is made again, and nothing is left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from mailock.core.lifecycle.stages import CopyStage
from mailock.ports.queue import Selection
from tests.crash.remaking import CONTENT, DEAD, MADE, MOMENTS, digest, opened, planned

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_copy_that_was_being_made_is_made_again(tmp_path: Path, moment: str) -> None:
    await planned(tmp_path)
    command = [sys.executable, "-m", "tests.crash.remaking", str(tmp_path), moment]
    died = subprocess.run(command, cwd=ROOT, timeout=60, capture_output=True, text=True)
    assert died.returncode == DEAD, died.stderr
    place = await opened(tmp_path)
    try:
        (item,) = await place.queue.find(Selection(), limit=10)
        (copy,) = item.copies
        # Either nothing of it is written, or all of it: there is no copy that is READY with the old body.
        assert copy.stage is CopyStage.PLANNED or (copy.stage is CopyStage.READY and digest(copy.body))
        if moment in ("before the jail", "after the jail", "after the body is stored"):
            assert copy.stage is CopyStage.PLANNED and copy.orders and not digest(copy.body)
        if moment == "after the commit":
            assert copy.stage is CopyStage.READY
        await place.bodies.sweep(await place.queue.body_names())
        if copy.stage is CopyStage.PLANNED:
            await place.work()
        lanes = await place.queue.lanes() if copy.stage is CopyStage.READY else []
        assert place.sent or lanes
        (item,) = await place.queue.find(Selection(), limit=10)
        made = b"".join([chunk async for chunk in place.bodies.read(item.copies[0].body)])
        original = b"".join([chunk async for chunk in place.bodies.read(item.message.body)])
        assert (made, original) == (MADE, CONTENT)
        assert len([path for path in (tmp_path / "bodies").rglob("*") if path.is_file()]) == 2
    finally:
        await place.close()

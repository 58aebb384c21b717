"""Plays cases: imports once, then forks a process for each, so that a death is a real one and costs little.

`python -m tests.crash.calls.zygote` takes one JSON case a line and answers each with one line: how its first process
ended, what its fuse counted, and whether a second one, over what the first left, brought everything to its end.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from mailock.stations.send import dispatch
from mailock.telemetry import drain
from tests.crash.calls.fuse import Burning, Case, Fuse
from tests.crash.calls.world import FAULTS, World

QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None
# What looks again in intervals does so often here: a case is a second of waiting otherwise.
dispatch.TICK_SECONDS = 0.02
PLAY_SECONDS = 10.0
DRAIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a case."""

    first: int
    """How the first process ended: its exit code, or minus the signal."""
    second: int
    burnt: bool
    quiet: bool
    """Whether the first process, if it lived, had brought everything to its end by itself."""
    drained: bool
    """Whether the second one has."""
    counts: dict[str, int]
    notes: list[dict[str, object]]
    log: str
    left: list[str]
    """Files of bodies that lie in the spool after the end."""
    seconds: float


def play(case: Case) -> Played:
    """Plays a case in a folder of its own."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=QUICK, prefix="mailock-calls-") as name:
        folder = Path(name)
        first = _forked(folder, case)
        second = _forked(folder, None)
        told = {who: _read(folder / who) for who in ("first", "second")}
        counts = told["first"].get("counts", {})
        assert isinstance(counts, dict)
        return Played(
            first=first,
            second=second,
            burnt=first != 0 or bool(told["first"].get("burnt")),
            quiet=bool(told["first"].get("quiet")),
            drained=bool(told["second"].get("quiet")),
            counts=counts,
            notes=[json.loads(line) for line in (folder / "notes").read_text().splitlines()],
            log=(folder / "log").read_text("utf-8", "replace"),
            left=sorted(str(path.name) for path in (folder / "data" / "bodies").glob("*/*")),
            seconds=time.monotonic() - began,
        )


def _read(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _forked(folder: Path, case: Case | None) -> int:
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            asyncio.run(_act(folder, case))
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


async def _act(folder: Path, case: Case | None) -> None:
    fuse = Fuse(case or Case(), FAULTS)
    world = World(folder, fuse)
    gateway = await world.gateway()
    if case is None:
        await world.retry_shunted(gateway)
    await gateway.start()
    if case is not None:
        await world.play(gateway)
    quiet = await world.quiet(gateway, within=PLAY_SECONDS if case is not None else DRAIN_SECONDS)
    await world.swept(gateway)
    told = {"burnt": fuse.burnt, "quiet": quiet, "counts": dict(fuse.counts)}
    await gateway.stop()
    (folder / ("second" if case is None else "first")).write_text(json.dumps(told))


def main() -> None:
    """Answers until there are no more cases."""
    drain.INTERVAL = 0.02  # type: ignore[misc]  # as above
    for line in sys.stdin:
        asked = json.loads(line)
        case = Case(asked["label"], asked["number"], Burning(asked["burning"]), asked["fault"])
        played = play(case)
        answer = {name: getattr(played, name) for name in Played.__dataclass_fields__}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

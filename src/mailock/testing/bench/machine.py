"""The machine that the figures come from: processors, file system, what a sync costs, and whether it is quiet."""

import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from mailock.testing.bench.programs import CannotMeasureError

# On these a sync costs nothing, so that nothing measured on them says anything about a mail server.
_NOT_A_DISK = frozenset({"tmpfs", "ramfs", "devtmpfs"})
_PROBES, _PROBE_BYTES = 100, 10_240


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What has to be known of a machine to read figures taken on it."""

    system: str
    python: str
    processors: int
    memory_bytes: int
    file_system: str
    mount_options: str
    device: str
    sync_milliseconds: float
    """Median time to append 10 KiB to a file and fdatasync it."""
    busy_before: float
    """Share of the processors' time, 0 to 1, that others took in the second before the bench began."""


def describe(folder: Path) -> Machine:
    """This machine, with the disk that `folder` lies on. Raises CannotMeasureError when that is no disk."""
    device, kind, options = _mount(folder)
    if kind in _NOT_A_DISK:
        raise CannotMeasureError(f"{folder} is on {kind}, where a sync costs nothing: choose a --dir on a real disk")
    return Machine(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        processors=len(os.sched_getaffinity(0)),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        file_system=kind,
        mount_options=options,
        device=device,
        sync_milliseconds=_sync_milliseconds(folder),
        busy_before=busy_share(1.0),
    )


def busy_share(seconds: float) -> float:
    """The share of all processors' time, 0 to 1, that is taken while we sleep for `seconds`."""
    idle, total = _processor_ticks()
    time.sleep(seconds)
    idle_after, total_after = _processor_ticks()
    return 1 - (idle_after - idle) / max(1, total_after - total)


def flushes(folder: Path) -> int | None:
    """How often the disk under `folder` was told to flush its cache since the machine started, if the kernel tells.

    From /proc/diskstats, whose 16th figure counts completed flush requests (Linux 5.5 and later).
    """
    number = folder.stat().st_dev
    for line in Path("/proc/diskstats").read_text().splitlines():
        fields = line.split()
        if (int(fields[0]), int(fields[1])) == (os.major(number), os.minor(number)) and len(fields) >= 19:
            return int(fields[18])
    return None


def _mount(folder: Path) -> tuple[str, str, str]:
    """Device, file system and options of the mount that `folder` lies on."""
    best: tuple[str, str, str] | None = None
    longest = -1
    for line in Path("/proc/mounts").read_text().splitlines():
        device, at, kind, options = line.split()[:4]
        if folder.resolve().is_relative_to(at) and len(at) >= longest:
            best, longest = (device, kind, options), len(at)
    if best is None:
        raise CannotMeasureError(f"/proc/mounts does not say what {folder} lies on")
    return best


def _sync_milliseconds(folder: Path) -> float:
    times = []
    with tempfile.NamedTemporaryFile(dir=folder, buffering=0) as probe:
        for _ in range(_PROBES):
            begun = time.perf_counter()
            probe.write(b"x" * _PROBE_BYTES)
            os.fdatasync(probe.fileno())
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _processor_ticks() -> tuple[int, int]:
    """Idle and all ticks of all processors since start: the first line of /proc/stat."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)

"""What one message costs in the jail: wall time, processor time, and page faults of a job, for mail of different kinds.

.venv/bin/python -m bench.jail_jobs                       # the typical mail, all engines
.venv/bin/python -m bench.jail_jobs --mail text --jobs 500
.venv/bin/python -m bench.jail_jobs --engines urls,html   # only these engines
.venv/bin/python -m bench.jail_jobs --mail empty          # what the fork itself costs
"""

import argparse
import asyncio
import os
import resource
import statistics
import time
from pathlib import Path

from mailock.config.engines import EngineSettings
from mailock.config.node import JailMode
from mailock.engines.catalogue import JAILED
from mailock.ports.bodies import in_memory
from mailock.ports.jail import End, Job
from mailock.processes.charter import MANIFESTS
from mailock.processes.jailing import charter_of, jail_of
from mailock.processes.means import Means
from mailock.stations.examine.crew import Bounds
from mailock.stations.examine.wire import TASK, Order, write_order
from mailock.testing.bench.mailbag import typical
from mailock.testing.bench.programs import family

_TEXT = (
    b"From: <a@b.test>\r\nTo: <c@d.test>\r\nSubject: lunch\r\n\r\n"
    + b"See https://www.example.test/menu today.\r\n" * 100
)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mail", choices=("typical", "text", "empty"), default="typical")
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two jobs, as on an idle gateway")
    parser.add_argument("--engines", default=",".join((*JAILED, "yara")))
    chosen = parser.parse_args()
    engines = tuple(name for name in chosen.engines.split(",") if name)
    asyncio.run(_measure(chosen.mail, chosen.jobs, chosen.pause, engines))


async def _measure(mail: str, jobs: int, pause: float, engines: tuple[str, ...]) -> None:
    content = {"typical": typical(), "text": _TEXT, "empty": b""}[mail]
    means = Means(workers=1, mode=JailMode.FULL, memory=2 << 30, authorities=None)
    jail = jail_of(means, await charter_of(None, engines, EngineSettings(hostname="bench.test", rules_seconds=20)))
    print((await jail.start()).line)
    body = in_memory(content)
    bounds = Bounds()
    order = Order(
        words=(),
        sought=(),
        engines=engines,
        exhibit=(),
        digests=(),
        depth=bounds.depth,
        files=bounds.files,
        octets=bounds.octets,
        ratio=bounds.ratio,
    )
    task = MANIFESTS if mail == "empty" else TASK
    job = Job(task=task, order=write_order(order), body=body, seconds=60.0)
    for _ in range(10):
        assert (await jail.run(job)).end is End.DONE
    workers = family(os.getpid())[1:]
    before, used = _seconds(workers), resource.getrusage(resource.RUSAGE_SELF)
    times = []
    for _ in range(jobs):
        await asyncio.sleep(pause)
        began = time.perf_counter()
        ended = await jail.run(job)
        times.append((time.perf_counter() - began) * 1000)
        assert ended.end is End.DONE, ended
    after = resource.getrusage(resource.RUSAGE_SELF)
    times.sort()
    host = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    print(f"{mail}, {len(engines)} engines: wall ms p50 {statistics.median(times):.2f} p90 {times[jobs * 9 // 10]:.2f}")
    user, system = (now - then for now, then in zip(_seconds(workers), before, strict=True))
    print(f"processor ms a job: worker user {user / jobs * 1000:.2f} system {system / jobs * 1000:.2f}", end=" ")
    print(f"host {host / jobs * 1000:.2f}")
    await jail.close()


def _seconds(workers: tuple[int, ...]) -> tuple[float, float]:
    """User and system time of the workers and of the children that they have buried."""
    ticks, user, system = os.sysconf("SC_CLK_TCK"), 0, 0
    for pid in workers:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue  # a child that was buried meanwhile: its time is its worker's now
        user += int(fields[11]) + int(fields[13])
        system += int(fields[12]) + int(fields[14])
    return user / ticks, system / ticks


if __name__ == "__main__":
    main()

"""Processor time of Mailock for a message, by who spends it: the least of some runs, as others disturb that least.

    .venv/bin/python -m bench.processor_time [--only relay-open] [--rounds 3]
    PYTHONPATH=OTHER/src .venv/bin/python -m bench.processor_time       # another working tree, to compare with

Columns, in µs a message: all processes; the event loop's thread, in the program and in the kernel; the other threads of
that process, likewise; the other processes, which are the log's and the supervisor.
"""

import argparse
import contextlib
import os
import tempfile
import time
from pathlib import Path

from mailock.testing.bench.load import Load, Sink, send, sink
from mailock.testing.bench.programs import family, free_port
from mailock.testing.bench.side import After, Task
from mailock.testing.bench.sides.mailock import Mailock

_LOADS = {
    "accept": (After.HOLD, Load(messages=3000, size=10_240, sessions=20, kept_open=False)),
    "accept-open": (After.HOLD, Load(messages=5000, size=10_240, sessions=50, kept_open=True)),
    "relay": (After.RELAY, Load(messages=2500, size=10_240, sessions=20, kept_open=False)),
    "relay-open": (After.RELAY, Load(messages=4000, size=10_240, sessions=50, kept_open=True)),
    "relay-1mib": (After.RELAY, Load(messages=300, size=1 << 20, sessions=20, kept_open=False)),
}
_WITHIN_SECONDS = 300.0
_TICK_MICROSECONDS = 1e6 / os.sysconf("SC_CLK_TCK")
Times = dict[tuple[int, int], tuple[int, int]]
"""By process and thread: ticks in the program and in the kernel."""


def main() -> None:
    """Measures and prints a line for each load."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=tuple(_LOADS))
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    print("              all   loop: program  kernel   threads: program  kernel   processes   messages a second")
    for name in chosen.only or _LOADS:
        after, load = _LOADS[name]
        best = min(_measured(after, load, chosen.rounds))
        print("{:12} {:5.0f} {:15.0f} {:7.0f} {:18.0f} {:7.0f} {:11.0f} {:19.0f}".format(name, *best), flush=True)


def _measured(after: After, load: Load, rounds: int) -> list[tuple[float, ...]]:
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="mailock-time-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "side").mkdir()
        hop = stack.enter_context(sink(folder)) if after is After.RELAY else None
        task = Task(
            folder=folder / "side",
            port=free_port(),
            after=after,
            next_hop=hop.port if hop else free_port(),
            sessions=load.sessions,
            size_limit=200 * 2**20,
            certificate=None,
        )
        serving = stack.enter_context(Mailock().serve(task))
        # The first run only warms up.
        return [_run(load, serving.port, serving.process.pid, hop) for _ in range(rounds + 1)][1:]


def _run(load: Load, port: int, pid: int, hop: Sink | None) -> tuple[float, ...]:
    expected = load.messages + (hop.count() if hop else 0)
    before, begun = _times(pid), time.monotonic()
    send(load, port, _WITHIN_SECONDS)
    ended = hop.wait_for(expected, within=_WITHIN_SECONDS) if hop else time.monotonic()
    time.sleep(0.3)  # what is left for the log
    spent = {
        who: tuple(now - then for now, then in zip(times, before.get(who, (0, 0)), strict=True))
        for who, times in _times(pid).items()
    }
    each = _TICK_MICROSECONDS / load.messages
    busiest = max(
        {process for process, _ in spent}, key=lambda one: sum(sum(t) for (p, _), t in spent.items() if p == one)
    )
    loop = spent[busiest, busiest]
    threads = [sum(t[i] for (p, thread), t in spent.items() if p == busiest != thread) for i in (0, 1)]
    others = sum(sum(t) for (p, _), t in spent.items() if p != busiest)
    ticks = (sum(loop) + sum(threads) + others, *loop, *threads, others)
    return (*(number * each for number in ticks), load.messages / (ended - begun))


def _times(pid: int) -> Times:
    found: Times = {}
    for process in family(pid):
        for thread in Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                fields = (thread / "stat").read_text().rpartition(")")[2].split()
                found[process, int(thread.name)] = int(fields[11]), int(fields[12])
    return found


if __name__ == "__main__":
    main()

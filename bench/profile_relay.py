"""Where Mailock spends its time under load: puts a load on it with py-spy attached, and prints the functions.

    .venv/bin/python bench/profile_relay.py                     # relaying, open connections
    .venv/bin/python bench/profile_relay.py --hold --new        # accepting only, a connection per message
    .venv/bin/python bench/profile_relay.py --native --lines    # with frames of C code, by line

The process profiled is the one of Mailock's family that used the processor most. py-spy is a development dependency; it
needs root, or a kernel that lets a user trace (kernel.yama.ptrace_scope = 0). It samples without stopping the process,
so the rate that is printed suffers little.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mailock.testing.bench.load import Load, send, sink
from mailock.testing.bench.programs import CannotMeasureError, family, free_port, processor_seconds
from mailock.testing.bench.side import After, Task
from mailock.testing.bench.sides.mailock import Mailock

_WITHIN_SECONDS = 300.0
_SAMPLES_A_SECOND = 400
# Longer than any load here takes; py-spy is ended when the load is.
_RECORD_SECONDS = 600


def main() -> None:
    """Prints the rate, then where the time went: by module, by function, and by function with all that it calls."""
    chosen = _arguments()
    load = Load(messages=chosen.messages, size=chosen.size, sessions=chosen.sessions, kept_open=not chosen.new)
    with tempfile.TemporaryDirectory(dir=chosen.dir, prefix="mailock-profile-") as folder_name:
        folder = Path(folder_name)
        folder.chmod(0o755)
        (folder / "side").mkdir()
        with contextlib.ExitStack() as stack:
            hop = None if chosen.hold else stack.enter_context(sink(folder))
            task = Task(
                folder=folder / "side",
                port=free_port(),
                after=After.HOLD if chosen.hold else After.RELAY,
                next_hop=hop.port if hop else free_port(),
                sessions=chosen.sessions,
                size_limit=200 * 2**20,
                certificate=None,
            )
            serving = stack.enter_context(Mailock().serve(task))
            warm_up = Load(messages=500, size=1024, sessions=chosen.sessions, kept_open=True)
            send(warm_up, serving.port, _WITHIN_SECONDS)
            if hop:
                hop.wait_for(warm_up.messages, within=_WITHIN_SECONDS)
            pid = max(family(serving.process.pid), key=_own_seconds)
            recording = _record(pid, folder / "stacks", chosen)
            time.sleep(1.0)
            begun, worked = time.monotonic(), processor_seconds(pid)
            send(load, serving.port, _WITHIN_SECONDS)
            accepted = ended = time.monotonic()
            if hop:
                ended = hop.wait_for(warm_up.messages + load.messages, within=_WITHIN_SECONDS)
            worked = processor_seconds(pid) - worked
            _end(recording)
        stacks = _read(folder / "stacks")
    print(f"accepted {load.messages / (accepted - begun):,.0f}/s, all done {load.messages / (ended - begun):,.0f}/s")
    share, each = worked / (ended - begun), worked / load.messages * 1e6
    print(f"process {pid} used {share:.0%} of a processor, {each:,.0f} µs a message")
    _print(stacks, chosen.top)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=10_240, help="bytes below the header")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--new", action="store_true", help="a new connection for each message")
    parser.add_argument("--hold", action="store_true", help="accept only")
    parser.add_argument("--waiting", action="store_true", help="threads that wait too, not only who holds the GIL")
    parser.add_argument("--native", action="store_true", help="frames of C code too")
    parser.add_argument("--lines", action="store_true", help="by line instead of by function")
    parser.add_argument("--top", type=int, default=40, help="how many rows to print")
    parser.add_argument("--dir", type=Path, default=Path("/var/tmp"), help="a folder on a real disk")
    return parser.parse_args()


def _own_seconds(pid: int) -> float:
    """Processor time of one process without its children's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return float(fields[11]) + float(fields[12])


def _record(pid: int, output: Path, chosen: argparse.Namespace) -> subprocess.Popen[bytes]:
    py_spy = Path(sys.executable).with_name("py-spy")
    if not py_spy.exists():
        raise SystemExit("py-spy is not installed: make setup, or pip install py-spy")
    command = [str(py_spy), "record", "--pid", str(pid), "--format", "raw", "--output", str(output), "--threads"]
    command += ["--rate", str(_SAMPLES_A_SECOND), "--duration", str(_RECORD_SECONDS), "--nonblocking"]
    command += [] if chosen.waiting else ["--gil"]
    command += ["--native"] if chosen.native else []
    command += [] if chosen.lines else ["--function"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _end(recording: subprocess.Popen[bytes]) -> None:
    """An interrupt lets py-spy write what it has."""
    recording.send_signal(2)
    _, told = recording.communicate(timeout=60)
    if recording.returncode != 0:
        raise SystemExit(f"py-spy ended with {recording.returncode}: {told.decode(errors='replace').strip()}")


def _read(stacks: Path) -> list[tuple[list[str], int]]:
    """Each stack, outermost first, with how often it was seen."""
    found = []
    for line in stacks.read_text().splitlines():
        frames, _, count = line.rpartition(" ")
        # py-spy reads without stopping the process, so the name of a thread may come out torn, with a line's end in it.
        if not count.isdigit():
            continue
        found.append((frames.split(";"), int(count)))
    return found


def _print(stacks: list[tuple[list[str], int]], top: int) -> None:
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    for frames, count in stacks:
        own[frames[-1]] += count
        modules[_module(frames)] += count
        for frame in set(frames):
            whole[frame] += count
    tables = (("own time by module, libraries counted to who called them", modules), ("own time by function", own))
    for title, counts in (*tables, ("with what it calls", whole)):
        total = sum(own.values())
        print(f"\n{title}, of {total:,} samples")
        for name, count in counts.most_common(top):
            print(f"{count / total:6.1%}  {name}")


def _module(frames: list[str]) -> str:
    """The file of the innermost frame that is ours."""
    for frame in reversed(frames):
        if "(mailock/" in frame:
            return frame.partition("(")[2].partition(":")[0].removesuffix(")")
    return "elsewhere"


if __name__ == "__main__":
    try:
        main()
    except CannotMeasureError as failure:
        raise SystemExit(str(failure)) from failure

"""Programs that the bench starts: found on the search path, ended by their own id, weighed with all their children."""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Where Debian keeps daemons; an ordinary user's search path lacks them.
_SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
_TICKS = os.sysconf("SC_CLK_TCK")
# Mailock may take 30 s to drain its connections; nothing else here takes as long.
_STOP_SECONDS = 40.0
_LAST_WORDS_BYTES = 1500


class CannotMeasureError(Exception):
    """A measure that could not be taken; the text says in one sentence why, and the mend where there is one."""


def find_program(name: str) -> str | None:
    """Where a program is, or None."""
    return shutil.which(name, path=_SEARCH)


def need_program(name: str, *, package: str) -> str:
    """Where a program is. Raises CannotMeasureError that names the Debian package to install."""
    found = find_program(name)
    if found is None:
        raise CannotMeasureError(f"{name} is not installed: apt-get install {package}")
    return found


def run_to_end(command: Sequence[str], *, within: float, folder: Path | None = None) -> str:
    """What a short command printed. Raises CannotMeasureError with its last words when it fails or takes too long."""
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise CannotMeasureError(f"{Path(command[0]).name} took longer than {within:.0f} s") from late
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip()[-600:]
        raise CannotMeasureError(f"{Path(command[0]).name} ended with {done.returncode}: {told}")
    return done.stdout


class Started:
    """One process that we started, in a session of its own, with what it printed in a file."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        output: Path,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.output = output
        self._told = (output,) if log is None else (output, log)
        self.at = time.monotonic()
        # Should the bench be killed outright, the kernel passes the word on.
        setpriv = find_program("setpriv")
        launcher = [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
        with output.open("ab") as into:
            self._process = subprocess.Popen(
                [*launcher, *command],
                cwd=output.parent,
                stdin=subprocess.DEVNULL,
                stdout=into,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        self.name = Path(command[0]).name

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def need_alive(self) -> None:
        """Raises CannotMeasureError with the end of its output when it has ended by itself."""
        code = self._process.poll()
        if code is not None:
            raise CannotMeasureError(f"{self.name} ended with {code}")

    def wait_until(self, ready: Callable[[], bool], *, within: float, what: str) -> None:
        """Blocks until `ready()`. Raises CannotMeasureError when it ends first or `within` seconds have passed."""
        end = time.monotonic() + within
        while not ready():
            self.need_alive()
            if time.monotonic() > end:
                raise CannotMeasureError(f"{self.name}: {what} took longer than {within:.0f} s")
            time.sleep(0.02)

    def printed(self) -> str:
        """The end of its output, and of its log if it has one."""
        ends = []
        for path in self._told:
            if path.exists():
                with path.open("rb") as told:
                    told.seek(max(0, path.stat().st_size - _LAST_WORDS_BYTES))
                    ends.append(told.read().decode(errors="replace").strip())
        return "\n".join(end for end in ends if end)

    def stop(self) -> None:
        """TERM, patience, KILL; and then whatever is left of its session's first group."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # the usual case: the group ended with its leader


@contextmanager
def started(
    command: Sequence[str],
    *,
    output: Path,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Iterator[Started]:
    """A process that ends when the block ends. What cannot be measured meanwhile is raised with its last words."""
    process = Started(command, output=output, environment=environment, log=log)
    try:
        yield process
    except CannotMeasureError as failure:
        raise CannotMeasureError(f"{failure}\n{process.name} said last: {process.printed()}") from failure
    finally:
        process.stop()


def family(pid: int) -> tuple[int, ...]:
    """A process and its descendants, as they are now."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, ahead = [], [pid]
    while ahead:
        one = ahead.pop()
        found.append(one)
        ahead.extend(parents.get(one, ()))
    return tuple(found)


def processor_seconds(pid: int) -> float:
    """User and system time of a process, its living descendants, and those that they have waited for."""
    return sum(sum(map(int, _stat(one)[11:15])) for one in family(pid)) / _TICKS


def memory(pid: int) -> int:
    """Bytes of a process and its descendants: the sum of their proportional set sizes (PSS), shared pages once.

    Read from /proc/PID/smaps_rollup, which the kernel shows to the same user and to root.
    """
    total = 0
    for one in family(pid):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the listing and the reading
        for line in rollup.splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third, `state`, on; empty when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The second field is the program's name in parentheses, and may hold anything.
    return text.rpartition(")")[2].split()


def free_port() -> int:
    """A TCP port on loopback that nobody listens on, below the range that the kernel gives to outgoing connections."""
    for port in random.sample(range(20_000, 32_000), 500):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise CannotMeasureError("no free port between 20000 and 32000 on loopback")


def listens(port: int) -> bool:
    """Whether somebody takes connections on loopback."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=5).close()
    except OSError:
        return False
    return True


def answers(port: int) -> bool:
    """Whether a connection on loopback gets an SMTP greeting."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=5) as probe:
            greeting = probe.recv(4)
            probe.sendall(b"QUIT\r\n")
            return greeting.startswith(b"220")
    except OSError:
        return False

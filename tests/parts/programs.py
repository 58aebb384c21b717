"""Programs that we did not write: finding them, running a private instance, and ending it by its pid.

A program that is missing skips the test and names its Debian package. With MAILOCK_REQUIRE_PARTS=1 that is a failure
instead, so that a machine which should have everything cannot turn green by skipping.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

# Where Debian keeps daemons; an ordinary user's PATH lacks them.
_SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
_STOP_SECONDS = 1.0


def lacking(what: str) -> NoReturn:
    """Skip for want of `what`, or fail where MAILOCK_REQUIRE_PARTS says that it has to be there."""
    if os.environ.get("MAILOCK_REQUIRE_PARTS") == "1":
        pytest.fail(f"missing: {what} (and MAILOCK_REQUIRE_PARTS=1)", pytrace=False)
    pytest.skip(f"missing: {what}")


def program(name: str, *, package: str) -> str:
    """The path of a program, or `lacking` its package."""
    found = shutil.which(name, path=_SEARCH)
    if found is None:
        lacking(f"{name} (Debian package {package})")
    return found


def need_root(name: str) -> None:
    """For programs whose master process cannot do without."""
    if os.geteuid() != 0:
        lacking(f"root, which {name} needs to start a private instance")


@contextmanager
def private_dir(name: str) -> Iterator[Path]:
    """A folder that other users may enter (daemons drop their rights) with a path short enough for Unix sockets."""
    folder = Path(tempfile.mkdtemp(prefix=f"mailock-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Running:
    """One process that we started, in a group of its own, with what it printed."""

    def __init__(self, command: Sequence[str], *, output: Path, environment: Mapping[str, str] | None = None) -> None:
        self.output = output
        with output.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        # Should the tests be killed outright, their end of this pipe closes, and the watch ends what they left behind.
        self._watch = subprocess.Popen(
            ["/bin/sh", "-c", f"read -r _; kill -s TERM -- -{self._process.pid}"],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process' own id, which is its group's as well."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """To the process alone."""
        self._process.send_signal(number)

    def wait_for(self, ready: Callable[[], bool], *, within: float = 15.0) -> None:
        """Blocks until `ready()`; an early death or a time-out raises with what the program printed."""
        end = time.monotonic() + within
        while not ready():
            if not self.alive:
                raise RuntimeError(f"it ended with {self._process.returncode} at once:\n{self.printed()}")
            if time.monotonic() > end:
                raise TimeoutError(f"not ready after {within} s:\n{self.printed()}")
            time.sleep(0.02)

    def printed(self) -> str:
        """The end of its output."""
        return self.output.read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        """TERM, a second of patience, KILL; and then whatever is left of its group."""
        self._watch.kill()
        self._watch.communicate()
        if self.alive:
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
def running(
    command: Sequence[str],
    *,
    output: Path,
    ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Start, wait until it is ready, and end it when the block ends."""
    process = Running(command, output=output, environment=environment)
    try:
        process.wait_for(ready)
        yield process
    finally:
        process.stop()


def checked(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> str:
    """Run a short command to its end and give its output; RuntimeError with all of it when it fails."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **(environment or {})}
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout

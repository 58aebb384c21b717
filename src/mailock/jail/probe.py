"""A job that tries the walls, once, when the jail is started: what is said to be in force is also seen to hold."""

import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

from mailock.jail.protection import Protection

NAME = "probe"
_FOREIGN = ("/etc/passwd", "/proc/self", "/sys/kernel", "/dev/tty", "/var/log")
_DOCUMENTATION_NET = ("192.0.2.1", 9)
"""RFC 5737, and the port of discard: nothing is sent to it, only a route is asked for."""


def probe(order: bytes, body: int, output: int | None, emit: Callable[[bytes], None]) -> None:
    """The task: says the number of each protection that does not hold."""
    for number, protection in enumerate(Protection):
        if _TRIALS[protection]():
            emit(bytes([number]))


def broken(untrusted_frames: Iterable[bytes]) -> tuple[Protection, ...]:
    """What a probe said, read by the host."""
    protections = tuple(Protection)
    return tuple(protections[frame[0]] for frame in untrusted_frames if frame and frame[0] < len(protections))


def _reaches_out() -> bool:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.connect(_DOCUMENTATION_NET)
    except OSError:
        return False
    return True


def _sees_files() -> bool:
    return any(os.access(path, os.F_OK) for path in _FOREIGN)


def _is_root() -> bool:
    return 0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid())


def _sees_processes() -> bool:
    # The first process of the world is its own worker, and no process here has a parent that it cannot see.
    return os.getppid() != 1


def _opens_what_is_not_read() -> bool:
    try:
        return bool(list(Path("/").iterdir()))
    except OSError:
        return False


def _forks() -> bool:
    try:
        child = os.fork()
    except OSError:
        return False
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


_TRIALS: dict[Protection, Callable[[], bool]] = {
    Protection.NETWORK: _reaches_out,
    Protection.FILES: _sees_files,
    Protection.ACCOUNT: _is_root,
    Protection.PROCESSES: _sees_processes,
    Protection.LANDLOCK: _opens_what_is_not_read,
    Protection.SECCOMP: _forks,
}

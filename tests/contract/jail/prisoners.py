"""What the jobs of these tests do: honest ones, broken ones, and those that abuse what they may do.

They run in the child, and so say what they saw in frames.
"""

import builtins
import ctypes
import fcntl
import hashlib
import json
import mmap
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Emit = Callable[[bytes], None]
Task = Callable[[bytes, int, int | None, Emit], None]
CHARTER = b""
REHEARSED: list[int] = []
FRAMES = 3
"""The descriptor that frames leave by."""
_LIBC = ctypes.CDLL(None, use_errno=True)


def name_me(name: bytes) -> None:
    """Makes this process known by a name that the host can look for."""
    _LIBC.prctl(15, name, 0, 0, 0)


def start_a_thread() -> None:
    """What no task may do before the fork."""
    threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()


def report(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Says what an honest task sees."""
    emit(order)
    emit(os.pread(body, 1 << 20, 0))
    emit(CHARTER)
    emit(hashlib.sha256(b"abc").hexdigest().encode())
    emit(str(abs(-4)).encode())
    if output is not None:
        os.write(output, b"a file of its own")


def rehearse() -> None:
    """Leaves a trace in the child that waits, and so in no other."""
    REHEARSED.append(os.getpid())


def rehearsed(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Says which process rehearsed, and which this is."""
    emit(json.dumps([REHEARSED, os.getpid()]).encode())


def poison(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Patches its own interpreter in every place that the next report rests on."""

    class Forged:
        def hexdigest(self) -> str:
            return "forged"

    global CHARTER
    CHARTER = b"forged"
    setattr(builtins, "abs", lambda _: 666)  # noqa: B010 - mypy does not let a builtin be assigned
    setattr(hashlib, "sha256", lambda _: Forged())  # noqa: B010 - the same
    TASKS["report"] = poison
    emit(str(builtins.abs(-4)).encode())
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("mailock.jail"):
            module.__dict__.clear()


def hang(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Never ends, whatever it is asked."""
    name_me(order)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    emit(b"hanging")
    while True:
        time.sleep(3600)


def spin(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Computes for ever, in one call that the interpreter cannot interrupt."""
    sum(range(1 << 60))


def stop(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Stops itself, as a debugger would."""
    signal.raise_signal(signal.SIGSTOP)


def daemons(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Leaves processes behind that belong to no group, session or parent of its own, then ends or hangs."""
    name_me(order)
    try:
        if os.fork() == 0:
            os.setsid()
            for _ in range(3):
                if os.fork() == 0:
                    os.setsid()
                    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                    time.sleep(3600)
            os._exit(0)
    except OSError as refused:
        emit(f"refused: {refused}".encode())
        return
    time.sleep(0.05)
    emit(b"left")


def feign(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Says that it is done, as the program around a task does after it, and goes on."""
    from mailock.jail.frames import returned

    name_me(order)
    emit(b"done")
    os.write(FRAMES, returned())
    while True:
        time.sleep(1)


def bomb(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Forks for ever, in every process that it gets."""
    name_me(order)
    while True:
        try:
            os.fork()
        except OSError:
            pass


def crash(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Reads where nothing is, as a parser in C does on the wrong input."""
    emit(b"before")
    ctypes.string_at(8)


def raises(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Raises what its order says."""
    errors: dict[bytes, BaseException] = {
        b"value": ValueError("secret of the mail"),
        b"exit": SystemExit(0),
        b"interrupt": KeyboardInterrupt(),
        b"memory": MemoryError(),
        b"recursion": RecursionError(),
    }
    raise errors[order]


def leave(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Ends the process with success, from under the parser, as a library that calls exit(0) would."""
    emit(b"found nothing")
    os._exit(0)


def eat(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Takes memory until there is none, and says how much there was, in MiB."""
    eaten: list[Any] = []
    try:
        while len(eaten) < 1 << 14:
            eaten.append(mmap.mmap(-1, 16 << 20))
    except (MemoryError, OSError):
        emit(str(16 * len(eaten)).encode())


def nest(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Recurses without end."""

    def deeper(depth: int) -> int:
        return deeper(depth + 1) + 1

    deeper(0)


def threads(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Starts threads until it may not, and says how many there were."""
    started = 0
    try:
        for _ in range(1000):
            threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    emit(str(started).encode())


def look_around(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Says what it was born with: environment, descriptors, account, working folder."""
    kinds: dict[int, int] = {}
    for number in range(64):
        try:
            kinds[number] = os.fstat(number).st_mode & 0o170000
        except OSError:
            pass
    # Whatever those that it has are, nothing can be said in the ones that stand for the terminal.
    null = [os.read(0, 1), os.write(1, b"shout"), os.write(2, b"shout")]
    told = {"environment": dict(os.environ), "descriptors": kinds, "uids": os.getresuid(), "gids": os.getresgid()}
    emit(json.dumps({**told, "folder": str(Path.cwd()), "null": null[1:]}).encode())


def meddle(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Tries to change the body that was lent to it, and the place at which others read in it."""
    attempts: dict[str, Callable[[], object]] = {
        "write": lambda: os.pwrite(body, b"forged", 0),
        "truncate": lambda: os.ftruncate(body, 0),
        "map": lambda: mmap.mmap(body, 4, prot=mmap.PROT_WRITE),
        "grow": lambda: os.posix_fallocate(body, 0, 1 << 20),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, PermissionError):
            continue
        emit(name.encode())
    for harmless in (lambda: os.fchmod(body, 0), lambda: os.lseek(body, 3, os.SEEK_SET)):
        try:
            harmless()
        except OSError:
            pass


def write(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Writes to its file, in the way that its order names."""
    assert output is not None
    match order:
        case b"too much":
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            while True:
                os.write(output, bytes(1 << 20))
        case b"sparse":
            os.ftruncate(output, 1 << 40)
        case b"sealed":
            os.write(output, b"mine")
            fcntl.fcntl(output, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL)
        case b"mapped":
            os.ftruncate(output, 4096)
            mapped = mmap.mmap(output, 4096)
            mapped[:4] = b"left"
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(mapped))
        case _:
            os.write(output, order)


def speak(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """Abuses the pipe that frames leave by, in the way that its order names."""
    head = struct.Struct(">IB")
    match order:
        case b"a huge frame":
            os.write(FRAMES, head.pack(0xFFFFFFFF, 1))
        case b"many frames":
            while True:
                os.write(FRAMES, head.pack(1, 1) + b"x")
        case b"frames without end":
            while True:
                os.write(FRAMES, head.pack(60_000, 1) + bytes(60_000))
        case b"an unknown kind":
            os.write(FRAMES, head.pack(0, 9))
        case b"a body in the last frame":
            os.write(FRAMES, head.pack(3, 2) + b"abc")
        case b"more after the last frame":
            os.write(FRAMES, head.pack(0, 2) + head.pack(1, 1) + b"x")
        case b"half a frame":
            os.write(FRAMES, head.pack(100, 1) + b"half")
            os._exit(0)
        case b"a frame within the last":
            os.write(FRAMES, head.pack(4, 1) + head.pack(0, 2)[:4])
            os._exit(0)
        case b"nothing more":
            os.close(FRAMES)
        case b"noise":
            os.write(FRAMES, hashlib.sha512(body.to_bytes(1, "big")).digest() * 500)
        case _:
            raise AssertionError(order)


TASKS: dict[str, Task] = {
    task.__name__: task
    for task in (
        report,
        rehearsed,
        feign,
        poison,
        hang,
        spin,
        stop,
        daemons,
        bomb,
        crash,
        raises,
        leave,
        eat,
        nest,
        threads,
        look_around,
        meddle,
        write,
        speak,
    )
}

"""Calls of the C library and the kernel that Python has no name for. Each raises OSError with the kernel's reason."""

import ctypes
import os

_LIBC = ctypes.CDLL(None, use_errno=True)
_KEEPING_THE_LOCK = ctypes.PyDLL(None, use_errno=True)
"""The same, called without giving the interpreter's lock away."""

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT = 24, 28, 38, 36, 47


def prctl(what: int, *arguments: int) -> int:
    """prctl(2)."""
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_LIBC.prctl(ctypes.c_int(what), *padded), f"prctl {what}")


def prctl_pointing(what: int, value: int, structure: bytes) -> None:
    """prctl(2) with a pointer to a structure as its last argument."""
    arguments = (ctypes.c_ulong(value), ctypes.c_char_p(structure), ctypes.c_ulong(0), ctypes.c_ulong(0))
    _checked(_LIBC.prctl(ctypes.c_int(what), *arguments), f"prctl {what}")


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """A call of the kernel by its number; a bytes argument is passed as a pointer to it."""
    passed = [ctypes.c_long(value) if isinstance(value, int) else ctypes.c_char_p(value) for value in arguments]
    return _checked(_LIBC.syscall(ctypes.c_long(number), *passed), f"system call {number}")


def fork() -> int:
    """fork(2) of the C library, without what Python does after one. Only for a process with one thread.

    Python's own fork makes its locks, thread table and random numbers anew in the child, which copies some two hundred
    pages of memory; a process that had no other thread holds no lock that it could not open. What it costs: children
    begin with the same numbers in `random`, from which nothing that is secret may be made anyway.
    """
    return _checked(_KEEPING_THE_LOCK.fork(), "fork")


def trim() -> None:
    """Gives free memory back to the kernel (malloc_trim(3)), where the C library can."""
    give_back = getattr(_LIBC, "malloc_trim", None)
    if give_back is not None:
        give_back(ctypes.c_size_t(0))


def unshare(flags: int) -> None:
    """unshare(2)."""
    _checked(_LIBC.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    options = None if data is None else data.encode()
    _checked(_LIBC.mount(*encoded, ctypes.c_ulong(flags), options), f"mount {target}")


def detach(target: str) -> None:
    """umount2(2) with MNT_DETACH."""
    _checked(_LIBC.umount2(os.fsencode(target), 2), f"umount {target}")


def address_of(buffer: ctypes.Array[ctypes.c_char]) -> int:
    """Where a buffer lies, for structures that hold pointers."""
    return ctypes.addressof(buffer)


def _checked(answer: int, what: str) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return answer

"""Landlock: reading below a few folders, and nothing else; no TCP, no abstract sockets, no signals to outside.

By raw system calls, after Documentation/userspace-api/landlock.rst. Each version of the interface adds rights; what the
running kernel knows is asked for, all of it, and what it does not know is left out.
"""

import os
import stat
import struct
from collections.abc import Iterable

from mailock.jail.linux import libc
from mailock.jail.linux.numbers import NUMBERS

_VERSION_FLAG, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FILE_RIGHTS = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
"""Rights over files by the version that brought them: the first thirteen, refer, truncate, ioctl on devices."""
_NET_VERSION, _NET_RIGHTS = 4, 0b11
_SCOPE_VERSION, _SCOPES = 6, 0b11


def version() -> int:
    """Of the interface. Raises OSError where the kernel has none, or has it switched off."""
    return libc.syscall(NUMBERS["landlock_create_ruleset"], None, 0, _VERSION_FLAG)


def handles(paths: Iterable[str]) -> tuple[int, ...]:
    """Descriptors of what will be readable, taken while the account can still reach it. Raises OSError."""
    return tuple(os.open(path, os.O_PATH | os.O_CLOEXEC) for path in paths)


def restrict(readable: tuple[int, ...]) -> None:
    """From now on this process and its children read below these folders and files, and do no more.

    Takes the handles, and closes them. Needs no_new_privs. Raises OSError.
    """
    try:
        ruleset = _ruleset()
        try:
            for handle in readable:
                rights = _READ_FILE | _READ_DIR if stat.S_ISDIR(os.fstat(handle).st_mode) else _READ_FILE
                rule = struct.pack("=Qi", rights, handle)
                libc.syscall(NUMBERS["landlock_add_rule"], ruleset, _PATH_BENEATH, rule, 0)
            libc.syscall(NUMBERS["landlock_restrict_self"], ruleset, 0)
        finally:
            os.close(ruleset)
    finally:
        for handle in readable:
            os.close(handle)


def _ruleset() -> int:
    """The descriptor of a set of rules that forbids all that the kernel can forbid."""
    known = version()
    files = 0
    for since, rights in _FILE_RIGHTS:
        if known >= since:
            files |= rights
    net = _NET_RIGHTS if known >= _NET_VERSION else 0
    scopes = _SCOPES if known >= _SCOPE_VERSION else 0
    # The structure grew with the versions; its length says how much of it is meant.
    size = 24 if known >= _SCOPE_VERSION else 16 if known >= _NET_VERSION else 8
    return libc.syscall(NUMBERS["landlock_create_ruleset"], struct.pack("=QQQ", files, net, scopes)[:size], size, 0)

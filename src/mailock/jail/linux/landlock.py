"""Landlock: reading below a few folders, and nothing else; no TCP, no abstract sockets, no signals to outside.

By raw system calls, after Documentation/userspace-api/landlock.rst. Each version of the interface adds rights; what the
running kernel knows is asked for, all of it, and what it does not know is left out.
"""

import os
import struct
from collections.abc import Iterable
from pathlib import Path

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


def restrict(readable: Iterable[str]) -> None:
    """From now on this process and its children read below these folders and files, and do no more.

    Needs no_new_privs. Raises OSError.
    """
    known = version()
    files = 0
    for since, rights in _FILE_RIGHTS:
        if known >= since:
            files |= rights
    net = _NET_RIGHTS if known >= _NET_VERSION else 0
    scopes = _SCOPES if known >= _SCOPE_VERSION else 0
    # The structure grew with the versions; its length says how much of it is meant.
    size = 24 if known >= _SCOPE_VERSION else 16 if known >= _NET_VERSION else 8
    ruleset = libc.syscall(NUMBERS["landlock_create_ruleset"], struct.pack("=QQQ", files, net, scopes)[:size], size, 0)
    try:
        for path in readable:
            _allow_reading(ruleset, path)
        libc.syscall(NUMBERS["landlock_restrict_self"], ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_reading(ruleset: int, path: str) -> None:
    rights = _READ_FILE | _READ_DIR if Path(path).is_dir() else _READ_FILE
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        libc.syscall(NUMBERS["landlock_add_rule"], ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, folder), 0)
    finally:
        os.close(folder)

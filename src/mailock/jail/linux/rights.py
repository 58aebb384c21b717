"""The rights of the process: another account than root, no capabilities, and no way to get any back."""

import os
import struct

from mailock.jail.linux import libc
from mailock.jail.linux.numbers import NUMBERS

NOBODY = 65_534
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63
# NOROOT, NO_SETUID_FIXUP, KEEP_CAPS off, NO_CAP_AMBIENT_RAISE, each locked (capabilities(7), securebits).
_SECURE_BITS = 0b1110_1111


def become_nobody() -> None:
    """Root becomes the account 65534, which owns nothing, without groups. Others stay what they are. Raises OSError."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def give_up_capabilities() -> None:
    """Empties every set of capabilities (capabilities(7)), for good. Raises OSError."""
    for number in range(_LAST_CAPABILITY + 1):
        try:
            libc.prctl(libc.PR_CAPBSET_DROP, number)
        except OSError:
            # EINVAL ends the kernel's own list; EPERM means that there is no capability with which to drop any.
            break
    try:
        libc.prctl(libc.PR_SET_SECUREBITS, _SECURE_BITS)
    except OSError:
        # Without CAP_SETPCAP they cannot be set, and then there is nothing that they would keep from us.
        pass
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    libc.syscall(NUMBERS["capset"], header, struct.pack("=6I", 0, 0, 0, 0, 0, 0))


def hide() -> None:
    """No process of the account may look into this one's memory, and it leaves no core file (prctl(2))."""
    libc.prctl(libc.PR_SET_DUMPABLE, 0)

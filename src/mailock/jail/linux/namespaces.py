"""A world of its own for the worker: no network, no processes but its own, and a file system that holds libraries.

Two ways lead into it. Root makes the namespaces as root and gives root up inside them. Everybody else makes a user
namespace first, in which the account has the rights to make the others (user_namespaces(7)); outside it has none.

The file system is an empty one in memory, into which the folders that Python and its libraries are loaded from are
mounted read-only. They are there because libraries load parts of themselves on first need (codecs, image formats,
providers of OpenSSL). Nothing else of the machine is: no /etc, /var, /home, /tmp, /proc, /sys; of /dev null and
urandom.
"""

import errno
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from mailock.jail.linux import libc
from mailock.jail.linux.numbers import NUMBERS
from mailock.jail.linux.rights import NOBODY

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND = 1, 2, 4, 32, 4096
_MS_REC, _MS_PRIVATE, _MS_NOEXEC = 16384, 1 << 18, 8
_ATTRIBUTES = _MS_RDONLY | _MS_NOSUID | _MS_NODEV
"""MOUNT_ATTR_RDONLY, _NOSUID and _NODEV of mount_setattr(2) have the same values as the flags of mount(2)."""
_AT_RECURSIVE, _AT_FDCWD = 0x8000, -100
_SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")
_STEPPING_STONES = ("/tmp", "/run", "/mnt", "/var", "/usr")
DEVICES = ("/dev/null", "/dev/urandom")


def enter_as_root(flags: int) -> None:
    """Makes the namespaces with the rights of root. Raises OSError."""
    libc.unshare(flags)


def enter_user_namespace(flags: int) -> None:
    """Makes the namespaces of an account that is not root, in which it is known as nobody. Raises OSError."""
    uid, gid = os.getuid(), os.getgid()
    # The account's own files under /proc belong to root while its memory is closed to others.
    libc.prctl(libc.PR_SET_DUMPABLE, 1)
    libc.unshare(NEWUSER | flags)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")
    try:
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    except OSError:
        # A wall before a wall: the filter of system calls refuses further namespaces as well.
        pass


def libraries() -> tuple[str, ...]:
    """The folders that Python and what it loads lie in; none lies in another."""
    interpreter = [entry for entry in (*sys.path, sys.prefix + "/lib", sys.base_prefix + "/lib") if entry]
    found = {Path(folder).absolute() for folder in (*_SYSTEM_LIBRARIES, *interpreter) if Path(folder).is_dir()}
    return tuple(sorted(str(folder) for folder in found if not found.intersection(folder.parents)))


def empty_file_system(kept: Iterable[str]) -> None:
    """Leaves nothing of the file system but the folders `kept`, read-only, under their own names. Raises OSError."""
    # What is mounted is held by descriptors, because the new tree covers some folder of the old one.
    held = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in kept if not Path(path).is_symlink()]
    links = [(path, Path(path).readlink()) for path in kept if Path(path).is_symlink()]
    devices = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in DEVICES]
    handles = os.open("/proc/self/fd", os.O_PATH | os.O_CLOEXEC)
    libc.mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    root = next(path for path in _STEPPING_STONES if Path(path).is_dir())
    libc.mount("jail", root, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "size=1m,nr_inodes=4k,mode=755")
    os.fchdir(handles)
    for path, held_as in held:
        target = root + path
        Path(target).mkdir(parents=True, exist_ok=True)
        libc.mount(f"{held_as}", target, None, _MS_BIND | _MS_REC)
        _make_read_only(target)
    for path, points_to in links:
        Path(root + path).parent.mkdir(parents=True, exist_ok=True)
        Path(root + path).symlink_to(points_to)
    Path(root, "dev").mkdir()
    for path, held_as in devices:
        Path(root + path).touch()
        libc.mount(f"{held_as}", root + path, None, _MS_BIND)
    for descriptor in (*(one for _, one in held), *(one for _, one in devices), handles):
        os.close(descriptor)
    os.chdir(root)
    # The old root lands on top of the new one, and is taken off there (pivot_root(2), "pivot_root . .").
    libc.syscall(NUMBERS["pivot_root"], b".", b".")
    libc.detach(".")
    os.chdir("/")
    libc.mount("none", "/", None, _MS_REMOUNT | _MS_BIND | _ATTRIBUTES | _MS_NOEXEC)


def _make_read_only(target: str) -> None:
    """With all that is mounted in it, where the kernel can do that (Linux 5.12)."""
    attributes = _ATTRIBUTES.to_bytes(8, sys.byteorder) + bytes(24)
    try:
        libc.syscall(
            NUMBERS["mount_setattr"], _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, attributes, len(attributes)
        )
    except OSError as fault:
        if fault.errno != errno.ENOSYS:
            raise
        kept = os.statvfs(target).f_flag & _MS_NOEXEC
        libc.mount("none", target, None, _MS_REMOUNT | _MS_BIND | _ATTRIBUTES | kept)

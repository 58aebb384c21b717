"""Files in memory that go into the jail and come out of it (memfd_create(2)).

What goes in is never a file of the spool itself: the worker may have the same account, and an owner may change the mode
even of a file that he has open for reading only. What comes out is sealed when every process that could write to it is
dead, so that it cannot change between a look at it and the next.
"""

import errno
import fcntl
import os

_ALL = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
_CHUNK = 1 << 20


def sealed(content: bytes) -> int:
    """A descriptor of a file in memory with this content, which nobody can change any more."""
    descriptor = blank("order")
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        seal(descriptor)
        os.lseek(descriptor, 0, os.SEEK_SET)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_in_memory(descriptor: int) -> bool:
    """Whether it is of a file in memory that has no name, so that its mode and owner mean nothing to anybody."""
    if os.fstat(descriptor).st_nlink:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
    except OSError as fault:
        if fault.errno == errno.EINVAL:
            return False
        raise
    return True


def reopened(descriptor: int) -> int:
    """The same file, open for reading only, with a position of its own. Raises OSError."""
    return os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)


def copied(descriptor: int) -> int:
    """A sealed copy of a file, from its first octet on. Blocks on the disk. Raises OSError."""
    copy = blank("body")
    try:
        offset = 0
        while sent := os.sendfile(copy, descriptor, offset, _CHUNK):
            offset += sent
        seal(copy)
        os.lseek(copy, 0, os.SEEK_SET)
    except BaseException:
        os.close(copy)
        raise
    return copy


def blank(name: str) -> int:
    """An empty file in memory."""
    return os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def seal(descriptor: int) -> None:
    """Makes it unchangeable. Raises OSError where somebody can still write, or forbade it."""
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _ALL)

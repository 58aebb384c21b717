"""Room that is kept back, so that on a full disk what was done can still be written down.

A file of zeros lies in the data directory. When the disk is full it is deleted: from then on nothing new is accepted,
and outcomes are written into the room that it left. It is laid again when there is room for it twice over.
"""

import os
from pathlib import Path
from typing import Final

NAME: Final = "ballast"


class Ballast:
    """The file. `size` 0: none is kept."""

    def __init__(self, directory: Path, size: int) -> None:
        self._path = directory / NAME
        self._size = size

    @property
    def size(self) -> int:
        """Bytes that are kept back when it is laid."""
        return self._size

    def lay(self) -> bool:
        """Lays the ballast where it does not lie and there is room for it; says whether it lies now."""
        if not self._size:
            return True
        if self._path.exists() and self._path.stat().st_size == self._size:
            return True
        if free_bytes(self._path.parent) < 2 * self._size:
            return False
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
        except OSError:
            # Somebody else took the room meanwhile: half a ballast is none.
            self._path.unlink(missing_ok=True)
            return False
        return True

    def release(self) -> bool:
        """Deletes the ballast; says whether there was any."""
        if not self._size or not self._path.exists():
            return False
        self._path.unlink()
        return True


def free_bytes(directory: Path) -> int:
    """Bytes that we may still write on the file system of a directory."""
    stat = os.statvfs(directory)
    return stat.f_bavail * stat.f_frsize

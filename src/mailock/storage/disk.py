"""What bodies ask of a file system, in one place, so that a test can stand between and lose the power."""

import os
from pathlib import Path
from typing import Final

_WRITING: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class Disk:
    """The real one. Every call blocks and raises OSError."""

    def create(self, path: Path) -> int:
        """Opens a new file for writing."""
        return os.open(path, _WRITING, 0o600)

    def write(self, file: int, chunks: list[bytes]) -> None:
        """Writes all of the chunks at the file's end."""
        for start in range(0, len(chunks), 512):
            _write_all(file, chunks[start : start + 512])

    def sync(self, file: int) -> None:
        """Returns once the bytes of a file, and its size, are on the disk."""
        os.fdatasync(file)

    def close(self, file: int) -> None:
        """Closes a file."""
        os.close(file)

    def rename(self, old: Path, new: Path) -> None:
        """Gives a file its name."""
        old.rename(new)

    def sync_directory(self, directory: Path) -> None:
        """Returns once the names in a directory are on the disk."""
        file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def delete(self, path: Path) -> None:
        """Deletes a file; one that is not there is no fault."""
        path.unlink(missing_ok=True)


def _write_all(file: int, chunks: list[bytes]) -> None:
    written = os.writev(file, chunks)
    rest = b""
    for chunk in chunks:
        if written < len(chunk):
            rest += chunk[max(written, 0) :]
        written -= len(chunk)
    while rest:
        rest = rest[os.write(file, rest) :]

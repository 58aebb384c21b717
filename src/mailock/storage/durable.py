"""Small files that must survive a power cut whole: written beside the old one, synced, renamed, the folder synced."""

import os
from pathlib import Path


def write_durably(path: Path, content: str | bytes) -> None:
    """Replaces a file. What root writes belongs to the owner of the folder, so that the gateway can read it.

    Blocks. Raises OSError, and then the old file stands.
    """
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        os.fchmod(file.fileno(), 0o640)
        if os.geteuid() == 0:
            owner = path.parent.stat()
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Returns once the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

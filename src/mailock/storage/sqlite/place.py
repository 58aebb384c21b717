"""The directory of the embedded store: on a disk of this machine, and held by one process."""

import fcntl
import os
from pathlib import Path
from typing import Final

LOCK: Final = "lock"
NETWORKED: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "lustre", "glusterfs", "beegfs", "davfs"}
    | {f"fuse.{kind}" for kind in ("sshfs", "glusterfs", "ceph", "s3fs", "rclone", "davfs", "juicefs")}
)
"""File systems whose locks, syncs or shared memory do not hold what SQLite needs of them."""


class SpoolTaken(Exception):
    """Another process has the store open."""


class NetworkFileSystem(Exception):
    """The store would lie on another machine's disk."""


class SpoolLock:
    """The lock file, held from construction to `release` or the end of the process. Raises SpoolTaken, OSError."""

    def __init__(self, directory: Path) -> None:
        self._file = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 20, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            who = f"process {holder}" if holder else "another process"
            raise SpoolTaken(
                f"{directory} is in use by {who}: stop that Mailock, or give this one a data directory of its own"
            ) from None
        if os.geteuid() == 0:
            # A command that root gives must not lock out the account that the gateway runs under.
            owner = directory.stat()
            os.fchown(self._file, owner.st_uid, owner.st_gid)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Lets another process have the store."""
        os.close(self._file)


def refuse_network(directory: Path, mounts: Path = Path("/proc/self/mountinfo")) -> None:
    """Raises NetworkFileSystem where a directory lies on another machine. `mounts` lists what is mounted (proc(5))."""
    kind = file_system_of(directory.resolve(), mounts)
    if kind in NETWORKED:
        raise NetworkFileSystem(
            f"{directory} is on a network file system ({kind}), which cannot promise that mail survives a crash:"
            " put data on a local disk, or use store = postgresql://…"
        )


def file_system_of(directory: Path, mounts: Path) -> str | None:
    """The kind of file system that a directory lies on; None where the system does not say."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    best: tuple[int, str] | None = None
    for line in lines:
        # ID, parent, device, root, mount point, options, optional fields …, "-", kind, source, options
        fields, _, rest = line.partition(" - ")
        point = Path(_unescaped(fields.split(" ")[4]))
        # Of two mounts on one point the later hides the earlier.
        if directory.is_relative_to(point) and (best is None or len(point.parts) >= best[0]):
            best = (len(point.parts), rest.split(" ")[0])
    return None if best is None else best[1]


def _unescaped(text: str) -> str:
    for escape, character in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        text = text.replace(escape, character)
    return text

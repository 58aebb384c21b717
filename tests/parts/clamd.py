"""clamd, private and quick to start: no official database, only signatures that a test writes."""

import hashlib
import os
import pwd
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.hiding.payload import PAYLOAD
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.programs import Running, private_dir, program, running

NEEDLE = b"needle-in-the-hay"
"""Anywhere in a content: `Test.Needle`."""
UNWANTED = b"tool-in-the-hay"
"""Anywhere in a content: `PUA.Test.Tool`."""
STREAM_MAXIMUM = 4 << 20
FILE_MAXIMUM = 2 << 20

_CONFIG = """\
LocalSocket {folder}/clamd.ctl
LocalSocketMode 666
TCPSocket {port}
TCPAddr {host}
DatabaseDirectory {folder}/db
TemporaryDirectory {folder}/tmp
StreamMaxLength {stream}
MaxFileSize {file}
MaxThreads 4
DetectPUA yes
AlertExceedsMax yes
AlertEncrypted yes
CommandReadTimeout 5
IdleTimeout 3
ConcurrentDatabaseReload {concurrent}
{user}
"""


@dataclass(kw_only=True)
class Clamd:
    """A running instance."""

    folder: Path
    port: int
    process: Running

    @property
    def socket(self) -> Path:
        """Its Unix socket."""
        return self.folder / "clamd.ctl"

    def sign(self, name: str, content: bytes) -> None:
        """A signature for exactly this content; it counts after `reload`."""
        with (self.folder / "db" / "more.hdb").open("a") as database:
            database.write(f"{hashlib.md5(content).hexdigest()}:{len(content)}:{name}\n")

    def fatten(self, signatures: int) -> None:
        """Signatures that match nothing: loading them takes its time."""
        with (self.folder / "db" / "many.hdb").open("w") as database:
            for number in range(signatures):
                database.write(f"{hashlib.md5(b'%d' % number).hexdigest()}:{number + 1}:Test.Many.{number}\n")

    def reload(self) -> None:
        """Has it load its signatures again; it answers at once and does it in its own time."""
        assert self.ask(b"RELOAD") == b"RELOADING"

    def ask(self, command: bytes) -> bytes:
        """The answer to a command outside of a session."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(self.socket))
            connection.sendall(b"z" + command + b"\0")
            return connection.recv(4096).rstrip(b"\0")

    def log(self) -> str:
        """What it printed."""
        return self.process.printed()


@contextmanager
def clamd(*, concurrent_reload: bool = True) -> Iterator[Clamd]:
    """One that knows the industry's test file, `NEEDLE` and `UNWANTED`."""
    command = program("clamd", package="clamav-daemon")
    with private_dir("clamd") as folder:
        database = folder / "db"
        for place in (database, folder / "tmp"):
            place.mkdir()
        (database / "test.hdb").write_text(f"{hashlib.md5(PAYLOAD).hexdigest()}:{len(PAYLOAD)}:Test.Eicar\n")
        (database / "test.ndb").write_text(f"Test.Needle:0:*:{NEEDLE.hex()}\n")
        (database / "test.ndu").write_text(f"PUA.Test.Tool:0:*:{UNWANTED.hex()}\n")
        root = os.geteuid() == 0
        if root:
            owner = pwd.getpwnam("nobody")
            for place in (folder, database, folder / "tmp"):
                os.chown(place, owner.pw_uid, owner.pw_gid)
        port = free_port()
        config = folder / "clamd.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                host=LOOPBACK,
                port=port,
                stream=STREAM_MAXIMUM,
                file=FILE_MAXIMUM,
                concurrent="yes" if concurrent_reload else "no",
                user="User nobody" if root else "",
            )
        )
        place = folder / "clamd.ctl"
        with running(
            [command, "--foreground", "-c", str(config)],
            output=folder / "clamd.out",
            ready=lambda: place.exists() and _listens(place),
        ) as process:
            yield Clamd(folder=folder, port=port, process=process)


def _listens(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(place))
        except OSError:
            return False
    return True

"""What scanners ask, as real Debian packages on loopback: a resolver that knows of nothing, and ClamAV.

Both serve every side alike, so what they take is not counted as anybody's.
"""

import os
import pwd
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailock.testing.bench.programs import LOOPBACK, free_port, need_program, started

_UNBOUND = """\
server:
    interface: {host}@{port}
    access-control: 127.0.0.0/8 allow
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: "{folder}/unbound.pid"
    use-syslog: no
    logfile: ""
    num-threads: 1
    module-config: "iterator"
    local-zone: "." static
    local-data: ". 3600 IN SOA bench.test. nobody.bench.test. 1 3600 1200 604800 3600"
remote-control:
    control-enable: no
"""
_CLAMD = """\
LocalSocket {folder}/clamd.ctl
LocalSocketMode 666
DatabaseDirectory {folder}/db
TemporaryDirectory {folder}/tmp
StreamMaxLength 100M
MaxThreads 4
{user}
"""


@contextmanager
def resolver(folder: Path) -> Iterator[int]:
    """The port of an Unbound that answers every question at once: there is no such name."""
    port = free_port()
    place = folder / "unbound"
    place.mkdir()
    config = place / "unbound.conf"
    config.write_text(_UNBOUND.format(host=LOOPBACK, port=port, folder=place))
    command = [need_program("unbound", package="unbound"), "-d", "-c", str(config)]
    with started(command, output=place / "unbound.out") as process:
        process.wait_until(lambda: _answers_questions(port), within=20, what="its first answer")
        yield port


@contextmanager
def clamd(folder: Path) -> Iterator[Path]:
    """The socket of a clamd with a single signature: no real database may be fetched here, and matching is not what is
    compared.
    """
    place = folder / "clamd"
    for inner in (place, place / "db", place / "tmp"):
        inner.mkdir()
        if os.geteuid() == 0:
            os.chown(inner, pwd.getpwnam("nobody").pw_uid, -1)
    (place / "db" / "bench.hdb").write_text("44d88612fea8a8f36de82e1278abb02f:68:Test.Eicar\n")
    config = place / "clamd.conf"
    config.write_text(_CLAMD.format(folder=place, user="User nobody" if os.geteuid() == 0 else ""))
    path = place / "clamd.ctl"
    command = [need_program("clamd", package="clamav-daemon"), "--foreground", "-c", str(config)]
    with started(command, output=place / "clamd.out") as process:
        process.wait_until(lambda: _is_there(path), within=60, what="its socket")
        yield path


def _answers_questions(port: int) -> bool:
    """Whether a question for the root's addresses is answered (RFC 1035 4.1)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        try:
            asking.sendto(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x04test\0\0\x01\0\x01", (LOOPBACK, port))
            return asking.recv(512)[:2] == b"\x12\x34"
        except OSError:
            return False


def _is_there(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(path))
        except OSError:
            return False
    return True

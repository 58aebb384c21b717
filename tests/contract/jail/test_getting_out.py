"""What tries to get out from inside does not, in any strength of the jail."""

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailock.jail.protection import Protection
from mailock.ports.jail import End
from tests.contract.jail.conftest import Ward
from tests.contract.jail.escapes import ATTEMPTS

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = b"the secret of the host"

# Where not every strength is a wall: the protections of which one at least has to be in force.
_SECCOMP = {Protection.SECCOMP}
NEEDS = {
    "run_the_loader": {Protection.SECCOMP, Protection.LANDLOCK},
    "make_namespaces": _SECCOMP,
    "clone_namespaces": _SECCOMP,
    "ask_the_kernel": _SECCOMP,
    "use_another_architecture": _SECCOMP,
}


@dataclass(slots=True)
class Outside:
    """What there is to reach on the host, and what was reached."""

    order: dict[str, str | int]
    victim: "subprocess.Popen[bytes]"
    secret: Path
    folder: Path
    visitors: list[str]

    def harm(self) -> list[str]:
        """What happened to it."""
        found = [f"a visitor on {visitor}" for visitor in self.visitors]
        if self.victim.poll() is not None:
            found.append(f"the victim was ended: {self.victim.returncode}")
        elif Path(f"/proc/{self.victim.pid}/stat").read_text().split()[2] in "Tt":
            found.append("the victim was stopped")
        if self.secret.read_bytes() != SECRET or self.secret.stat().st_mode & 0o777 != 0o666:
            found.append("the secret was changed")
        return found + [f"{path} was made" for path in self.folder.iterdir()]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Listeners, a process and files on the host, open to everybody."""
    place = Path(tmp_path_factory.mktemp("outside"))
    folder, secret = place / "folder", place / "secret"
    folder.mkdir()
    secret.write_bytes(SECRET)
    for path, mode in ((place, 0o755), (folder, 0o777), (secret, 0o666)):
        path.chmod(mode)
    abstract = f"mailock-{os.urandom(6).hex()}"
    tcp, unix, nameless = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX), socket.socket(1)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", tcp.getsockname()[1]))
    short = Path(f"/tmp/{abstract}")
    unix.bind(str(short))
    short.chmod(0o777)
    nameless.bind(f"\0{abstract}")
    for listener in (unix, nameless):
        listener.listen()
    victim = subprocess.Popen(["sleep", "600"], preexec_fn=_become_nobody)
    order: dict[str, str | int] = {
        "pid": victim.pid,
        "port": tcp.getsockname()[1],
        "socket": str(short),
        "abstract": abstract,
        "file": str(secret),
        "folder": str(folder),
    }
    found = Outside(order, victim, secret, folder, [])
    stopping = threading.Event()
    watch = threading.Thread(target=_watch, args=([tcp, unix, nameless, udp], found.visitors, stopping))
    watch.start()
    yield found
    stopping.set()
    watch.join()
    victim.kill()
    victim.wait()
    short.unlink()
    for listener in (tcp, unix, nameless, udp):
        listener.close()


def _become_nobody() -> None:
    """The victim has the account of the jail, so that the account is no wall."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65_534, 65_534, 65_534)
        os.setresuid(65_534, 65_534, 65_534)


def _watch(listeners: list[socket.socket], visitors: list[str], stopping: threading.Event) -> None:
    import select

    while not stopping.is_set():
        ready, _, _ = select.select(listeners, [], [], 0.05)
        for listener in ready:
            visitors.append(str(listener.getsockname()))
            if listener.type is socket.SOCK_DGRAM:
                listener.recv(100)
            else:
                listener.accept()[0].close()


@pytest.mark.parametrize("attempt", sorted(ATTEMPTS))
async def test_an_attempt_meets_a_wall(attempt: str, ward: Ward, outside: Outside) -> None:
    if attempt in NEEDS and not NEEDS[attempt] & ward.mode.held:
        pytest.skip(f"{attempt} is a matter of {', '.join(sorted(one.value for one in NEEDS[attempt]))}")
    ended = await ward.run("escape", json.dumps({**outside.order, "attempt": attempt}).encode())
    said = b" ".join(ended.untrusted_frames)
    assert not said.startswith(b"GOT"), said
    # One that was killed for its attempt said nothing; every other one has to have come to its end.
    killed = ended.end is End.DIED and "was ended by" in ended.detail
    assert killed or said.startswith(b"wall"), (ended, said)
    assert outside.harm() == []
    after = await ward.run("report", b"still here")
    assert after.end is End.DONE
    assert after.untrusted_frames[0] == b"still here"


async def test_the_outside_of_these_tests_can_be_harmed(outside: Outside) -> None:
    """The same attempts from the host get through: otherwise the walls above would prove nothing."""
    from tests.contract.jail import escapes

    for attempt in ("connect_tcp", "send_udp", "connect_unix", "connect_abstract"):
        assert ATTEMPTS[attempt](outside.order), attempt
    assert escapes.read_files(outside.order)
    assert escapes.list_folders(outside.order)
    os.kill(outside.victim.pid, signal.SIGSTOP)
    for _ in range(100):
        if len(outside.visitors) == 4 and any("stopped" in harm for harm in outside.harm()):
            break
        threading.Event().wait(0.02)
    assert len(outside.visitors) == 4
    assert any("stopped" in harm for harm in outside.harm())
    outside.visitors.clear()
    os.kill(outside.victim.pid, signal.SIGCONT)

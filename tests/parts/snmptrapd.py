"""snmptrapd: a receiver of SNMP traps that we did not write; it shows the objects by their numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.parts.ports import LOOPBACK, free_port
from tests.parts.programs import Running, private_dir, program, running

_CONFIG = """\
createUser -e 0x{engine} watcher SHA-256 "authentic-words" AES "private-words"
authUser log watcher authPriv
authCommunity log community-word
format2 TRAP %P %v\\n
"""


@dataclass(kw_only=True)
class Snmptrapd:
    """A running instance."""

    port: int
    process: Running

    def traps(self) -> list[str]:
        """What came, a line each."""
        return [line for line in self.process.printed().splitlines() if line.startswith("TRAP")]


@contextmanager
def snmptrapd(engine: bytes) -> Iterator[Snmptrapd]:
    """One that knows the sender whose engine has this id, as the user `watcher`, and one community."""
    command = program("snmptrapd", package="snmptrapd")
    port = free_port()
    with private_dir("snmptrapd") as folder:
        config = folder / "snmptrapd.conf"
        config.write_text(_CONFIG.format(engine=engine.hex()))
        arguments = ["-f", "-n", "-Lo", "-m", "", "-C", "-c", str(config), "-p", str(folder / "pid")]
        output = folder / "out"
        with running(
            [command, *arguments, f"udp:{LOOPBACK}:{port}"],
            output=output,
            ready=lambda: output.exists() and b"NET-SNMP version" in output.read_bytes(),
            environment={"SNMP_PERSISTENT_DIR": str(folder)},
        ) as process:
            yield Snmptrapd(port=port, process=process)

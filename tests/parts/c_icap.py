"""c-icap with its virus scanner: an ICAP server that we did not write, asking a private clamd."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.clamd import Clamd
from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import Running, lacking, private_dir, program, running

MODULES = Path("/usr/lib/x86_64-linux-gnu/c_icap")
LARGEST = 3 << 20
"""Octets of a content that is scanned; a larger one goes by unscanned, and the answer says that."""

_CONFIG = """\
PidFile {folder}/pid
CommandsSocket {folder}/commands
Timeout 30
KeepAliveTimeout 30
MaxKeepAliveRequests {keep}
StartServers 1
MaxServers 2
MinSpareThreads 4
MaxSpareThreads 8
ThreadsPerChild 8
Port {host}:{port}
{user}
TmpDir {folder}/tmp
MaxMemObject 131072
DebugLevel 1
ModulesDir {modules}
ServicesDir {modules}
TemplateDir /usr/share/c_icap/templates/
TemplateDefaultLanguage en
LoadMagicFile /etc/c-icap/c-icap.magic
ServerLog {folder}/server.log
AccessLog {folder}/access.log
Service echo srv_echo.so
Service antivirus_module virus_scan.so
ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple
ServiceAlias no204 virus_scan?allow204=off&sizelimit=off&mode=simple
virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE DOCUMENT UNKNOWN
virus_scan.SendPercentData 5
virus_scan.StartSendPercentDataAfter 1M
virus_scan.MaxObjectSize {largest}
virus_scan.DefaultEngine clamd
Module common clamd_mod.so
clamd_mod.ClamdSocket {clamd}
"""


@dataclass(kw_only=True)
class CIcap:
    """A running instance."""

    folder: Path
    port: int
    process: Running

    def url(self, service: str = "avscan") -> str:
        """A service of it: `avscan`, `no204`, `echo`."""
        return f"icap://{LOOPBACK}:{self.port}/{service}"

    def log(self) -> str:
        """What it logged."""
        return (self.folder / "server.log").read_text(errors="replace")[-4000:] + self.process.printed()


@contextmanager
def c_icap(behind: Clamd, *, keep: int = 100) -> Iterator[CIcap]:
    """One whose scanner is this clamd; it answers `keep` questions over one connection."""
    command = program("c-icap", package="c-icap")
    if not (MODULES / "virus_scan.so").exists():
        lacking("virus_scan.so (Debian package libc-icap-mod-virus-scan)")
    with private_dir("c-icap") as folder:
        root = os.geteuid() == 0
        (folder / "tmp").mkdir()
        if root:
            owner = pwd.getpwnam("nobody")
            for place in (folder, folder / "tmp"):
                os.chown(place, owner.pw_uid, owner.pw_gid)
        port = free_port()
        config = folder / "c-icap.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                host=LOOPBACK,
                port=port,
                keep=keep,
                modules=MODULES,
                largest=LARGEST,
                clamd=behind.socket,
                user="User nobody\nGroup nogroup" if root else "",
            )
        )
        with running(
            [command, "-N", "-f", str(config)], output=folder / "out", ready=lambda: answers(LOOPBACK, port)
        ) as process:
            yield CIcap(folder=folder, port=port, process=process)

"""Mailock as a side: the product as a user runs it, `mailock run -c mailock.toml`, under the bench's interpreter."""

import datetime
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailock import __version__
from mailock.net.certificates import Certificates
from mailock.net.identity import read_material
from mailock.testing.bench.programs import LOOPBACK, answers, started
from mailock.testing.bench.side import After, Certificate, Scan, Serving, Side, Task

# Whom it becomes when root runs the bench.
_USER = "nobody"
"""Whom root's gateway becomes, where that account may read the interpreter."""
_NO_LIMIT = 10_000_000


class Mailock(Side):
    """The version that the bench itself belongs to."""

    @property
    def name(self) -> str:
        return "mailock"

    def prepare(self) -> str:
        return __version__

    def settings(self) -> tuple[str, ...]:
        return (
            "syncs: a transaction of SQLite (WAL, synchronous = FULL) for all messages that came meanwhile, then 250s",
            "bodies over 64 KiB are files, each synced and renamed before its transaction",
            "delivery held: [mta.delivery] paused = true",
            "relay: no scanning; scan: every engine and the authentication of senders as they come",
            "mail of all sorts, and the large one: what is found is logged and goes on to the next hop all the same",
            "limits per client raised above the load; storage_percent = 100; otherwise as it comes",
            "the log of messages is written, as it comes",
            "TLS: the same ECDSA P-256 certificate",
        )

    @contextmanager
    def serve(self, task: Task) -> Iterator[Serving]:
        port = task.port
        file = task.folder / "mailock.toml"
        file.write_text(_configuration(task, port))
        data = task.folder / "data"
        if not data.exists():
            data.mkdir(mode=0o700)
            if _becomes_user():
                user = pwd.getpwnam(_USER)
                os.chown(data, user.pw_uid, user.pw_gid)
            if task.certificate is not None:
                _import(task.certificate, data / "certificates")
        command = [str(Path(sys.executable).with_name("mailock")), "run", "-c", str(file)]
        with started(command, output=task.folder / "mailock.out") as process:
            process.wait_until(lambda: answers(port), within=60, what="its greeting")
            yield Serving(port=port, process=process)


def _import(certificate: Certificate, folder: Path) -> None:
    material = read_material(
        "the bench's certificate", certificate.certificate.read_bytes() + certificate.key.read_bytes()
    )
    Certificates(folder).put("the bench's certificate", material, now=datetime.datetime.now(datetime.UTC))


def _becomes_user() -> bool:
    python = Path(sys.base_prefix)
    return os.geteuid() == 0 and all(folder.stat().st_mode & 0o001 for folder in (python, *python.parents))


def _configuration(task: Task, port: int) -> str:
    user = f'user = "{_USER}"' if _becomes_user() else ""
    return f"""\
[node]
hostname = "mailock.bench.test"
data = "{task.folder / "data"}"
{user}
{"" if task.scan is None else f'resolvers = ["{LOOPBACK}:{task.scan.resolver}"]'}

[console]
enabled = false

[mta]
interfaces = ["{LOOPBACK}"]
port = {port}

[[mta.forwarding]]
domain = "*"
next_hop = "{LOOPBACK}:{task.next_hop}"

[mta.delivery]
paused = {str(task.after is After.HOLD).lower()}

[mta.limits]
message_size = {task.size_limit}
connections = {task.sessions + 500}
connections_per_source = {task.sessions + 500}
connection_rate = {_NO_LIMIT}
message_rate = {_NO_LIMIT}
internal_message_rate = {_NO_LIMIT}

[mta.mail_settings]
storage_percent = 100

{_UNSCANNED if task.scan is None else _scanning(task.scan)}
"""


_UNSCANNED = """\
[anti_virus]
enabled = false
[anti_spam]
enabled = false

[authentication]
enabled = false
"""
_PASSING = """\
[malicious_mail]
enabled = false

[judgement]
suspicious = "deliver"
ambiguous = "deliver"

[judgement.incoming]
malware = "open"
protected = "deliver"

[anti_spam]
detect_only = true
"""


def _scanning(scan: Scan) -> str:
    clamav = "" if scan.clamd is None else f'[anti_virus]\nclamav = "unix:{scan.clamd}"\n'
    return f"{clamav}\n{_PASSING if scan.passing else ''}"

"""Postfix as a side: a private instance under a folder of its own; nothing of /etc/postfix is read."""

import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mailock.testing.bench.programs import (
    LOOPBACK,
    CannotMeasureError,
    answers,
    need_program,
    run_to_end,
    started,
)
from mailock.testing.bench.side import After, Serving, Side, Task

_MASTER = """\
{host}:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(Side):
    """Debian's Postfix. Needs root, as its master process does. `extra` parameters come on top of the others."""

    def __init__(self, extra: Mapping[str, str] | None = None) -> None:
        self._extra = extra or {}

    @property
    def name(self) -> str:
        return "postfix"

    def prepare(self) -> str:
        need_program("postfix", package="postfix")
        if os.geteuid() != 0:
            raise CannotMeasureError("Postfix starts as root only: run the bench as root to compare with it")
        return run_to_end([need_program("postconf", package="postfix"), "-d", "-h", "mail_version"], within=10).strip()

    def settings(self) -> tuple[str, ...]:
        return (
            "syncs: cleanup fsyncs each message's queue file before 250; the folder is left to the journal",
            "delivery held: check_client_access static:HOLD, so that cleanup files it under hold and nobody else runs",
            "default_process_limit = sessions + 100, no chroot, no DNS, no limits per client, in_flow_delay = 0",
            "smtp_destination_concurrency_limit = 50 (20 as it comes), initial_destination_concurrency = 20 (5)",
            "smtp_connection_cache_destinations = the next hop, so that connections to it are reused",
            "logs to a file through postlogd, as it comes",
            "TLS: smtpd_tls_security_level = may, the same ECDSA P-256 certificate, no session cache",
        )

    @contextmanager
    def serve(self, task: Task) -> Iterator[Serving]:
        port = task.port
        etc = task.folder / "etc"
        for name in ("etc", "queue", "data"):
            (task.folder / name).mkdir(exist_ok=True)
        os.chown(task.folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        parameters = {**_parameters(task), **self._extra}
        (etc / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in parameters.items()))
        (etc / "master.cf").write_text(_MASTER.format(host=LOOPBACK, port=port))
        # Lays out the queue's folders and finds a broken configuration before anything runs.
        run_to_end([need_program("postfix", package="postfix"), "-c", str(etc), "check"], within=60)
        postconf = need_program("postconf", package="postfix")
        daemons = run_to_end([postconf, "-c", str(etc), "-h", "daemon_directory"], within=10).strip()
        with started(
            [f"{daemons}/master", "-c", str(etc), "-d"],
            output=task.folder / "master.out",
            environment={"MAIL_CONFIG": str(etc)},
            log=task.folder / "mail.log",
        ) as process:
            process.wait_until(lambda: answers(port), within=30, what="its greeting")
            yield Serving(port=port, process=process)


def _parameters(task: Task) -> Mapping[str, str]:
    folder: Path = task.folder
    held = "check_client_access static:HOLD," if task.after is After.HOLD else ""
    parameters = {
        "compatibility_level": "3.6",
        "queue_directory": str(folder / "queue"),
        "data_directory": str(folder / "data"),
        "maillog_file": str(folder / "mail.log"),
        "maillog_file_prefixes": str(folder),
        "myhostname": "postfix.bench.test",
        "mydestination": "",
        "relayhost": f"[{LOOPBACK}]:{task.next_hop}",
        "inet_interfaces": LOOPBACK,
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "smtpd_relay_restrictions": "permit_mynetworks reject",
        "smtpd_recipient_restrictions": f"{held} permit",
        "smtpd_peername_lookup": "no",
        "smtp_dns_support_level": "disabled",
        "smtp_host_lookup": "native",
        "alias_maps": "",
        "alias_database": "",
        "local_recipient_maps": "",
        "queue_minfree": "0",
        "message_size_limit": str(task.size_limit),
        "default_process_limit": str(task.sessions + 100),
        "smtpd_client_connection_rate_limit": "0",
        "smtpd_client_connection_count_limit": "0",
        "smtpd_client_message_rate_limit": "0",
        "in_flow_delay": "0",
        "initial_destination_concurrency": "20",
        "smtp_destination_concurrency_limit": "50",
        "smtp_connection_cache_destinations": f"[{LOOPBACK}]:{task.next_hop}",
    }
    if task.certificate is not None:
        parameters |= {
            "smtpd_tls_security_level": "may",
            "smtpd_tls_chain_files": f"{task.certificate.key} {task.certificate.certificate}",
        }
    return parameters

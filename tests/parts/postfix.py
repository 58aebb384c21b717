"""Postfix, as the hop behind us or before us: a whole private mail system under a temporary folder.

Nothing of /etc/postfix is read. `next_hop` takes mail for any domain and lays it into a Maildir; `previous_hop` takes
mail and hands it on to an address that the test names, and tries again every second while that fails.
"""

import asyncio
import grp
import json
import os
import pwd
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosmtplib

from tests.parts.certificates import Certificate
from tests.parts.maildir import Delivered, read_maildirs, wait_for_mail
from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import Running, checked, need_root, private_dir, program, running

_MASTER = """\
{host}:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


_QUEUE_FOLDERS = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"),
    *("private", "saved", "trace"),
)


@dataclass(kw_only=True)
class Postfix:
    """A running instance. Mail for it goes to `address`; what it delivered is under `mail`."""

    folder: Path
    host: str
    port: int
    process: Running

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.host, self.port

    @property
    def mail(self) -> Path:
        """The folder of its one Maildir, which holds a file for each message and recipient."""
        return self.folder / "mail"

    def log(self) -> str:
        """Its mail log so far."""
        path = self.folder / "mail.log"
        return path.read_text(errors="replace") if path.exists() else self.process.printed()

    def mailbox(self, recipient: str | None = None) -> list[Delivered]:
        """What it has delivered so far, oldest first; to one recipient or to all."""
        return read_maildirs(self.mail, recipient)

    async def arrived(self, count: int = 1, *, recipient: str | None = None, within: float = 20.0) -> list[Delivered]:
        """Waits until at least `count` were delivered; AssertionError with the mail log when they do not come."""
        return await wait_for_mail(lambda: self.mailbox(recipient), count, within, lambda: self.log()[-4000:])

    async def logged(self, words: str, *, within: float = 20.0) -> None:
        """Waits until the mail log holds these words; AssertionError with the log when it does not."""
        await self._until(lambda: words in self.log(), f"nothing logged of {words!r}", within)

    async def submit(self, message: bytes, *, sender: str, recipients: Sequence[str]) -> None:
        """Hand it a message over SMTP, with CRLF line ends as the bytes have them."""
        client = aiosmtplib.SMTP(hostname=self.host, port=self.port, start_tls=False)
        async with client:
            await client.sendmail(sender, list(recipients), message)

    def queue(self) -> list[dict[str, Any]]:
        """What waits in its queue, as postqueue -j tells it."""
        told = checked([program("postqueue", package="postfix"), "-c", str(self.folder / "etc"), "-j"])
        return [json.loads(line) for line in told.splitlines()]

    async def queue_emptied(self, *, within: float = 20.0) -> None:
        """Waits until nothing is queued; AssertionError with the mail log when that does not happen."""
        await self._until(lambda: not self.queue(), "still queued", within)

    def flush(self) -> None:
        """Try everything that is queued now."""
        checked([program("postqueue", package="postfix"), "-c", str(self.folder / "etc"), "-f"])

    def configure(self, settings: Mapping[str, str]) -> None:
        """Change parameters of main.cf while it runs; new processes follow them, idle ones end at once."""
        etc = str(self.folder / "etc")
        checked([program("postconf", package="postfix"), "-c", etc, "-e", *_lines(settings)])
        _look_settled(self.folder / "etc")
        self.process.signal(signal.SIGHUP)

    async def _until(self, done: Callable[[], bool], otherwise: str, within: float) -> None:
        end = time.monotonic() + within
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"{otherwise} after {within} s; the log says:\n{self.log()[-4000:]}")
            await asyncio.sleep(0.1)


@contextmanager
def next_hop(
    *,
    hostname: str = "next-hop.test",
    refuse: Mapping[str, str] | None = None,
    certificate: Certificate | None = None,
    size_limit: int = 50_000_000,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Postfix]:
    """One that takes mail for everybody and delivers it into a Maildir.

    `refuse` maps recipients, or domains, to the reply that RCPT gets: {"gone@dest.test": "550 5.1.1 No such user"}.
    With a `certificate` it offers STARTTLS. `settings` are main.cf parameters that override everything here.
    """
    chosen = {
        "virtual_mailbox_domains": "static:all",
        "virtual_mailbox_maps": "static:inbox/",
        "virtual_transport": "virtual",
        "smtpd_recipient_restrictions": f"{_access(refuse or {})} permit",
        "message_size_limit": str(size_limit),
    }
    if certificate is not None:
        chosen |= {
            "smtpd_tls_security_level": "may",
            "smtpd_tls_chain_files": f"{certificate.key} {certificate.chain}",
        }
    with _instance(hostname, chosen | dict(settings or {})) as instance:
        yield instance


@contextmanager
def previous_hop(
    to: tuple[str, int], *, hostname: str = "previous-hop.test", settings: Mapping[str, str] | None = None
) -> Iterator[Postfix]:
    """One that takes mail and relays all of it to the host and port `to`; it bounces to the sender by the same way."""
    chosen = {
        "relayhost": f"[{to[0]}]:{to[1]}",
        "minimal_backoff_time": "1s",
        "maximal_backoff_time": "2s",
        "queue_run_delay": "1s",
        "transport_retry_time": "1s",
        "smtp_destination_concurrency_failed_cohort_limit": "100",
    }
    with _instance(hostname, chosen | dict(settings or {})) as instance:
        yield instance


@contextmanager
def _instance(hostname: str, settings: Mapping[str, str]) -> Iterator[Postfix]:
    need_root("postfix")
    postconf = program("postconf", package="postfix")
    with private_dir("postfix") as folder:
        port = free_port()
        etc = folder / "etc"
        _write_config(folder, hostname, port, settings)
        daemons = checked([postconf, "-c", str(etc), "-h", "daemon_directory"]).strip()
        with running(
            [f"{daemons}/master", "-c", str(etc), "-d"],
            output=folder / "master.out",
            environment={"MAIL_CONFIG": str(etc)},
            ready=lambda: answers(LOOPBACK, port),
        ) as process:
            yield Postfix(folder=folder, host=LOOPBACK, port=port, process=process)


def _write_config(folder: Path, hostname: str, port: int, settings: Mapping[str, str]) -> None:
    owner = pwd.getpwnam("nobody")
    (folder / "etc").mkdir()
    (folder / "mail").mkdir()
    os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
    _lay_out_queue(folder)
    parameters = {
        "compatibility_level": "3.6",
        "queue_directory": str(folder / "queue"),
        "data_directory": str(folder / "data"),
        "maillog_file": str(folder / "mail.log"),
        "maillog_file_prefixes": str(folder),
        "myhostname": hostname,
        "myorigin": hostname,
        "mydestination": "",
        "inet_interfaces": LOOPBACK,
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "smtpd_relay_restrictions": "permit_mynetworks reject",
        "smtpd_client_connection_rate_limit": "0",
        "smtpd_client_connection_count_limit": "0",
        "smtp_dns_support_level": "disabled",
        "smtp_host_lookup": "native",
        "alias_maps": "",
        "alias_database": "",
        "local_recipient_maps": "",
        "local_transport": "error:no local mail here",
        "biff": "no",
        "queue_minfree": "0",
        "enable_long_queue_ids": "yes",
        "virtual_mailbox_domains": "",
        "virtual_mailbox_base": str(folder / "mail"),
        "virtual_uid_maps": f"static:{owner.pw_uid}",
        "virtual_gid_maps": f"static:{owner.pw_gid}",
        "virtual_mailbox_limit": "0",
        "mailbox_size_limit": "0",
    }
    (folder / "etc" / "main.cf").write_text("\n".join(_lines(parameters | dict(settings))) + "\n")
    (folder / "etc" / "master.cf").write_text(_MASTER.format(host=LOOPBACK, port=port))
    _look_settled(folder / "etc")


def _look_settled(etc: Path) -> None:
    """Postfix waits seconds until a configuration file is no longer fresh, in case somebody is still writing it."""
    for path in etc.iterdir():
        os.utime(path, (time.time() - 60, time.time() - 60))


def _lay_out_queue(folder: Path) -> None:
    """What `postfix check` would make, in a hundredth of its time; the table is that of postfix-files."""
    user, group = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    (folder / "queue").mkdir()
    (folder / "queue" / "pid").mkdir()
    (folder / "data").mkdir()
    os.chown(folder / "data", user, -1)
    for name in _QUEUE_FOLDERS:
        (folder / "queue" / name).mkdir(mode=0o700)
        os.chown(folder / "queue" / name, user, -1)
    for name, mode in (("maildrop", 0o1730), ("public", 0o2710)):
        (folder / "queue" / name).mkdir()
        os.chown(folder / "queue" / name, user, group)
        (folder / "queue" / name).chmod(mode)


def _lines(parameters: Mapping[str, str]) -> list[str]:
    return [f"{name} = {value}" for name, value in parameters.items()]


def _access(replies: Mapping[str, str]) -> str:
    if not replies:
        return ""
    entries = " ".join(f"{{ {recipient} = {reply} }}" for recipient, reply in replies.items())
    return f"check_recipient_access inline:{{ {entries} }},"

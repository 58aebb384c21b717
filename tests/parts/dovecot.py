"""Dovecot's LMTP server: a next hop that answers for every recipient by itself after the final dot."""

import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.maildir import Delivered, read_maildirs, wait_for_mail
from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import Running, need_root, private_dir, program, running

_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = {host}
protocols = lmtp
ssl = no
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = 1
mail_plugins = quota
mail_location = maildir:{folder}/mail/%u
plugin {{
  quota = maildir:User quota
}}
lmtp_add_received_header = no
lmtp_save_to_detail_mailbox = no
recipient_delimiter =
auth_username_chars =
protocol lmtp {{
  postmaster_address = postmaster@dest.test
  hostname = lmtp.dest.test
}}
service lmtp {{
  inet_listener lmtp {{
    address = {host}
    port = {port}
  }}
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
"""


@dataclass(kw_only=True)
class Dovecot:
    """A running instance. It speaks LMTP at `address` and delivers into Maildirs under `mail`."""

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
        """The folder of Maildirs, one a recipient."""
        return self.folder / "mail"

    def log(self) -> str:
        """Its log so far."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else self.process.printed()

    def mailbox(self, recipient: str | None = None) -> list[Delivered]:
        """What it has delivered so far, oldest first; to one recipient or to all."""
        return read_maildirs(self.mail, recipient)

    async def arrived(self, count: int = 1, *, recipient: str | None = None, within: float = 20.0) -> list[Delivered]:
        """Waits until at least `count` were delivered; AssertionError with the log when they do not come."""
        return await wait_for_mail(lambda: self.mailbox(recipient), count, within, lambda: self.log()[-4000:])


@contextmanager
def dovecot_lmtp(*, users: Sequence[str] = ("user@dest.test",), full: Sequence[str] = ()) -> Iterator[Dovecot]:
    """One that knows `users` and refuses everybody else at RCPT (550). Those in `full` exist, and are over quota: RCPT
    or the reply after the dot tells so, for them alone.
    """
    need_root("dovecot")
    dovecot = program("dovecot", package="dovecot-core")
    if not Path("/usr/lib/dovecot/lmtp").exists():
        program("lmtp", package="dovecot-lmtpd")
    with private_dir("dovecot") as folder:
        port = free_port()
        owner = pwd.getpwnam("nobody")
        for name in ("run", "state", "mail"):
            (folder / name).mkdir()
        (folder / "mail").chmod(0o777)
        (folder / "users").write_text(
            "".join(
                f"{user}:{{PLAIN}}unused:{owner.pw_uid}:{owner.pw_gid}::{folder}/mail/{user}::"
                f"{' userdb_quota_rule=*:bytes=1' if user in full else ''}\n"
                for user in [*users, *full]
            )
        )
        config = folder / "dovecot.conf"
        config.write_text(_CONFIG.format(folder=folder, host=LOOPBACK, port=port))
        with running(
            [dovecot, "-F", "-c", str(config)],
            output=folder / "master.out",
            ready=lambda: answers(LOOPBACK, port),
        ) as process:
            yield Dovecot(folder=folder, host=LOOPBACK, port=port, process=process)

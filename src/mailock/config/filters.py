"""The settings of spam filters that are attached: [anti_spam.rspamd] and [anti_spam.spamassassin].

What they say counts beside our own evidence, in our own measure; what happens where one cannot be asked is said by the
policy, as it is for every engine.
"""

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from mailock.config.antivirus import SocketAddress, is_socket
from mailock.config.setting import setting
from mailock.config.units import Duration, Size, shown
from mailock.core.smtp.domain import read_domain

SPAMD_PORT: Final = 783
RSPAMD_PORT: Final = 11_333


@dataclass(frozen=True, slots=True)
class RspamdAddress:
    """Where a worker of rspamd that scans listens: a URL without a path, or a Unix socket."""

    url: str = ""
    """`http://host:port` or `https://host:port`."""
    path: str = ""

    @classmethod
    def read(cls, raw: object) -> Self:
        """From `"http://127.0.0.1:11333"`, `"https://rspamd.internal"` or `"unix:/run/rspamd/worker.sock"`."""
        text = raw.strip() if isinstance(raw, str) else ""
        if text.startswith("unix:") and is_socket(text.removeprefix("unix:")):
            return cls(path=text.removeprefix("unix:"))
        try:
            url = urlsplit(text)
            host, port = url.hostname or "", url.port
        except ValueError:
            host, port, url = "", None, urlsplit("")
        named = bool(host) and (":" in host or read_domain(host) is not None)
        plain = url.path in ("", "/") and not url.query and not url.fragment and url.username is None and port != 0
        if url.scheme not in ("http", "https") or not named or not plain:
            raise ValueError(f'{shown(raw)} is no address of rspamd: write one such as "http://127.0.0.1:11333"')
        host = f"[{host}]" if ":" in host else host
        return cls(url=f"{url.scheme}://{host}:{port or RSPAMD_PORT}")

    def __str__(self) -> str:
        """As the file writes it."""
        return self.url or f"unix:{self.path}"


class SpamdAddress(SocketAddress):
    """Where spamd listens."""

    __slots__ = ()

    @classmethod
    def read(cls, raw: object) -> Self:
        """From `"unix:/run/spamd.sock"`, `"tcp:192.0.2.7:783"` or `"tcp:filter.internal"`."""
        complaint = 'is no address of a spamd: write one such as "unix:/run/spamd.sock" or "tcp:127.0.0.1:783"'
        return cls.at(raw, port=SPAMD_PORT, complaint=complaint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rspamd:
    """rspamd as one more engine. It gets every message whole, with its envelope."""

    server: RspamdAddress | None = setting(
        None, "Where its normal worker listens; without it, rspamd is not asked.", example='"http://127.0.0.1:11333"'
    )
    weight: float = setting(
        1.0,
        'What its word counts: with 1, its own threshold "add header" is a score of 5 here.',
        minimum=0,
        maximum=10,
    )
    timeout: Duration = setting(Duration(30), "How long it may take over one message.")
    connections: int = setting(16, "Connections to it at once.", minimum=1, maximum=512)
    largest: Size = setting(Size(50 << 20), "The largest message that it is sent; its max_message or less.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpamAssassin:
    """SpamAssassin as one more engine, by its spamd. It gets every message whole."""

    server: SpamdAddress | None = setting(
        None, "Where spamd listens; without it, SpamAssassin is not asked.", example='"tcp:127.0.0.1:783"'
    )
    weight: float = setting(
        1.0, "What its word counts: with 1, its own threshold is a score of 5 here.", minimum=0, maximum=10
    )
    timeout: Duration = setting(Duration(60), "How long it may take over one message.")
    connections: int = setting(5, "Connections to spamd at once; its --max-children or fewer.", minimum=1, maximum=512)
    largest: Size = setting(Size(50 << 20), "The largest message that it is sent.")

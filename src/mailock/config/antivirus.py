"""The settings of [anti_virus]: whose word counts on what a message carries, and how these are reached.

What happens when one of them cannot be asked is not said here but by the policy's rules and profiles.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, Self
from urllib.parse import urlsplit

from mailock.config.names import absolute_path, plain_name
from mailock.config.setting import required, setting
from mailock.config.units import Duration, Size, shown
from mailock.core.smtp.domain import read_domain

CLAMD_PORT: Final = 3310
ICAP_PORT: Final = 1344
ICAPS_PORT: Final = 11_344
_HOST_PORT: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")
_SERVICE: Final = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """Where a program listens: a Unix socket, or a host and a port."""

    path: str = ""
    host: str = ""
    port: int = 0

    @classmethod
    def at(cls, raw: object, *, port: int, complaint: str) -> Self:
        """From `"unix:/path"`, `"tcp:host:port"` or `"tcp:host"`. Raises ValueError, which says `complaint`."""
        text = raw.strip() if isinstance(raw, str) else ""
        kind, _, place = text.partition(":")
        if kind == "unix" and is_socket(place):
            return cls(path=place)
        found = _HOST_PORT.fullmatch(place) if kind == "tcp" else None
        if found is None or not 0 < int(found["port"] or port) < 65_536:
            raise ValueError(f"{shown(raw)} {complaint}")
        return cls(host=found["six"] or found["host"], port=int(found["port"] or port))

    def __str__(self) -> str:
        """As the file writes it."""
        if self.path:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp:{host}:{self.port}"


class ClamdAddress(SocketAddress):
    """Where clamd listens."""

    __slots__ = ()

    @classmethod
    def read(cls, raw: object) -> Self:
        """From `"unix:/run/clamav/clamd.ctl"`, `"tcp:192.0.2.7:3310"` or `"tcp:scanner.internal"`."""
        complaint = 'is no address of a clamd: write one such as "unix:/run/clamav/clamd.ctl" or "tcp:192.0.2.7:3310"'
        return cls.at(raw, port=CLAMD_PORT, complaint=complaint)


def is_socket(path: str) -> bool:
    """Whether a path can name a Unix socket (unix(7): 107 octets at most)."""
    return path.startswith("/") and path.isprintable() and len(path.encode()) <= 107


@dataclass(frozen=True, slots=True)
class IcapUrl:
    """A service of an ICAP server (RFC 3507 section 4.2)."""

    host: str
    port: int
    service: str
    """Path and query, beginning with `/`."""
    encrypted: bool = False

    @classmethod
    def read(cls, raw: object) -> "IcapUrl":
        """From `"icap://192.0.2.7:1344/avscan"`, or with `icaps://` for TLS from the first byte."""
        text = raw.strip() if isinstance(raw, str) else ""
        try:
            url = urlsplit(text)
            host, port = url.hostname or "", url.port
        except ValueError:
            host, port, url = "", None, urlsplit("")
        service = (url.path or "/") + (f"?{url.query}" if url.query else "")
        sound = url.scheme in ("icap", "icaps") and not url.fragment and url.username is None and port != 0
        named = bool(host) and (":" in host or read_domain(host) is not None)
        if not sound or not named or not _SERVICE.fullmatch(service):
            raise ValueError(f'{shown(raw)} is no ICAP service: write one such as "icap://192.0.2.7:1344/avscan"')
        encrypted = url.scheme == "icaps"
        return cls(host, port or (ICAPS_PORT if encrypted else ICAP_PORT), service, encrypted)

    @property
    def authority(self) -> str:
        """Host and port, as the Host field has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        """As the file writes it."""
        return f"{'icaps' if self.encrypted else 'icap'}://{self.authority}{self.service}"


class Lists(Enum):
    """What a feed lists."""

    HASHES = "hashes"
    """Digests of files: SHA-256, SHA-1 or MD5, told apart by their length."""
    URLS = "urls"
    DOMAINS = "domains"


class FeedFormat(Enum):
    """How a feed is written."""

    AUTO = "auto"
    LIST = "list"
    """One entry a line."""
    CSV = "csv"
    """Columns with a header line."""
    HOSTS = "hosts"
    """An address and a name a line, as in /etc/hosts."""


class Danger(Enum):
    """How dangerous something is."""

    MALICIOUS = "malicious"
    SUSPICIOUS = "suspicious"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A file of known files or addresses, from whoever keeps one. It is read anew when it changes."""

    name: str = required("What findings call it.", parse=plain_name, example='"urlhaus"')
    file: str = required("The file.", parse=absolute_path, example='"/var/lib/feeds/urlhaus.csv"')
    lists: Lists = required('What it lists: "hashes", "urls" or "domains".', example='"urls"')
    format: FeedFormat = setting(FeedFormat.AUTO, "How it is written; auto finds out by its first lines.")
    column: str | None = setting(
        None,
        "The column of a CSV file that holds the entries; without it, one with a usual name such as `url` or `sha256`.",
        parse=plain_name,
        example='"indicator"',
    )
    severity: Danger = setting(Danger.MALICIOUS, "How dangerous its entries are where it does not say so itself.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AntiVirus:
    """Virus scanning: YARA rules, which are built in, and whichever scanners and feeds are attached."""

    enabled: bool = setting(True, "Whether mail is scanned.")
    rules: str | None = setting(
        None,
        "A folder of YARA rules (`*.yar`, `*.yara`, its folders too) that add to the built-in ones. They are compiled "
        "when the policy is installed and at SIGHUP.",
        parse=absolute_path,
        example='"/etc/mailock/yara"',
    )
    rules_timeout: Duration = setting(Duration(20), "How long the rules may take over one part; whole seconds.")
    engines: tuple[str, ...] = setting(
        (),
        "Engines that others bring, by the names under which their packages register them. They work in the jail.",
        parse=plain_name,
        example='["acme"]',
    )
    clamav: ClamdAddress | None = setting(
        None,
        'Where clamd listens: "unix:/path" or "tcp:host:port".',
        example='"unix:/run/clamav/clamd.ctl"',
    )
    clamav_timeout: Duration = setting(Duration(60), "How long clamd may take over one part.")
    clamav_connections: int = setting(
        8, "Connections to clamd at once; its MaxThreads or fewer.", minimum=1, maximum=512
    )
    clamav_largest: Size = setting(
        Size(100 << 20),
        "The largest part that is sent to clamd; its StreamMaxLength or less. A larger one is incomplete.",
    )
    icap: tuple[IcapUrl, ...] = setting(
        (), "ICAP services that every part is sent to.", example='["icap://192.0.2.7:1344/avscan"]'
    )
    icap_timeout: Duration = setting(Duration(60), "How long an ICAP service may take over one part.")
    icap_connections: int = setting(8, "Connections to one ICAP service at once.", minimum=1, maximum=512)
    icap_largest: Size = setting(Size(100 << 20), "The largest part that is sent to an ICAP service.")
    icap_trust_preview: bool = setting(
        False,
        "Whether an ICAP service may let a part pass by its first octets alone, as it does with types and sizes that "
        "it was told not to scan. Where it may not, such a part is incomplete.",
    )
    feed: tuple[Feed, ...] = setting(())

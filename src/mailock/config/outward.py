"""What leaves for those who watch: alerts, and the log."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

from mailock.config.names import address
from mailock.config.setting import required, setting
from mailock.config.units import Duration, Secret, shown

PROTOCOLS: Final = ("udp", "tcp", "tls")


class AlertKind(Enum):
    """What alerts are about."""

    ALL = "all"
    STORAGE = "storage"
    LATE = "late"
    SHUNT = "shunt"
    CERTIFICATE = "certificate"
    UNDELIVERABLE = "undeliverable"
    LOG = "log"
    ENGINE = "engine"
    JAIL = "jail"
    SPAM = "spam"
    REQUEST = "request"
    DIRECTORY = "directory"


class SnmpVersion(Enum):
    """How traps prove who sends them."""

    V2C = "2c"
    V3 = "3"


class LogFormat(Enum):
    """How a record is written for others."""

    SYSLOG = "syslog"
    JSON = "json"
    CEF = "cef"
    LEEF = "leef"


def collector_address(text: str) -> str:
    """A server that takes syslog messages."""
    mend = 'write one such as "udp://192.0.2.1", "tcp://logs.internal:601" or "tls://logs.example.com:6514"'
    try:
        found = urlsplit(text.strip())
        host, port = found.hostname or "", found.port
    except ValueError:
        host, port = "", None
    rest = found.path or found.query or found.fragment or found.username if host else ""
    if not host or found.scheme not in PROTOCOLS or rest or port == 0 or not _is_host(host):
        raise ValueError(f"{shown(text)} is not the address of a syslog server: {mend}")
    return text.strip()


def snmp_address(text: str) -> str:
    """A server that takes traps."""
    try:
        found = urlsplit(f"//{text.strip()}")
        host, port = found.hostname or "", found.port
    except ValueError:
        host, port = "", None
    if not _is_host(host) or port == 0 or found.path or found.username:
        raise ValueError(f'{shown(text)} is not a host with a port: write "traps.internal" or "192.0.2.1:162"')
    return text.strip()


def program_name(text: str) -> str:
    """A word of a command; a NUL can be in none."""
    if "\0" in text:
        raise ValueError(f"{shown(text)} holds a NUL: remove it")
    return text


def _is_host(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9._:-]+", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snmp:
    """Alerts as SNMP traps; docs/MAILOCK-MIB.txt says what is in them."""

    to: str | None = setting(
        None,
        "The host that takes traps, with its port where it is not 162.",
        parse=snmp_address,
        example='"traps.internal"',
    )
    version: SnmpVersion = setting(SnmpVersion.V3, '"2c", with a community, or "3", with a user.')
    community: Secret | None = setting(
        None, "Where the community of version 2c is kept; without it, public.", example='"file:/etc/mailock/community"'
    )
    user: str | None = setting(None, "The user of version 3.", example='"mailock"')
    authentication: Secret | None = setting(
        None,
        "Where the user's password for authentication (SHA-256) is kept, of eight characters at least.",
        example='"file:/etc/mailock/snmp-authentication"',
    )
    privacy: Secret | None = setting(
        None,
        "Where the user's password for encryption (AES-128) is kept, of eight characters at least.",
        example='"file:/etc/mailock/snmp-privacy"',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """How people are told at once. Every alert stands in the log too."""

    log: bool = setting(True, "Whether alerts are written to the developer's log.")
    mail_to: tuple[str, ...] = setting(
        (), "Who gets alerts by mail.", parse=address, example='["postmaster@example.com"]'
    )
    webhook: Secret | None = setting(
        None,
        'Where the URL is kept that gets alerts as JSON by POST: "file:/path" or "env:NAME".',
        example='"file:/etc/mailock/webhook"',
    )
    syslog: str | None = setting(
        None,
        "The server that gets alerts by syslog (RFC 5424), over UDP, TCP (RFC 6587, counted) or TLS.",
        parse=collector_address,
        example='"tls://logs.example.com:6514"',
    )
    script: tuple[str, ...] = setting(
        (),
        "A program in the folder `scripts` of [node], and its arguments; it gets each alert as JSON on its standard "
        "input, runs without a shell, and is ended after 30 seconds.",
        parse=program_name,
        example='["page-somebody", "--urgent"]',
    )
    kinds: tuple[AlertKind, ...] = setting(
        (AlertKind.ALL,), "Which kinds leave by these ways.", shown_default='["all"]'
    )
    repeat: Duration = setting(Duration(3600), "How long the same alert is not sent again.")
    snmp: Snmp = setting(Snmp())

    @property
    def leave(self) -> bool:
        """Whether any way out is set."""
        return bool(self.mail_to or self.webhook or self.syslog or self.script or self.snmp.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogForward:
    """A server that gets the records of the log, each when it changes. Mail never waits for it."""

    to: str = required(
        "The server, over UDP, TCP (RFC 6587, counted) or TLS.",
        parse=collector_address,
        example='"tls://logs.example.com:6514"',
    )
    format: LogFormat = setting(
        LogFormat.SYSLOG, 'What stands in each syslog message: its own fields ("syslog"), "json", "cef" or "leef".'
    )


def alert_mistakes(alerts: Alerts) -> Sequence[tuple[tuple[str, ...], str]]:
    """What does not go together: the key, and a sentence."""
    found: list[tuple[tuple[str, ...], str]] = []
    if alerts.script and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", alerts.script[0]):
        name = shown(alerts.script[0])
        found.append((("script",), f"{name} is no file of the folder `scripts`: write its name, without a path"))
    snmp = alerts.snmp
    missing = [key for key in ("user", "authentication", "privacy") if getattr(snmp, key) is None]
    if snmp.to and snmp.version is SnmpVersion.V3 and missing:
        found.append((("snmp",), f'version 3 needs {" and ".join(missing)}: set it, or write version = "2c"'))
    return found

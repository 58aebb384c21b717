"""The settings of one machine, [node] and [console]. No revision holds them; the environment may override them."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from mailock.config.ldap import Ldap
from mailock.config.names import Endpoint, account, domain
from mailock.config.oidc import Oidc
from mailock.config.setting import setting
from mailock.config.units import Duration, Size, shown


class LogLevel(Enum):
    """How much the developer's log says; the log of messages is something else."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class JailMode(Enum):
    """What is done where the kernel cannot hold a jail."""

    FULL = "full"
    """No content is opened: `mailock run` ends with 3."""
    REDUCED = "reduced"
    """Content is opened with what protection there is, and an alert stands."""


def _store(text: str) -> str:
    if text != "sqlite":
        raise ValueError(f'{shown(text)} is not a store of this version: write "sqlite"')
    return text


def _bodies(text: str) -> str:
    if text != "spool":
        raise ValueError(f'{shown(text)} is not a place for bodies in this version: write "spool"')
    return text


def _url(text: str) -> str:
    found = urlsplit(text)
    if found.scheme not in ("http", "https") or not found.hostname or found.path not in ("", "/") or found.query:
        raise ValueError(f"{shown(text)} is not the address of a console: write https://console.example.com")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """This machine: its name, where it keeps mail, what it runs as. Changes take effect at the next start."""

    hostname: str | None = setting(
        None,
        "The name that the gateway gives itself in greetings and trace headers; without it, the machine's full name.",
        parse=domain,
        shown_default="the machine's own name",
        example='"mx1.example.com"',
    )
    data: str = setting(
        "/var/lib/mailock",
        "The folder of queue, bodies, log and policy revisions; a relative path starts at the folder of this file. "
        "It must be on a local disk.",
    )
    store: str = setting(
        "sqlite",
        'Where the queue and the log are kept; "sqlite" is the embedded store, inside `data`.',
        parse=_store,
    )
    bodies: str = setting(
        "spool", 'Where large message bodies are kept; "spool" is a folder inside `data`.', parse=_bodies
    )
    body_inline_limit: Size = setting(
        Size(65_536), "Bodies up to this size are stored in the queue file itself, larger ones as files of their own."
    )
    ballast: Size = setting(
        Size(67_108_864),
        "Space that is set aside, and given up when the disk is full, so that endings can be recorded.",
    )
    workers: int = setting(
        2,
        "How many jailed workers open the content of messages, each one message at a time; as many as there are "
        "processors is right.",
        minimum=1,
        maximum=1024,
    )
    jail: JailMode = setting(
        JailMode.FULL,
        'What is done where the kernel cannot hold a jail: "full" opens no content then and does not start; "reduced" '
        "opens it with what protection there is, under a standing alert.",
    )
    jail_memory: Size = setting(
        Size(2_147_483_648),
        "The address space that the opening of one message may take; what needs more is given up for this message.",
        minimum=536_870_912,
    )
    user: str | None = setting(
        None,
        "The account that the gateway runs as once its ports are bound; needed when root starts it.",
        parse=account,
        example='"mailock"',
    )
    group: str | None = setting(
        None, "The group that it runs as; without it, the main group of `user`.", parse=account, example='"mailock"'
    )
    resolvers: tuple[Endpoint, ...] = setting(
        (),
        'DNS servers to ask, such as ["127.0.0.1", "192.0.2.53:5353"]; without any, those of /etc/resolv.conf.',
        shown_default="those of the system",
        example='["127.0.0.1"]',
    )
    authorities: str | None = setting(
        None,
        "A PEM file with the certificate authorities that next hops are verified against; without it, the system's.",
        shown_default="those of the system",
        example='"/etc/ssl/certs/ca-certificates.crt"',
    )
    metrics: Endpoint | None = setting(
        None,
        "The address and port where numbers for Prometheus are served, at /metrics, to whoever asks (port 9925 where "
        "none is written); without it they are not counted.",
        shown_default="not served",
        example='"127.0.0.1:9925"',
    )
    geoip: str | None = setting(
        None,
        "A GeoIP file in the format of MaxMind DB (.mmdb), for rules about countries; it is read again if changed.",
        shown_default="countries are not known",
        example='"/var/lib/GeoIP/GeoLite2-Country.mmdb"',
    )
    scripts: str | None = setting(
        None,
        "The folder of the programs that alerts may run; a policy can name one in it, and none elsewhere.",
        shown_default="no program is run",
        example='"/etc/mailock/scripts"',
    )
    log_level: LogLevel = setting(LogLevel.INFO, "How much the developer's log says.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The console for administrators: pages and API. Changes take effect at the next start."""

    enabled: bool = setting(True, "Whether `mailock run` starts the console.")
    listen: Endpoint = setting(Endpoint("127.0.0.1", 8080), "The address and port where the console listens.")
    url: str | None = setting(
        None,
        "How browsers reach the console where a proxy that speaks TLS stands before it. With https:// sign-ins are "
        "kept by cookies that never travel in clear text.",
        parse=_url,
        shown_default="http:// and the address of `listen`",
        example='"https://console.example.com"',
    )
    session_idle: Duration = setting(Duration(3600), "After how long without a click a person has to sign in again.")
    session: Duration = setting(Duration(43_200), "After how long a person has to sign in again in any case.")
    audit_keep: Duration = setting(Duration(31_536_000), "How long the audit log of the console is kept.")
    ldap: Ldap = setting(Ldap())
    oidc: Oidc = setting(Oidc())

    @property
    def address(self) -> str:
        """How browsers reach it, as far as settings say."""
        return self.url or f"http://{self.listen}"

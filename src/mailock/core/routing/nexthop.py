"""A next hop: where a forwarding rule sends mail. How it is written, and what it means:

    mail.internal            a host, port 25: an address, or a name. A name stands for *all* its A and AAAA records,
    mail.internal:2525       which share the load; a dead one is skipped. `a:mail.internal` says the same aloud.
    [2001:db8::1]:25         an IPv6 address needs brackets only where a port follows.
    mx:example.com[:port]    a domain object: the servers that the MX records of a name list, by preference.
    srv:_smtp._tcp.name      a domain object: the servers and ports that the SRV records of a name list (RFC 2782).
    lmtp:host[:port]         LMTP (RFC 2033), port 24.
    mx:  (or mx::port)       the recipient domain's own MX: for outgoing mail.
    0.0.0.0                  no forward: the mail is scanned, logged, and ends.
    ["a", "b"]               an order: `b` takes over where `a` is dead.
    ["a weight=3", "b"]      as soon as one entry has a weight the entries share the load in proportion (no weight: 1).
    ["a", "b", "c backup"]   a backup comes after all others, whether those share the load or stand in order.

A list entry may be a table: `{host = "a", port = 2525, weight = 3, backup = true}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, assert_never

from mailock.core.routing.hostport import FORMS, Entry, read_address, read_entry, read_name, read_port, split_port

SMTP_PORT: Final = 25
LMTP_PORT: Final = 24


class Protocol(Enum):
    """What is spoken with the server."""

    SMTP = "smtp"
    LMTP = "lmtp"


class Lookup(Enum):
    """Which records of a domain object list its servers. (A and AAAA need no domain object: a Host is looked up so.)"""

    MX = "mx"
    SRV = "srv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A server: an IP address, or a lower-case name that stands for all its A and AAAA records."""

    name: str
    port: int = SMTP_PORT
    protocol: Protocol = Protocol.SMTP

    @property
    def is_address(self) -> bool:
        """Whether `name` is an IP address, so that nothing is to be looked up."""
        return read_address(self.name) is not None

    def __str__(self) -> str:
        """As it is written, the port always shown."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        prefix = "lmtp:" if self.protocol is Protocol.LMTP else ""
        return f"{prefix}{name}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainObject:
    """A DNS name whose MX or SRV records list the servers. `port` counts for MX; SRV records have their own."""

    lookup: Lookup
    name: str
    port: int = SMTP_PORT

    def __str__(self) -> str:
        """As it is written; the usual port is left out."""
        port = "" if self.port == SMTP_PORT else f":{self.port}"
        return f"{self.lookup.value}:{self.name}{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a list. Lower ranks come first; entries of one rank share the load in proportion to weight."""

    hop: Host | DomainObject
    rank: int = 0
    weight: int = 1

    def __str__(self) -> str:
        """The hop with its weight, where that is not 1."""
        return str(self.hop) if self.weight == 1 else f"{self.hop} weight={self.weight}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HopList:
    """Several hops, by rank."""

    choices: tuple[Choice, ...]

    def __str__(self) -> str:
        """All entries: `,` between those that share the load, `then` where the next ones take over."""
        ranks = sorted({choice.rank for choice in self.choices})
        return " then ".join(", ".join(str(c) for c in self.choices if c.rank == rank) for rank in ranks)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMx:
    """`mx:`, the recipient domain's own mail servers."""

    port: int = SMTP_PORT

    def __str__(self) -> str:
        """As it is written."""
        return "mx:" if self.port == SMTP_PORT else f"mx::{self.port}"


@dataclass(frozen=True, slots=True)
class NoForward:
    """`0.0.0.0`, scan only: nothing is sent."""

    def __str__(self) -> str:
        """As it is written."""
        return "0.0.0.0"


NextHop = Host | DomainObject | HopList | OwnMx | NoForward


def destination(next_hop: NextHop, domain: str) -> Host | DomainObject | HopList | NoForward:
    """The next hop for a recipient of this domain: `mx:` becomes its MX, or the host of an address literal."""
    if not isinstance(next_hop, OwnMx):
        return next_hop
    if domain.startswith("["):
        # The grammar of SMTP brought literals to one spelling (RFC 5321 section 4.1.3).
        return Host(name=domain.strip("[]").removeprefix("IPv6:"), port=next_hop.port)
    return DomainObject(lookup=Lookup.MX, name=domain, port=next_hop.port)


def lane(next_hop: NextHop, domain: str) -> str:
    """The name of the destination queue: the same text for all mail that the same servers get."""
    match destination(next_hop, domain):
        case Host() | DomainObject() | HopList() | NoForward() as place:
            return str(place)
        case never:
            assert_never(never)


def parse_next_hop(value: object) -> NextHop:
    """The next hop that a setting names: a string or a list, in the forms at the top of this file.

    Raises ValueError with a sentence that says what is wrong and how to mend it.
    """
    match value:
        case str():
            return _from_text(value.strip())
        case list() | tuple():
            return _from_list([_entry(item) for item in value])
        case Mapping():
            return _from_list([_entry(value)])
        case _:
            raise ValueError(f"next_hop has to be {FORMS}; {value!r} is none of these")


def _from_text(text: str) -> NextHop:
    """One hop. Schemes are tried before host names, so a host called `mx` has to be given with its domain."""
    if not text:
        raise ValueError(f'next_hop is empty; write {FORMS}; to scan only, write "0.0.0.0"')
    scheme, colon, rest = text.partition(":")
    match scheme.lower() if colon else "":
        case "mx":
            return _mx(text, rest)
        case "srv":
            return _srv(text, rest)
        case "a":
            return _host(_not_only_a_port(text, rest), text, Protocol.SMTP)
        case "lmtp":
            return _lmtp(text, rest)
        case "smtp" | "relay" | "smtps":
            raise ValueError(f'{text!r}: "{scheme}:" is not needed; write the host alone, such as "{rest}"')
        case _:
            host = _host(text, text, Protocol.SMTP)
            return NoForward() if host.name == "0.0.0.0" else host


def _mx(text: str, rest: str) -> NextHop:
    if not rest:
        return OwnMx()
    if rest.startswith(":"):
        return OwnMx(port=read_port(rest[1:], text))
    name, port = split_port(_not_only_a_port(text, rest), SMTP_PORT)
    if read_address(name) is not None:
        raise ValueError(f"{text!r}: an address has no MX records; write {name!r} alone")
    return DomainObject(lookup=Lookup.MX, name=read_name(name, text), port=port)


def _srv(text: str, rest: str) -> NextHop:
    name, colon, _ = rest.partition(":")
    if colon:
        raise ValueError(f'{text!r}: SRV records name the port themselves; write "srv:{name}"')
    if not name.startswith("_") or "._" not in name:
        raise ValueError(f'{text!r}: an SRV name starts with service and protocol, as in "srv:_smtp._tcp.example.com"')
    return DomainObject(lookup=Lookup.SRV, name=read_name(name, text))


def _lmtp(text: str, rest: str) -> NextHop:
    if rest.removeprefix("unix:").startswith(("/", "./")):
        raise ValueError(f'{text!r}: LMTP over a Unix socket is not supported; use TCP, as in "lmtp:127.0.0.1:24"')
    return _host(_not_only_a_port(text, rest.removeprefix("inet:")), text, Protocol.LMTP)


def _not_only_a_port(text: str, rest: str) -> str:
    """What stands behind a scheme, unless it can be read as the port of a host that is called like the scheme."""
    if not rest or rest.isdigit():
        scheme = text.partition(":")[0]
        raise ValueError(
            f'{text!r} names no server; write "{scheme}:name" (a host called {scheme!r} needs its full name)'
        )
    return rest


def _host(text: str, whole: str, protocol: Protocol) -> Host:
    name, port = split_port(text, LMTP_PORT if protocol is Protocol.LMTP else SMTP_PORT)
    address = read_address(name)
    if address is None:
        return Host(name=read_name(name, whole), port=port, protocol=protocol)
    if address.is_unspecified and (protocol is Protocol.LMTP or address.version == 6):
        raise ValueError(f'{whole!r} is no host; to scan only, write "0.0.0.0"')
    return Host(name=str(address), port=port, protocol=protocol)


def _from_list(entries: list[tuple[Host | DomainObject, Entry]]) -> HopList:
    """The ranks of a list: in order where no entry has a weight, else all in one rank; backups come last, in order."""
    if not entries:
        raise ValueError(f"next_hop is an empty list; write {FORMS}")
    if all(entry.backup for _, entry in entries):
        raise ValueError("next_hop has backups only; take `backup` from the host that should be used first")
    count, shared = len(entries), any(entry.weight is not None for _, entry in entries)
    return HopList(
        choices=tuple(
            Choice(hop=hop, rank=count + place if entry.backup else 0 if shared else place, weight=entry.weight or 1)
            for place, (hop, entry) in enumerate(entries)
        )
    )


def _entry(item: object) -> tuple[Host | DomainObject, Entry]:
    entry = read_entry(item)
    hop = _from_text(entry.host)
    if not isinstance(hop, Host | DomainObject):
        raise ValueError(f"{entry.host!r} cannot stand in a list of hosts; make it the whole of next_hop")
    return hop if entry.port is None else replace(hop, port=entry.port), entry

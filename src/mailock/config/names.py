"""Names as people write them in the file, brought to the one spelling in which the core compares them.

Each function takes a text and returns it spelled right, or raises ValueError with what is wrong and the mend.
"""

import re
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address
from typing import Final

from mailock.config.units import Network, shown
from mailock.core.mail.address import is_dot_string
from mailock.core.routing.nexthop import DomainObject, Host, parse_next_hop
from mailock.core.routing.pattern import Pattern, read_pattern
from mailock.core.smtp.domain import read_domain

ANY: Final = "any"
_INTERFACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,14}")
_HEADER_NAME: Final = re.compile(r"[!-9;-~]{1,76}")


def domain(text: str) -> str:
    """A domain name, in lower case and as A-labels."""
    name = read_domain(text.strip().removesuffix("."))
    if name is None or _is_ip(name):
        raise ValueError(f'{shown(text)} is not a domain name: write one such as "example.com"')
    return name


def address(text: str) -> str:
    """A mail address; the local part stays as it is."""
    local, at, after = text.strip().rpartition("@")
    name = read_domain(after)
    if not at or name is None or not is_dot_string(local):
        raise ValueError(f'{shown(text)} is not a mail address: write one such as "postmaster@example.com"')
    return f"{local}@{name}"


def rewriting(text: str) -> str:
    """What is put in the place of an address: an address, or `*@domain`, which keeps the local part."""
    local, _, after = text.strip().rpartition("@")
    if not text or local != "*":
        return text and address(text)
    return f"*@{domain(after)}"


def server(text: str) -> str:
    """A server as an entry of a next hop names it."""
    parse_next_hop([text])
    return text.strip()


def domain_object(text: str) -> str:
    """A DNS name that stands for several servers."""
    hop = parse_next_hop(text)
    if not isinstance(hop, DomainObject) and not (isinstance(hop, Host) and not hop.is_address):
        raise ValueError(f'{shown(text)} is not a DNS name: write "mail.internal", "mx:example.com" or "srv:…"')
    return text.strip()


def absolute_path(text: str) -> str:
    """A path from the root: the policy is the same on every node, whatever folder it was installed from."""
    if not text.startswith("/") or not text.isprintable():
        raise ValueError(f"{shown(text)} is not a path from the root: write it in full, beginning with /")
    return text


def header_text(text: str) -> str:
    """One line of text."""
    if not text.isprintable():
        raise ValueError(f"{shown(text)} is more than one line: write it in one")
    return text


def account(text: str) -> str:
    """The name of a user or a group of this machine."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?", text):
        raise ValueError(f'{shown(text)} is not the name of an account: write one such as "mailock"')
    return text


def interface(text: str) -> str:
    """A network interface, or an address of this machine."""
    text = text.strip()
    if _is_ip(text):
        return str(ip_address(text))
    if not _INTERFACE.fullmatch(text):
        raise ValueError(f'{shown(text)} is neither an interface nor an address: write "eth0" or "192.0.2.1"')
    return text


def plain_name(text: str) -> str:
    """A name that we give to something, such as a rule or a listener."""
    if not text or len(text) > 64 or not text.isprintable():
        raise ValueError(f"{shown(text)} cannot be a name: write up to 64 printable characters")
    return text


def separator(text: str) -> str:
    """What divides a sub-address, or nothing."""
    if text and (len(text) > 1 or text not in "+-_=#!~."):
        raise ValueError(f'{shown(text)} cannot divide addresses: write "+", "-" or another single mark, or ""')
    return text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a port of this machine, or of a server that is named by address."""

    host: str
    port: int | None
    """None where none was written: the user of it knows his default."""

    @classmethod
    def read(cls, raw: object) -> "Endpoint":
        """From `"127.0.0.1:8080"`, `"[::1]:8080"`, `"127.0.0.1"` or `"::1"`."""
        text = raw.strip() if isinstance(raw, str) else ""
        host, port = text, ""
        if text.startswith("["):
            host, _, rest = text[1:].partition("]")
            port = (rest[1:] if rest.startswith(":") else "") or (rest and "bad")
        elif text.count(":") == 1:
            host, _, port = text.partition(":")
            port = port or "bad"
        if not _is_ip(host) or (port and not re.fullmatch(r"[0-9]{1,5}", port)) or (port and int(port) > 65535):
            raise ValueError(f'{shown(raw)} is not an address with a port: write one such as "127.0.0.1:8080"')
        return cls(str(ip_address(host)), int(port) if port else None)

    def __str__(self) -> str:
        """As the file writes it."""
        host = f"[{self.host}]" if ":" in self.host and self.port is not None else self.host
        return host if self.port is None else f"{host}:{self.port}"


class InterfaceChoice(Enum):
    """Which interfaces are meant where they are not listed."""

    ALL = "all"
    EXTERNAL = "external"
    """All that are not internal."""


@dataclass(frozen=True, slots=True)
class Interfaces:
    """Where the gateway listens."""

    choice: InterfaceChoice | None
    listed: tuple[str, ...] = ()
    """Names of interfaces and addresses, where `choice` is None."""

    @classmethod
    def read(cls, raw: object) -> "Interfaces":
        """From `"all"`, `"external"`, or a list of interfaces and addresses."""
        if isinstance(raw, str) and raw in ("all", "external"):
            return cls(InterfaceChoice(raw))
        if isinstance(raw, list) and raw and all(isinstance(one, str) for one in raw):
            return cls(None, tuple(interface(one) for one in raw))
        raise ValueError(f'{shown(raw)} names no interfaces: write "all", "external" or a list such as ["eth0"]')

    def __str__(self) -> str:
        """As the file writes it, without its quotes."""
        return self.choice.value if self.choice else ", ".join(self.listed)


def country_code(text: str) -> str:
    """A country, by its two letters (ISO 3166-1), in upper case."""
    code = text.strip().upper()
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise ValueError(f'{shown(text)} is no country: write its two letters (ISO 3166-1), such as "DE"')
    return code


@dataclass(frozen=True, slots=True)
class Source:
    """Where clients come from: anywhere, a network, a country, or a named object that holds networks."""

    text: str
    network: Network | None = None
    country: str | None = None
    """Two letters in upper case, where a country is meant."""

    @classmethod
    def read(cls, raw: object) -> "Source":
        """From `"any"`, `"10.0.0.0/8"`, `"192.0.2.7"`, `"country:DE"`, or the name of an object."""
        if not isinstance(raw, str) or not raw.strip():
            raise ValueError(f'{shown(raw)} is no source: write "any", a network such as "10.0.0.0/8" or an object')
        text = raw.strip()
        if text.lower().startswith("country:"):
            code = country_code(text.partition(":")[2])
            return cls(f"country:{code}", country=code)
        if text == ANY:
            return cls(ANY)
        if ":" in text or "/" in text or _is_ip(text) or text.replace(".", "").isdigit():
            return cls(text, Network.read(text))
        return cls(plain_name(text))

    @property
    def is_any(self) -> bool:
        """Whether every address is meant."""
        return self.text == ANY

    @property
    def object_name(self) -> str | None:
        """The object that is meant, if one is."""
        return None if self.is_any or self.network or self.country else self.text

    def __str__(self) -> str:
        """As the file writes it."""
        return self.text


@dataclass(frozen=True, slots=True)
class HopText:
    """Where mail goes, as the file says it: one text, or a list. Objects are put in when routes are compiled."""

    entries: tuple[str, ...]
    is_list: bool

    @classmethod
    def read(cls, raw: object) -> "HopText":
        """From a text, a table, or a list of them; `core.routing.nexthop` says what they may be."""
        parse_next_hop(raw)
        items = raw if isinstance(raw, list) else [raw]
        return cls(tuple(_hop_entry(item) for item in items), isinstance(raw, list | dict))

    def __str__(self) -> str:
        """As the file writes it, without its quotes."""
        return ", ".join(self.entries)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Which recipients are meant: one pattern, or several."""

    patterns: tuple[Pattern, ...]

    @classmethod
    def read(cls, raw: object) -> "Patterns":
        """From `"*"`, `"example.com"`, `"*.example.com"`, `"user@example.com"`, or a list of them."""
        items = raw if isinstance(raw, list) else [raw]
        texts = [item for item in items if isinstance(item, str)]
        if not items or len(texts) < len(items) or not all(text.isprintable() for text in texts):
            raise ValueError(f'{shown(raw)} is no domain: write "*", "example.com", "*.example.com" or an address')
        return cls(tuple(read_pattern(text) for text in texts))

    def __str__(self) -> str:
        """As the file writes it, without its quotes."""
        return ", ".join(map(str, self.patterns))


def _hop_entry(item: object) -> str:
    """A list entry in its text form; a table has been checked by then."""
    if not isinstance(item, dict):
        return str(item).strip()
    port = f":{item['port']}" if "port" in item else ""
    host = f"[{item['host']}]" if port and item["host"].count(":") > 1 else item["host"]
    weight = f" weight={item['weight']}" if "weight" in item else ""
    return f"{host}{port}{weight}{' backup' if item.get('backup') else ''}"


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text

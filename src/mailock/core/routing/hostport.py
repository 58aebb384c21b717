"""Hosts, ports and the entries of a list of hosts as settings write them, each mistake with its mend."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from mailock.core.smtp.domain import read_domain

FORMS: Final = '"host", "host:port", "lmtp:host:port", "mx:", "mx:domain", "srv:name", "0.0.0.0", or a list of hosts'
"""What may stand in `next_hop`, for people who wrote something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list of hosts, its host still text. `weight` is None where none was given."""

    host: str
    port: int | None
    weight: int | None
    backup: bool


def read_entry(item: object) -> Entry:
    """A table `{host, port, weight, backup}`, or a string `host weight=3 backup`."""
    if isinstance(item, Mapping):
        if set(item) - {"host", "port", "weight", "backup"} or not isinstance(item.get("host"), str):
            raise ValueError(f"{item!r}: a host of next_hop has the keys host, port, weight and backup")
        port = read_port(str(item["port"]), str(item)) if "port" in item else None
        return _checked(item["host"], port, item.get("weight"), item.get("backup", False))
    if not isinstance(item, str) or not item.strip():
        raise ValueError(f"{item!r}: a list of hosts has strings or tables in it")
    host, *options = item.split()
    weight: int | None = None
    backup = False
    for option in options:
        key, _, number = option.partition("=")
        if key == "weight" and number.isdecimal():
            weight = int(number)
        elif option == "backup":
            backup = True
        else:
            raise ValueError(f'{item!r}: {option!r} is unknown; behind a host may stand "weight=3" and "backup"')
    return _checked(host, None, weight, backup)


def _checked(host: str, port: int | None, weight: object, backup: object) -> Entry:
    if weight is not None and (isinstance(weight, bool) or not isinstance(weight, int) or not 1 <= weight <= 65535):
        raise ValueError(f"{host!r}: weight {weight!r} is not a number from 1 to 65535")
    if not isinstance(backup, bool):
        raise ValueError(f"{host!r}: backup is true or false, not {backup!r}")
    return Entry(host=host, port=port, weight=weight, backup=backup)


def split_port(text: str, usual: int) -> tuple[str, int]:
    """Name and port of `name`, `name:port`, `[v6]`, `[v6]:port` or a bare IPv6 address."""
    if text.startswith("["):
        name, bracket, after = text[1:].partition("]")
        if not bracket or ":" not in name or read_address(name) is None or (after and not after.startswith(":")):
            raise ValueError(f'{text!r}: brackets hold an IPv6 address, as in "[2001:db8::1]:25"; a name needs none')
        return name, read_port(after[1:], text) if after else usual
    if text.count(":") > 1 and read_address(text) is not None:
        return text, usual
    name, colon, port = text.partition(":")
    return name, read_port(port, text) if colon else usual


def read_port(text: str, whole: str) -> int:
    """A port. `whole` is the setting that it stands in, for the one who wrote it."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise ValueError(f"{whole!r}: {text!r} is not a port; one is a number from 1 to 65535")
    return int(text)


def read_name(text: str, whole: str) -> str:
    """A host name in its one spelling. What looks like a mistyped address is refused, not looked up."""
    name = read_domain(text.removesuffix("."))
    if name is None or name.rpartition(".")[2].isdigit():
        raise ValueError(f"{whole!r}: {text!r} is neither a host name nor an IP address; write one of {FORMS}")
    return name


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """An IP address, or None where the text is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None

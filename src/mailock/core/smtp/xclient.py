"""XCLIENT: a trusted peer says on whose behalf it speaks (Postfix, XCLIENT_README; not an RFC).

Each attribute is `NAME=value`, the value in xtext; `[UNAVAILABLE]` and `[TEMPUNAVAIL]` stand for values that the peer
does not have. Attributes that we do not know are refused, as a peer was told in EHLO which ones there are.
"""

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from mailock.core.smtp.grammar import read_xtext

ATTRIBUTES: Final = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT")

_UNAVAILABLE: Final = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Xclient:
    """What was claimed; None where it was not given or is unavailable. `ip` texts are canonical."""

    untrusted_name: str | None = None
    ip: str | None = None
    port: int | None = None
    protocol: str | None = None
    untrusted_helo: str | None = None
    login: str | None = None
    destination_ip: str | None = None
    destination_port: int | None = None


def read_xclient(argument: bytes) -> Xclient | None:
    """The attributes of an XCLIENT command, or None where one of them is unknown, twice there, or malformed."""
    values: dict[str, str | None] = {}
    for word in argument.decode("utf-8", "replace").split():
        name, equals, coded = word.partition("=")
        text = read_xtext(coded)
        if not equals or name.upper() not in ATTRIBUTES or name.upper() in values or not text or not text.isprintable():
            return None
        values[name.upper()] = None if text.upper() in _UNAVAILABLE else text
    if not values or not _sound(values):
        return None
    return Xclient(
        untrusted_name=values.get("NAME"),
        ip=_ip(values.get("ADDR")),
        port=_number(values.get("PORT")),
        protocol=values.get("PROTO"),
        untrusted_helo=values.get("HELO"),
        login=values.get("LOGIN"),
        destination_ip=_ip(values.get("DESTADDR")),
        destination_port=_number(values.get("DESTPORT")),
    )


def _sound(values: dict[str, str | None]) -> bool:
    addresses = [values[name] for name in ("ADDR", "DESTADDR") if values.get(name) is not None]
    ports = [values[name] for name in ("PORT", "DESTPORT") if values.get(name) is not None]
    protocol = values.get("PROTO")
    return (
        all(_ip(text) is not None for text in addresses)
        and all(_number(text) is not None for text in ports)
        and protocol in (None, "SMTP", "ESMTP")
    )


def _ip(text: str | None) -> str | None:
    if text is None or "%" in text:
        return None
    try:
        if text[:5].upper() == "IPV6:":
            address = IPv6Address(text[5:])
            return str(address.ipv4_mapped or address)
        return str(IPv4Address(text))
    except AddressValueError:
        return None


def _number(text: str | None) -> int | None:
    sound = text is not None and text.isascii() and text.isdigit() and len(text) <= 5
    return int(text) if sound and text is not None and int(text) <= 65535 else None

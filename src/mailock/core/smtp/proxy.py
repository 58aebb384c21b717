"""The PROXY protocol, versions 1 and 2: a trusted proxy names the true client ahead of the first byte of SMTP or TLS.

Source: the PROXY protocol specification of HAProxy (proxy-protocol.txt, sections 2.1 and 2.2). Whoever lets this be
read from a peer believes it, so the settings say for which listeners and peers that is. Anything that is not exactly
a header is `NotProxy`: the specification wants the connection closed, not guessed at.
"""

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

V1_OCTETS: Final = 107
"""The longest header of version 1, with its CRLF."""
V2_OCTETS: Final = 4096
"""The longest payload of version 2 that we take; the addresses need 216, the rest is TLVs, which are skipped."""

_V2_SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_V2_FIXED: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyHeader:
    """The addresses that the proxy gave; both IP texts are canonical."""

    source_ip: str
    source_port: int
    destination_ip: str
    destination_port: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A header of this many octets. `header` is None where the proxy speaks for itself (LOCAL, UNKNOWN, UNSPEC)."""

    header: ProxyHeader | None
    length: int


@dataclass(frozen=True, slots=True)
class NotProxy:
    """These octets do not start with a header, and no further ones can mend it."""


def parse_proxy(octets: bytes) -> Parsed | NotProxy | None:
    """The header at the start of these octets; None where it needs more of them."""
    if octets[:12] == _V2_SIGNATURE[: len(octets)]:
        return _parse_v2(octets) if len(octets) >= _V2_FIXED else None
    if octets[:6] == b"PROXY "[: len(octets)]:
        return _parse_v1(octets)
    return NotProxy()


def _parse_v1(octets: bytes) -> Parsed | NotProxy | None:
    end = octets.find(b"\n", 0, V1_OCTETS)
    if end < 0:
        return NotProxy() if len(octets) >= V1_OCTETS else None
    line = octets[: end - 1]
    if octets[end - 1 : end] != b"\r" or not line.isascii():
        return NotProxy()
    words = line.decode("ascii").split(" ")
    if words[1] == "UNKNOWN":
        return Parsed(None, end + 1)
    if len(words) != 6 or words[1] not in ("TCP4", "TCP6"):
        return NotProxy()
    address = IPv4Address if words[1] == "TCP4" else IPv6Address
    source_port, destination_port = _port(words[4]), _port(words[5])
    if source_port is None or destination_port is None or "%" in line.decode("ascii"):
        return NotProxy()
    try:
        source, destination = address(words[2]), address(words[3])
    except AddressValueError:
        return NotProxy()
    return Parsed(_header(source, source_port, destination, destination_port), end + 1)


def _parse_v2(octets: bytes) -> Parsed | NotProxy | None:
    command, family = octets[12], octets[13]
    size = int.from_bytes(octets[14:16], "big")
    if command not in (0x20, 0x21) or size > V2_OCTETS:
        return NotProxy()
    if len(octets) < _V2_FIXED + size:
        return None
    payload, length = octets[_V2_FIXED : _V2_FIXED + size], _V2_FIXED + size
    width = {0x11: 4, 0x21: 16}.get(family, 0)
    if command == 0x20 or family in (0x00, 0x31, 0x32):
        return Parsed(None, length)
    if not width or size < 2 * width + 4:
        return NotProxy()
    address = IPv4Address if width == 4 else IPv6Address
    ports = payload[2 * width : 2 * width + 4]
    source, destination = address(payload[:width]), address(payload[width : 2 * width])
    return Parsed(
        _header(source, int.from_bytes(ports[:2], "big"), destination, int.from_bytes(ports[2:], "big")), length
    )


def _header(
    source: IPv4Address | IPv6Address, source_port: int, destination: IPv4Address | IPv6Address, destination_port: int
) -> ProxyHeader:
    return ProxyHeader(
        source_ip=_plain(source),
        source_port=source_port,
        destination_ip=_plain(destination),
        destination_port=destination_port,
    )


def _plain(address: IPv4Address | IPv6Address) -> str:
    """An IPv4 address in IPv6 clothes is shown, and matched by access rules, as what it is."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _port(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        return None
    return int(text)

"""The PROXY protocol, both versions, whole and in pieces."""

import pytest

from mailock.core.smtp.proxy import NotProxy, Parsed, ProxyHeader, parse_proxy

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
FOUR = ProxyHeader(source_ip="192.0.2.7", source_port=56324, destination_ip="198.51.100.1", destination_port=25)
V1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\n"
V2 = SIGNATURE + b"\x21\x11\x00\x0c\xc0\x00\x02\x07\xc6\x33\x64\x01\xdc\x04\x00\x19"


@pytest.mark.parametrize("octets", [V1, V2])
def test_reads_and_says_where_it_ends(octets: bytes) -> None:
    assert parse_proxy(octets + b"EHLO") == Parsed(FOUR, len(octets))


@pytest.mark.parametrize("octets", [V1, V2])
def test_waits_for_the_whole(octets: bytes) -> None:
    for length in range(len(octets)):
        assert parse_proxy(octets[:length]) is None


def test_six_and_mapped_four() -> None:
    parsed = parse_proxy(b"PROXY TCP6 2001:DB8::1 ::ffff:192.0.2.1 1 2\r\n")
    assert isinstance(parsed, Parsed)
    assert parsed.header == ProxyHeader(
        source_ip="2001:db8::1", source_port=1, destination_ip="192.0.2.1", destination_port=2
    )
    six = bytes.fromhex("20010db8000000000000000000000001") * 2
    parsed = parse_proxy(SIGNATURE + b"\x21\x21\x00\x27" + six + b"\x00\x01\x00\x02" + b"TLV")
    assert isinstance(parsed, Parsed)
    assert parsed.header is not None
    assert (parsed.header.source_ip, parsed.header.destination_port, parsed.length) == ("2001:db8::1", 2, 16 + 39)


@pytest.mark.parametrize(
    "octets",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n",
        SIGNATURE + b"\x20\x11\x00\x00",
        SIGNATURE + b"\x21\x00\x00\x00",
        SIGNATURE + b"\x21\x31\x00\x02xx",
    ],
)
def test_a_proxy_that_speaks_for_itself(octets: bytes) -> None:
    assert parse_proxy(octets) == Parsed(None, len(octets))


@pytest.mark.parametrize(
    "octets",
    [
        b"EHLO c\r\n",
        b"PROXZ",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 65536\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 25\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n",
        b"PROXY TCP4 192.0.2.7 2001:db8::1 1 2\r\n",
        b"PROXY TCP6 fe80::1%eth0 2001:db8::1 1 2\r\n",
        b"PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 ²\r\n".encode(),
        b"PROXY TCP4 " + b"1" * 200,
        b"PROXY \r\n",
        SIGNATURE + b"\x22\x11\x00\x0c" + b"x" * 12,
        SIGNATURE + b"\x11\x11\x00\x0c" + b"x" * 12,
        SIGNATURE + b"\x21\x11\x00\x0b" + b"x" * 11,
        SIGNATURE + b"\x21\x12\x00\x0c" + b"x" * 12,
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_anything_else_is_none(octets: bytes) -> None:
    assert parse_proxy(octets) == NotProxy()

"""XCLIENT's attributes."""

import pytest

from mailock.core.smtp.xclient import Xclient, read_xclient


def test_all_attributes() -> None:
    claims = read_xclient(
        b"NAME=c.example addr=192.0.2.7 PORT=25 PROTO=ESMTP HELO=a+20b LOGIN=bob DESTADDR=IPV6:2001:DB8::1 DESTPORT=587"
    )
    assert claims == Xclient(
        untrusted_name="c.example",
        ip="192.0.2.7",
        port=25,
        protocol="ESMTP",
        untrusted_helo="a b",
        login="bob",
        destination_ip="2001:db8::1",
        destination_port=587,
    )


def test_unavailable_is_nothing() -> None:
    assert read_xclient(b"NAME=[UNAVAILABLE] ADDR=[TEMPUNAVAIL] PORT=[unavailable]") == Xclient()


def test_mapped_four_is_four() -> None:
    claims = read_xclient(b"ADDR=IPV6:::ffff:192.0.2.1")
    assert claims is not None
    assert claims.ip == "192.0.2.1"


@pytest.mark.parametrize(
    "argument",
    [
        b"",
        b"ADDR",
        b"ADDR=",
        b"FOO=1",
        b"ADDR=192.0.2.7 ADDR=192.0.2.7",
        b"ADDR=2001:db8::1",
        b"ADDR=IPV6:fe80::1%1",
        b"ADDR=IPV6:x",
        b"PORT=70000",
        b"PORT=x",
        b"PROTO=HTTP",
        b"HELO=a+0Ab",
        b"HELO=a=b",
        b"DESTADDR=x",
        b"HELO=\xff",
    ],
)
def test_malformed(argument: bytes) -> None:
    assert read_xclient(argument) is None

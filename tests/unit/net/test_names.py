"""Names and literals, before the DNS is asked."""

import pytest

from mailock.net.dns import read_literal, server_text, to_ascii


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("Example.COM.", "example.com"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("MÜNCHEN.de", "xn--mnchen-3ya.de"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("", None),
        (".", None),
        ("a..b", None),
        (".a", None),
        ("x" * 64, None),
        (".".join(["a" * 49] * 5), ".".join(["a" * 49] * 5)),
        (".".join(["a" * 50] * 5), None),
        ("ab\u200bc\u0000ü", None),
    ],
)
def test_names_become_what_is_asked_for(given: str, asked: str | None) -> None:
    assert to_ascii(given) == asked


@pytest.mark.parametrize(
    ("given", "ip"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("[192.0.2.1]", "192.0.2.1"),
        ("[IPV6:2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[mx.test]", None),
        ("192.0.2.256", None),
        ("1.2.3", None),
        ("mx.test", None),
    ],
)
def test_literals_are_told_from_names(given: str, ip: str | None) -> None:
    assert read_literal(given) == ip


def test_servers_are_written_with_their_ports() -> None:
    assert server_text("192.0.2.53", 53) == "192.0.2.53:53"
    assert server_text("2001:db8::53", 5353) == "[2001:db8::53]:5353"
    with pytest.raises(ValueError, match="resolver"):
        server_text("resolver", 53)

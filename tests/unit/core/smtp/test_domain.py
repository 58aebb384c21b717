"""Domains and literals: one spelling, and nothing that is none."""

import pytest

from mailock.core.smtp.domain import is_shown_as_written, read_domain, read_literal


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Example.COM", "example.com"),
        ("a", "a"),
        ("1.2.3.4", "1.2.3.4"),
        ("under_score.example", "under_score.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("παράδειγμα.example", "xn--hxajbheg2az3al.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("a." + "b" * 63, "a." + "b" * 63),
        ("क्\u200dष.example", "xn--11b2ezcw70k.example"),
        ("نامه\u200cای.com", "xn--mgba3gch31f060k.com"),
    ],
)
def test_one_spelling(text: str, domain: str) -> None:
    assert read_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a",
        "a-",
        "a b",
        "a\x00",
        "a@b",
        "b" * 64,
        ".".join(["a" * 60] * 5),
        "a.-b",
        "ｅxample",
        "a。b",
        "ü-",
        "xn--ü",
        "☃.example",
        "\u0301a",
        "a\u200b",
        "ü..b",
        "ü" * 64,
        "ا\u0640",
        "ba\u200dnk.example",
        "ba\u200cnk.example",
        "\u200cbank.example",
        "نامه\u200c.com",
        "ba\ufe0fnk.example",
        "ba\u034fnk.example",
        "ba\u3164nk.example",
    ],
)
def test_refused(text: str) -> None:
    assert read_domain(text) is None


@pytest.mark.parametrize("shown", ["ba\u200dnk", "ba\u034fnk", "bank\ufe0f", "ｂank", "Bänk", "\u200cbänk"])
def test_an_a_label_that_is_shown_as_another_name_is_told(shown: str) -> None:
    assert not is_shown_as_written(f"mail.xn--{shown.encode('punycode').decode()}.example")


def test_a_labels_that_name_what_they_show() -> None:
    for domain in (
        "xn--bcher-kva.example",
        "xn--11b2ezcw70k.example",
        "xn--i-7iq.ws",
        "xn--mgba3gch31f060k.com",
        "a.b",
    ):
        assert is_shown_as_written(domain)
    for broken in ("xn--.example", "xn--bank-.example", "xn--zzzzzzzz99999.example"):
        assert not is_shown_as_written(broken)


def test_the_longest() -> None:
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 63])
    assert read_domain(longest) == longest
    assert read_domain(longest + ".e") is None


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("[IPv6:2001:DB8:0:0::1]", "[IPv6:2001:db8::1]"),
        ("[ipv6:::1]", "[IPv6:::1]"),
    ],
)
def test_literals(text: str, literal: str) -> None:
    assert read_literal(text) == literal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[",
        "[1.2.3]",
        "[01.2.3.4]",
        "[IPv6:1.2.3.4]",
        "[IPv6:fe80::1%eth0]",
        "[::1]",
        "[x:y]",
        "1.2.3.4",
        "[1.2.3.4",
    ],
)
def test_no_literals(text: str) -> None:
    assert read_literal(text) is None

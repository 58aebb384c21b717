"""The trace header: right for honest clients, harmless for others."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.origin import Origin, Tls
from mailock.core.notices.received import received

ORIGIN = Origin(
    ip="192.0.2.1", port=4711, untrusted_helo="mail.example.com", protocol="ESMTP", listener="smtp", internal=False
)
AT = 1_795_490_705.0


def trace(origin: Origin, recipient: Address | None = None) -> str:
    return received(origin, by="mx1.example.org", shown_id="03DMV9EK31WTE", recipient=recipient, at=AT).decode()


def test_one_recipient_is_named() -> None:
    assert trace(ORIGIN, Address("user", "dest.example")) == (
        "Received: from mail.example.com ([192.0.2.1])\r\n"
        "\tby mx1.example.org with ESMTP id 03DMV9EK31WTE\r\n"
        "\tfor <user@dest.example>;\r\n"
        "\tTue, 24 Nov 2026 03:25:05 +0000\r\n"
    )


def test_of_several_recipients_none_is_named() -> None:
    assert " for " not in trace(ORIGIN).replace("\t", " ")


def test_tls_is_shown() -> None:
    origin = replace(ORIGIN, protocol="ESMTPS", tls=Tls(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384"))
    assert "\r\n\t(using TLSv1.3 with TLS_AES_256_GCM_SHA384)\r\n" in trace(origin)


@pytest.mark.parametrize(
    ("helo", "ip", "shown"),
    [
        ("[192.0.2.1]", "192.0.2.1", "from [192.0.2.1] ([192.0.2.1])"),
        ("[IPv6:2001:db8::1]", "2001:db8::1", "from [IPv6:2001:db8::1] ([IPv6:2001:db8::1])"),
        ("under_score", "192.0.2.1", "from under_score ([192.0.2.1])"),
        ("", "192.0.2.1", "from [192.0.2.1] ([192.0.2.1])"),
        ("a b", "192.0.2.1", "from [192.0.2.1] (HELO a b) ([192.0.2.1])"),
        ("x) by evil (y", "192.0.2.1", "from [192.0.2.1] (HELO x? by evil ?y) ([192.0.2.1])"),
        ("x\r\nX-Evil: y", "192.0.2.1", "from [192.0.2.1] (HELO x??X-Evil: y) ([192.0.2.1])"),
        ("x\\", "192.0.2.1", "from [192.0.2.1] (HELO x?) ([192.0.2.1])"),
        ("büro", "192.0.2.1", "from [192.0.2.1] (HELO b?ro) ([192.0.2.1])"),
        ("[evil]", "192.0.2.1", "from [192.0.2.1] (HELO [evil]) ([192.0.2.1])"),
    ],
)
def test_a_helo_that_is_no_name_becomes_a_harmless_comment(helo: str, ip: str, shown: str) -> None:
    lines = trace(replace(ORIGIN, untrusted_helo=helo, ip=ip)).split("\r\n")
    assert lines[0] == f"Received: {shown}"
    assert len(lines) == 4


def test_a_long_helo_keeps_the_line_short_enough() -> None:
    for helo in ("x" * 5000, "x y" * 2000):
        assert max(map(len, trace(replace(ORIGIN, untrusted_helo=helo)).split("\r\n"))) <= 998


def test_a_non_ascii_recipient_is_utf_8() -> None:
    assert "for <bjørn@dest.example>" in trace(ORIGIN, Address("bjørn", "dest.example"))


def test_an_independent_reader_finds_one_field_without_defects() -> None:
    origin = replace(ORIGIN, untrusted_helo='q"x) \r\n\r\nbody')
    message = message_from_bytes(trace(origin, Address("a b", "dest.example")).encode() + b"\r\nx\r\n", policy=SMTP)
    assert message.keys() == ["Received"]
    assert message.get_payload() == "x\r\n"
    assert not message.defects

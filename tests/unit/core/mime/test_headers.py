"""Header blocks: where they end, what their fields are, and what the log shows of them."""

from time import perf_counter

import pytest

from mailock.core.mail.message import Glimpse
from mailock.core.mime.headers import (
    LOOKED_AT,
    SHOWN,
    end_of_headers,
    fields,
    first,
    glimpse,
    header_block,
    received_count,
)

USUAL = (
    b"Received: from a.example by b.example; Tue, 24 Nov 2026 03:25:05 +0000\r\n"
    b"received: from c.example\r\n\tby a.example; Tue, 24 Nov 2026 03:25:04 +0000\r\n"
    b"Message-ID: <1@a.example>\r\n"
    b"From: =?utf-8?q?Alice?= <alice@a.example>\r\n"
    b"To: bob@b.example,\r\n carol@b.example\r\n"
    b"cc:dave@b.example\r\n"
    b"Subject: The\r\n\tsecond line\r\n"
    b"Subject: another\r\n"
)


@pytest.mark.parametrize(
    ("message", "block", "body"),
    [
        (b"A: 1\r\n\r\nbody", b"A: 1\r\n", b"body"),
        (b"A: 1\n\nbody", b"A: 1\n", b"body"),
        (b"A: 1\n\r\nbody", b"A: 1\n", b"body"),
        (b"A: 1\r\nB: 2\r\n\r\nx\r\n\r\ny\n\nz", b"A: 1\r\nB: 2\r\n", b"x\r\n\r\ny\n\nz"),
        (b"A: 1\n\nx\r\n\r\ny", b"A: 1\n", b"x\r\n\r\ny"),
        (b"A: 1\n\n\r\nx", b"A: 1\n", b"\r\nx"),
        (b"\r\nbody", b"", b"body"),
        (b"\nbody", b"", b"body"),
        (b"", b"", b""),
        (b"A: 1", b"A: 1", b""),
        (b"A: 1\r\n", b"A: 1\r\n", b""),
        (b"A: 1\r\n ", b"A: 1\r\n ", b""),
        (b"\r\r\n\r\nx", b"\r\r\n", b"x"),
    ],
)
def test_the_block_ends_at_the_first_empty_line(message: bytes, block: bytes, body: bytes) -> None:
    assert header_block(message) == block
    assert message[end_of_headers(message) :] == body


def test_only_the_first_64_kib_are_looked_at() -> None:
    endless = b"A: 1\r\n" * 20_000 + b"\r\nbody"
    assert end_of_headers(endless) == LOOKED_AT
    assert len(header_block(endless)) == LOOKED_AT


def test_fields_keep_every_octet() -> None:
    found = fields(USUAL)
    assert b"".join(field.raw for field in found) == USUAL
    assert [field.name for field in found] == [
        b"Received",
        b"received",
        b"Message-ID",
        b"From",
        b"To",
        b"cc",
        b"Subject",
        b"Subject",
    ]  # fmt: skip (one name a line says no more)
    assert found[4].value == b"bob@b.example, carol@b.example"
    assert found[5].value == b"dave@b.example"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"Subject : old form\r\n", b"Subject "),
        (b"no colon here\r\n", b""),
        (b"From me Tue Nov 24 03:25:05 2026\r\n", b""),
        (b": nothing\r\n", b""),
        (b" : nothing\r\n", b""),
        (b"\xc3\xa9: x\r\n", b""),
        (b"a b: x\r\n", b""),
        (b" starts folded: x\r\n", b""),
        (b"A:\r\n", b"A"),
    ],
)
def test_what_is_no_field_has_no_name(line: bytes, name: bytes) -> None:
    (field,) = fields(line)
    assert (field.name, field.raw) == (name, line)


def test_the_log_shows_fields_as_they_stand() -> None:
    assert glimpse(USUAL) == Glimpse(
        message_id="<1@a.example>",
        subject="The second line",
        from_="=?utf-8?q?Alice?= <alice@a.example>",
        to="bob@b.example, carol@b.example",
        cc="dave@b.example",
    )
    assert glimpse(b"") == Glimpse()


def test_a_name_inside_another_field_is_not_that_field() -> None:
    assert glimpse(b"X-Subject: no\r\nA: 1\r\n subject: no\r\nZ: subject: no\r\n").subject == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "caf\ufffd"),
        (b"a\x00b\x1b[2Jc\x7f", "a?b?[2Jc?"),
        (b"a\tb", "a b"),
        (b"a\rb", "ab"),
        (b"   ", ""),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
    ],
)
def test_what_is_shown_is_harmless_text(value: bytes, shown: str) -> None:
    text = glimpse(b"Subject: " + value + b"\r\n").subject
    assert text == shown
    assert text.encode("utf-8").decode("utf-8") == shown


def test_a_long_field_is_cut_between_characters() -> None:
    assert glimpse(b"Subject: " + b"x" * 5000 + b"\r\n").subject == "x" * SHOWN
    for lead in (b"", b"x", b"xx", b"xxx"):
        subject = glimpse(b"Subject: " + lead + "😀".encode() * 500 + b"\r\n").subject
        assert set(subject) <= {"x", "😀"}
        assert SHOWN - 4 < len(subject.encode()) <= SHOWN


def test_received_fields_are_counted() -> None:
    assert received_count(USUAL) == 2
    assert received_count(b"RECEIVED: x\r\n" * 60) == 60
    assert received_count(b"X-Received: x\r\nA: Received: x\r\n received: folded\r\n") == 0


def test_one_field_can_be_asked_for() -> None:
    assert first(USUAL, b"to") == b"bob@b.example, carol@b.example"
    assert first(USUAL, b"subject") == b"The\tsecond line"
    assert first(USUAL, b"bcc") is None
    assert first(b"A:\r\n", b"a") == b""


@pytest.mark.serial
def test_a_usual_block_takes_microseconds_and_a_hostile_one_milliseconds() -> None:
    block = b"X-Filler: " + b"y" * 60 + b"\r\n"
    block = block * 20 + USUAL
    started = perf_counter()
    for _ in range(2000):
        glimpse(block)
        received_count(block)
    # Measured at 11 µs; the bound leaves room for a busy machine.
    assert (perf_counter() - started) / 2000 < 100e-6
    started = perf_counter()
    for hostile in (
        b"Subject:" + b"\r\n " * 21_000,
        b"a" * LOOKED_AT,
        b"\n " * 32_000,
        b":" * LOOKED_AT,
        b"A:\n" * 21_000,
    ):
        glimpse(hostile)
        fields(hostile)
    assert perf_counter() - started < 1.0

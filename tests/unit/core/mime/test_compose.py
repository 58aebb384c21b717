"""How our own mail is written: dates, fields, parts."""

from email import message_from_bytes
from email.policy import SMTP, SMTPUTF8
from email.utils import parsedate_to_datetime
from quopri import decodestring

import pytest

from mailock.core.mime.compose import (
    LONGEST,
    base64_part,
    crlf,
    field,
    is_plain,
    is_short,
    part,
    part_as_is,
    quoted_printable,
)
from mailock.core.notices.compose import date


@pytest.mark.parametrize("at", [0.0, 951_782_400.0, 1_795_490_705.9, 4_102_444_799.0])
def test_dates_are_read_back(at: float) -> None:
    assert parsedate_to_datetime(date(at)).timestamp() == int(at)


def test_a_date_is_written_as_rfc_5322_has_it() -> None:
    assert date(1_795_490_705.0) == "Tue, 24 Nov 2026 03:25:05 +0000"


def test_a_long_field_is_folded_at_blanks() -> None:
    folded = field("Subject", "word " * 40)
    assert max(map(len, folded.split(b"\r\n"))) <= 76
    assert folded.replace(b"\r\n", b"") == b"Subject: " + b"word " * 39 + b"word"


def test_blanks_inside_a_value_are_kept() -> None:
    folded = field("To", '<"a   b"@' + "x" * 70 + ">")
    assert folded.replace(b"\r\n", b"") == b'To: <"a   b"@' + b"x" * 70 + b">"
    assert all(line.strip() for line in folded.split(b"\r\n")[:-1])


def test_a_word_that_is_too_long_is_broken_by_force() -> None:
    lines = field("X", "é" * 3000, utf8=True).split(b"\r\n")
    assert max(map(len, lines)) <= LONGEST
    assert "".join(line.decode().strip() for line in lines) == "X: " + "é" * 3000


@pytest.mark.parametrize("text", ["Grüße aus Köln", "😀" * 40, "ascii then é", "a  é  b"])
def test_other_letters_become_encoded_words(text: str) -> None:
    written = field("Subject", text)
    assert written.isascii()
    assert max(map(len, written.split(b"\r\n"))) <= 76
    message = message_from_bytes(written + b"\r\n", policy=SMTP)
    assert message["Subject"] == text


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: x@y", "a\nBcc: x@y", "a\r\n\r\nbody", "a\x85Bcc: x", "a\u2028b", "a\x00b", "a\ud800b"]
)
@pytest.mark.parametrize("utf8", [False, True])
def test_no_value_ends_its_field(evil: str, utf8: bool) -> None:
    message = message_from_bytes(field("Subject", evil, utf8=utf8) + b"\r\n", policy=SMTPUTF8)
    assert message.keys() == ["Subject"]
    assert message.get_payload() == ""


def test_line_ends_are_made_one_kind() -> None:
    assert crlf(b"a\nb\rc\r\nd\r\r\n\n") == b"a\r\nb\r\nc\r\nd\r\n\r\n\r\n"


@pytest.mark.parametrize(
    ("content", "seven", "eight"),
    [
        (b"a\r\nb\r\n", True, True),
        (b"\xc3\xa9\r\n", False, True),
        (b"a\nb", False, False),
        (b"a\rb", False, False),
        (b"a\0b", False, False),
        (b"a" * 998, True, True),
        (b"a" * 999, False, False),
    ],
)
def test_what_may_go_as_it_is(content: bytes, seven: bool, eight: bool) -> None:
    assert (is_plain(content), is_short(content)) == (seven, eight)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a=b\r\n",
        b"trailing \r\nand\t\r\n",
        b"\xff\x00" * 100,
        b"x" * 300,
        b"." * 76 + b"\r\n" + b"." * 77,
        b" " * 200,
        b"=" * 40,
    ],
)
def test_quoted_printable_is_read_back(content: bytes) -> None:
    coded = quoted_printable(content)
    assert coded.isascii()
    lines = coded.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert not any(line.endswith((b" ", b"\t")) for line in lines)
    assert decodestring(coded.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n") == content


def test_parts_declare_how_they_are_coded() -> None:
    for made, coding in (
        (part("text/plain; charset=utf-8", b"plain\n"), b"7bit"),
        (part("text/plain; charset=utf-8", "größer\n".encode()), b"quoted-printable"),
        (part_as_is("message/rfc822", b"A: 1\r\n\r\nx"), b"7bit"),
        (part_as_is("message/rfc822", b"A: \xff\r\n\r\nx"), b"8bit"),
        (base64_part("message/global", b"\xff" * 100), b"base64"),
    ):
        assert b"Content-Transfer-Encoding: " + coding + b"\r\n\r\n" in made
        assert made.endswith(b"\r\n")
        assert is_short(made)


def test_what_cannot_go_as_it_is_is_refused() -> None:
    with pytest.raises(ValueError, match="8bit"):
        part_as_is("message/rfc822", b"a" * 999)

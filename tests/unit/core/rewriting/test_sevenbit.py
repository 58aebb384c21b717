"""Mail made 7bit: every part decodes to what it did, and what cannot be converted without breaking something is not."""

from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mailock.core.mime.parse import parse
from mailock.core.rewriting.carry import Remade, Unfit, carry_out
from mailock.core.rewriting.edits import ToSevenBit
from mailock.core.rewriting.orders import Orders, read_orders, write_orders

ORDERS = Orders(edits=(ToSevenBit(),))
GERMAN = "Grüße aus Köln.\r\nBis morgen!\r\n".encode()
GREEK = "Καλημέρα κόσμε, τι κάνεις σήμερα;\r\n".encode()
PLAIN = (
    b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\n"
)
MIXED = (
    b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n"
    b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n"
    b"--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + GERMAN + b"\r\n"
    b"--b1\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    + PLAIN
    + GREEK
    + b"\r\n--b1\r\nContent-Type: application/x-thing\r\nContent-Transfer-Encoding: binary\r\n\r\n\xff\xfe\xfd"
    b"\r\n--b1\r\n\r\nascii, and the same octets as before\r\n--b1--\r\n"
)


def converted(mail: bytes) -> Remade:
    outcome = carry_out(mail, parse(mail), ORDERS)
    assert isinstance(outcome, Remade), outcome
    return outcome


def seven(mail: bytes) -> bytes:
    content = converted(mail).content
    assert content is not None
    assert content.isascii()
    return content


def contents(mail: bytes) -> list[object]:
    read = message_from_bytes(mail, policy=default)
    return [part.get_payload(decode=True) for part in read.walk() if not part.is_multipart()]


def test_the_order_comes_back_from_the_queue() -> None:
    assert read_orders(write_orders(ORDERS)) == ORDERS


def test_mostly_ascii_text_stays_readable() -> None:
    content = seven(PLAIN + GERMAN)
    assert b"Content-Transfer-Encoding: quoted-printable\r\n" in content
    assert b"Gr=C3=BC=C3=9Fe aus K=C3=B6ln.\r\nBis morgen!\r\n" in content
    assert contents(content) == contents(PLAIN + GERMAN)


def test_what_would_be_longer_so_goes_as_base64() -> None:
    content = seven(PLAIN + GREEK)
    assert b"Content-Transfer-Encoding: base64\r\n" in content
    assert contents(content) == [GREEK]


def test_every_part_is_written_by_itself_and_what_is_around_says_so() -> None:
    outcome = converted(MIXED)
    content = outcome.content
    assert content is not None
    assert content.isascii()
    assert b"8bit" not in content
    assert content.count(b"Content-Transfer-Encoding: 7bit\r\n") == 2, "of the message, and of the one within it"
    assert contents(content) == contents(MIXED)
    assert b"\r\n\r\nascii, and the same octets as before\r\n--b1--\r\n" in content
    assert [change.did for change in outcome.receipt.changes] == [
        "Wrote part 1.1 as quoted-printable, which is 7bit.",
        "Wrote part 1.2/rfc822:1 as base64, which is 7bit.",
        "Wrote part 1.3 as base64, which is 7bit.",
    ]


def test_a_message_that_is_no_mime_becomes_some() -> None:
    content = seven(b"Subject: x\r\n\r\n" + GERMAN)
    assert b"MIME-Version: 1.0\r\n" in content
    assert contents(content) == [GERMAN]


def test_what_is_7bit_already_is_left_alone() -> None:
    assert converted(b"Subject: x\r\n\r\nhello\r\n").content is None


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (
            b'Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"\r\n\r\n--b\r\n'
            b"Content-Transfer-Encoding: 8bit\r\n\r\n" + GERMAN + b"\r\n--b\r\n"
            b"Content-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n",
            "signed or encrypted",
        ),
        (PLAIN + b"-----BEGIN PGP SIGNED MESSAGE-----\r\n" + GERMAN, "signed or encrypted"),
        (b"Subject: Gr\xfc\xdfe\r\n\r\nhello\r\n", "the header of part 1 has 8-bit octets"),
        (PLAIN.replace(b"8bit", b"base64") + GERMAN, "says that it is encoded"),
        (PLAIN.replace(b"utf-8", b"utf-8; charset=latin1") + GERMAN, "read in several ways"),
        (PLAIN.replace(b"8bit", b"x-own") + GERMAN, "says that it is encoded"),
        (MIXED.replace(b"--b1\r\n", b"pr\xc3\xa4\r\n--b1\r\n", 1), "before or behind its parts"),
        (PLAIN.replace(b"text/plain", b"message/delivery-status") + GERMAN, "may not be encoded"),
    ],
)
def test_what_cannot_be_converted_stays_as_it_is(mail: bytes, why: str) -> None:
    outcome = carry_out(mail, parse(mail), ORDERS)
    assert isinstance(outcome, Unfit)
    assert why in outcome.why


@given(some.text(some.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), some.integers(0, 3))
def test_any_text_comes_through(text: str, lines: int) -> None:
    mail = PLAIN + text.encode() + b"\r\n" * lines
    outcome = carry_out(mail, parse(mail), ORDERS)
    if isinstance(outcome, Remade) and outcome.content is not None:
        assert outcome.content.isascii()
        assert contents(outcome.content) == contents(mail)

"""Copies for those who watch: the original attached, as it came, and nobody revealed who was to stay unseen."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType
from mailock.core.mail.message import show_id
from mailock.core.notices.compose import Written
from mailock.core.notices.copy import write_copy
from tests.contract.spool import message
from tests.unit.core.notices.test_dsn import LETTERHEAD

GIVEN = message(1)
TO = (Address("security", "ours.example"),)
ORIGINAL = b"From: a@b.example\r\nTo: u@d.example\r\nBcc: hidden@d.example\r\nSubject: x\r\n\r\nbody\r\n.\r\n"


def copy(
    original: bytes = ORIGINAL, *, whole: bool = True, to: tuple[Address, ...] = TO, text: str = "Look: äh"
) -> Written:
    """A copy."""
    return write_copy(GIVEN, LETTERHEAD, to=to, subject="Copy: äh", text=text, original=original, whole=whole)


def parts(written: Written) -> list[EmailMessage]:
    """Its parts."""
    read = message_from_bytes(written.content, policy=default)
    assert not [defect for part in read.walk() for defect in part.defects]
    assert isinstance(read, EmailMessage)
    return list(read.walk())


def test_the_original_is_attached_as_it_came_but_for_its_bcc() -> None:
    top, text, attached, inner = parts(copy())
    assert (top["Subject"], top["To"], top["X-Mailock-Queue-Id"]) == (
        "Copy: äh",
        "security@ours.example",
        show_id(GIVEN.queue_id),
    )
    assert text.get_content().strip() == "Look: äh"
    assert (attached.get_content_type(), attached.get_filename()) == ("message/rfc822", "original.eml")
    assert inner["Subject"] == "x"
    assert ORIGINAL.replace(b"Bcc: hidden@d.example\r\n", b"") in copy().content
    assert b"hidden" not in copy().content


@pytest.mark.parametrize("body", [b"x" * 5000 + b"\r\n", b"a\0b\r\n", b"a\nb\r\n"])
def test_what_cannot_travel_as_a_message_is_attached_as_a_file(body: bytes) -> None:
    original = b"Subject: x\r\n\r\n" + body
    attached = parts(copy(original))[2]
    assert (attached.get_content_type(), attached.get_filename()) == ("application/octet-stream", "original.eml")
    assert attached.get_payload(decode=True) == original


def test_of_a_large_one_only_the_header_is_attached() -> None:
    attached = parts(copy(whole=False))[2]
    assert attached.get_content_type() == "text/rfc822-headers"
    assert b"body" not in copy(whole=False).content and b"hidden" not in copy(whole=False).content


def test_eight_bits_are_declared() -> None:
    assert copy().body_type is BodyType.SEVEN_BIT
    assert copy("Subject: x\r\n\r\näh\r\n".encode()).body_type is BodyType.EIGHT_BIT
    assert copy(to=(Address("sécurité", "ours.example"),)).smtputf8


def test_the_original_cannot_end_the_copy() -> None:
    evil = b"Subject: x\r\n\r\n--" + LETTERHEAD.boundary.encode() + b"--\r\nmore\r\n"
    assert len(parts(copy(evil))) == 4


def test_a_copy_needs_somebody() -> None:
    with pytest.raises(ValueError, match="somebody"):
        copy(to=())

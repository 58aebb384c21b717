"""Digests: what is kept, as text, with links that are ours; and when they are due."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.mail.address import Address
from mailock.core.notices.compose import Letterhead
from mailock.core.notices.digest import Waiting, write_digest
from mailock.core.notices.schedule import passed

LETTERHEAD = Letterhead(
    hostname="mx.example", from_=Address("postmaster", "mx.example"), at=0.0, message_id="m@mx.example", boundary="b"
)
PAGE = "https://mail.example/quarantine/v1.k.a.b"
MONDAY, DAY = 1_700_438_400.0, 86_400.0
"""2023-11-20, a Monday, at 0:00 UTC."""


def waiting(subject: str = "Hello", from_: str = "a@b.test", *, releasable: bool = True) -> Waiting:
    """One message that is kept."""
    return Waiting(
        name="0CND9GFWW0000",
        untrusted_from=from_,
        untrusted_subject=subject,
        since=0.0,
        expires=DAY,
        quarantine_class="spam",
        releasable=releasable,
    )


def texts(*listed: Waiting, more: int = 0) -> tuple[EmailMessage, str, str]:
    """A digest as a client reads it: the mail, its text, its page."""
    written = write_digest(LETTERHEAD, to=Address("anna", "dest.test"), waiting=listed, more=more, page=PAGE, until=DAY)
    letter = message_from_bytes(written.content, policy=default)
    assert isinstance(letter, EmailMessage)
    assert not [defect for part in letter.walk() for defect in part.defects]
    plain, html = (part.get_content() for part in letter.iter_parts())
    return letter, plain, html


def test_it_says_what_waits_and_where_to_decide() -> None:
    letter, plain, html = texts(waiting(), waiting("Other", releasable=False), more=3)
    assert letter["Subject"] == "5 messages are kept from you"
    assert letter["To"] == "anna@dest.test" and letter["Auto-Submitted"] == "auto-generated"
    assert f"Let it go: {PAGE}/0CND9GFWW0000" in plain and f"Ask for it: {PAGE}/0CND9GFWW0000" in plain
    assert "and 3 more" in plain and f'<a href="{PAGE}/0CND9GFWW0000">Let it go</a>' in html
    assert "unwanted mail" in plain


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_was_sent_stays_text(subject: str, from_: str) -> None:
    _, plain, html = texts(waiting(f"<b>{subject}", f"http://evil.test/ {from_}"))
    quiet, _, bare = texts(waiting("", ""))
    assert quiet["Subject"] == "1 message is kept from you"
    assert html.count("<") == bare.count("<") and html.count(PAGE) == bare.count(PAGE)
    assert "http://evil" not in plain + html and "http[:]//evil" in plain
    assert len(plain.splitlines()) == len(texts(waiting("", ""))[1].splitlines())


def test_a_recipient_whose_address_is_no_ascii_gets_his_in_utf_8() -> None:
    written = write_digest(
        LETTERHEAD, to=Address("žofie", "dest.test"), waiting=[waiting()], more=0, page=PAGE, until=DAY
    )
    assert written.smtputf8 and "To: <žofie@dest.test>".encode() in written.content


@pytest.mark.parametrize(
    ("before", "now", "is_due"),
    [
        (MONDAY, MONDAY + 7 * 3600 - 1, False),
        (MONDAY, MONDAY + 7 * 3600, True),
        (MONDAY + 7 * 3600, MONDAY + 8 * 3600, False),
        (MONDAY + 6 * DAY + 80_000, MONDAY + 7 * DAY + 7 * 3600, True),
        (MONDAY + 8 * 3600, MONDAY + 7 * DAY + 7 * 3600 - 1, False),
        (MONDAY, MONDAY + 30 * DAY, True),
        (MONDAY + DAY, MONDAY, False),
    ],
)
def test_a_time_is_due_once_it_has_passed(before: float, now: float, is_due: bool) -> None:
    assert passed((7 * 3600,), before, now, lambda at: 0.0) is is_due
    assert passed((), before, now, lambda at: 0.0) is False


def test_times_are_those_of_the_gateways_clock() -> None:
    def moscow(at: float) -> float:
        return 3 * 3600.0

    assert passed((7 * 3600,), MONDAY + 3 * 3600, MONDAY + 4 * 3600, moscow)
    assert not passed((7 * 3600,), MONDAY + 6 * 3600, MONDAY + 8 * 3600, moscow)

"""Delivery status notifications, read back by the standard library's parser."""

from base64 import b64decode
from dataclasses import replace
from email import message_from_bytes, message_from_string
from email.errors import NonASCIILocalPartDefect
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

import pytest

from mailock.core.lifecycle.copies import Hop, Response
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Direction, Envelope, Recipient
from mailock.core.mail.message import BodyRef, Glimpse, Message, QueueId
from mailock.core.mail.origin import Origin
from mailock.core.notices.compose import Letterhead, Written
from mailock.core.notices.dsn import write_dsn
from mailock.core.notices.notice import write_notice
from mailock.core.notices.report import Kind, Report

HEADER = b"From: Alice <alice@src.example>\r\nTo: bob@dest.example\r\nSubject: Hello\r\n"
BODY = HEADER + b"\r\nDear Bob,\r\n.\r\n--not a boundary\r\n"
HOP = Hop(name="mx.dest.example", ip="192.0.2.9", port=25)
LETTERHEAD = Letterhead(
    hostname="mx1.ours.example",
    from_=Address("postmaster", "ours.example"),
    at=1_795_490_805.0,
    message_id="03DMV9EK31WTF@mx1.ours.example",
    boundary="4f9a1c77e0b2",
)


ALICE = Address("alice", "src.example")


def message(sender: Address | None = ALICE, **envelope: object) -> Message:
    return Message(
        queue_id=QueueId(123456789012345678),
        session_id="s",
        ordinal=1,
        virtual_system="default",
        node="n",
        origin=Origin(
            ip="10.0.0.1", port=1, untrusted_helo="ws.src.example", protocol="ESMTP", listener="smtp", internal=True
        ),
        envelope=replace(Envelope(sender=sender, recipients=()), **envelope),  # type: ignore[arg-type]  # a test's shorthand
        body=BodyRef(1, "", len(BODY), True),
        trace=b"",
        glimpse=Glimpse(message_id="<a@src.example>"),
        accepted_at=1_795_490_705.0,
        revision=1,
    )


def report(
    local: str = "bob",
    kind: Kind = Kind.FAILED,
    code: int = 550,
    enhanced: str = "5.1.1",
    text: str = "No such user",
    *,
    orcpt: str | None = None,
    hop: Hop | None = HOP,
    retry_until: float | None = None,
) -> Report:
    return Report(
        recipient=Recipient(Address(local, "dest.example"), Direction.OUTGOING, orcpt=orcpt),
        kind=kind,
        response=Response(code=code, enhanced=enhanced, text=text),
        hop=hop,
        tried_at=1_795_490_800.0,
        retry_until=retry_until,
    )


def parsed(written: Written) -> EmailMessage:
    """The message as an independent reader sees it, which must find nothing wrong with any of its parts."""
    if written.smtputf8:
        # Read from text, because this parser takes UTF-8 in the fields of bytes for a fault (RFC 6532).
        found = message_from_string(written.content.decode(), _class=EmailMessage, policy=SMTPUTF8)
    else:
        found = message_from_bytes(written.content, _class=EmailMessage, policy=SMTP)
    for part in found.walk():
        assert not part.defects, (part.get_content_type(), part.defects)
        for name, value in part.items():
            faults = [fault for fault in value.defects if not isinstance(fault, NonASCIILocalPartDefect)]
            assert not faults, (name, faults)
    return found


def groups(written: Written) -> list[dict[str, str]]:
    """The groups of fields in the part for machines."""
    status = list(parsed(written).iter_parts())[1]
    return [{name: str(value) for name, value in group.items()} for group in status.iter_parts()]


def text_of(written: Written) -> str:
    """The text for people."""
    text = next(parsed(written).iter_parts()).get_content()
    assert isinstance(text, str)
    return text


def test_a_failure_is_a_report_in_three_parts() -> None:
    written = write_dsn(message(), [report()], LETTERHEAD, header=HEADER, whole=BODY)
    found = parsed(written)
    assert (written.body_type, written.smtputf8) == (BodyType.SEVEN_BIT, False)
    assert found.get_content_type() == "multipart/report"
    assert found.get_param("report-type") == "delivery-status"
    kinds = [part.get_content_type() for part in found.iter_parts()]
    assert kinds == ["text/plain", "message/delivery-status", "message/rfc822"]
    assert {
        name: str(found[name]) for name in ("To", "From", "Auto-Submitted", "In-Reply-To", "Date", "Message-ID")
    } == {
        "To": "alice@src.example",
        "From": "Mail gateway <postmaster@ours.example>",
        "Auto-Submitted": "auto-replied",
        "In-Reply-To": "<a@src.example>",
        "Date": "Tue, 24 Nov 2026 03:26:45 +0000",
        "Message-ID": "<03DMV9EK31WTF@mx1.ours.example>",
    }


def test_the_returned_message_is_the_very_bytes() -> None:
    written = write_dsn(message(), [report()], LETTERHEAD, header=HEADER, whole=BODY)
    assert b"\r\n\r\n" + BODY + b"\r\n--4f9a1c77e0b2--\r\n" in written.content


def test_the_fields_for_machines() -> None:
    envelope = message(envid="QQ+2B31415+3Dx")
    written = write_dsn(envelope, [report(orcpt="rfc822;Bob+2Btag@dest.example")], LETTERHEAD, header=HEADER)
    assert groups(written) == [
        {
            "Original-Envelope-Id": "QQ+31415=x",
            "Reporting-MTA": "dns; mx1.ours.example",
            "Received-From-MTA": "dns; ws.src.example",
            "Arrival-Date": "Tue, 24 Nov 2026 03:25:05 +0000",
            "X-Mailock-Queue-Id": "03DMV9EK31WTE",
        },
        {
            "Original-Recipient": "rfc822; Bob+tag@dest.example",
            "Final-Recipient": "rfc822; bob@dest.example",
            "Action": "failed",
            "Status": "5.1.1",
            "Remote-MTA": "dns; mx.dest.example",
            "Diagnostic-Code": "smtp; 550 5.1.1 No such user",
            "Last-Attempt-Date": "Tue, 24 Nov 2026 03:26:40 +0000",
        },
    ]


def test_the_simple_example_of_rfc_3464_comes_out_alike() -> None:
    """Appendix E.1: louisl at larry.slip.umd.edu, given up after `426 connection timed out`, which names no status."""
    louis = Recipient(
        Address("louisl", "larry.slip.umd.edu"), Direction.OUTGOING, orcpt="rfc822;louisl@larry.slip.umd.edu"
    )
    given_up = Report(
        recipient=louis,
        kind=Kind.FAILED,
        response=Response(code=426, enhanced="", text="connection timed out"),
        hop=Hop(name="larry.slip.umd.edu", ip="192.0.2.1"),
        tried_at=773_615_749.0,
    )
    letterhead = replace(LETTERHEAD, hostname="cs.utk.edu")
    per_message, per_recipient = groups(write_dsn(message(), [given_up], letterhead, header=HEADER))
    expected = {
        "Original-Recipient": "rfc822; louisl@larry.slip.umd.edu",
        "Final-Recipient": "rfc822; louisl@larry.slip.umd.edu",
        "Action": "failed",
        "Diagnostic-Code": "smtp; 426 connection timed out",
        "Last-Attempt-Date": "Thu, 7 Jul 1994 21:15:49 +0000",
    }
    assert per_message["Reporting-MTA"] == "dns; cs.utk.edu"
    assert expected.items() <= per_recipient.items()
    # The RFC's example says 4.0.0; ours is the vaguest code of the class that the action has.
    assert per_recipient["Status"] == "5.0.0"


def test_a_delay_says_until_when_it_is_tried() -> None:
    late = report(kind=Kind.DELAYED, code=0, enhanced="4.4.1", text="Connection refused", retry_until=1_795_999_999.0)
    written = write_dsn(message(), [replace(late, hop=Hop(name="mx.dest.example"))], LETTERHEAD, header=HEADER)
    fields = groups(written)[1]
    assert (fields["Action"], fields["Status"]) == ("delayed", "4.4.1")
    assert fields["Will-Retry-Until"] == "Mon, 30 Nov 2026 00:53:19 +0000"
    assert fields["Diagnostic-Code"] == "x-mailock; 4.4.1 Connection refused"
    assert str(parsed(written)["Subject"]) == "Your message is late, and still on its way"


@pytest.mark.parametrize(("kind", "action"), [(Kind.DELIVERED, "delivered"), (Kind.RELAYED, "relayed")])
def test_success_is_told(kind: Kind, action: str) -> None:
    written = write_dsn(message(), [report(kind=kind, code=250, enhanced="", text="Ok")], LETTERHEAD, header=HEADER)
    assert (groups(written)[1]["Action"], groups(written)[1]["Status"]) == (action, "2.0.0")


def test_recipients_of_several_kinds_share_one_notice() -> None:
    reports = [
        report("late", Kind.DELAYED, 451, "4.3.0", "Later"),
        report("gone"),
        report("there", Kind.DELIVERED, 250, "2.0.0", "Ok"),
    ]
    written = write_dsn(message(), reports, LETTERHEAD, header=HEADER)
    assert [group["Action"] for group in groups(written)[1:]] == ["delayed", "failed", "delivered"]
    assert str(parsed(written)["Subject"]) == "Your message was not delivered"


def test_no_recipient_is_named_but_those_reported_on_and_no_bcc_returns() -> None:
    header = (
        b"Bcc: secret@hidden.example,\r\n second@hidden.example\r\n" + HEADER + b"RESENT-BCC : third@hidden.example\r\n"
    )
    others = (Recipient(Address("other", "hidden.example"), Direction.OUTGOING),)
    for whole in (None, header + b"\r\ntext\r\n"):
        written = write_dsn(message(recipients=others), [report()], LETTERHEAD, header=header, whole=whole)
        assert b"hidden.example" not in written.content
        assert b"Subject: Hello" in written.content


@pytest.mark.parametrize("whole", [b"A: 1\r\n\r\n" + b"x" * 999, b"A: 1\r\n\r\nx\0y", b"A: 1\r\n\r\nbare\nline"])
def test_what_cannot_travel_comes_back_as_its_header(whole: bytes) -> None:
    written = write_dsn(message(), [report()], LETTERHEAD, header=HEADER, whole=whole)
    assert [part.get_content_type() for part in parsed(written).iter_parts()][2] == "text/rfc822-headers"
    assert "The header of your message is attached." in " ".join(text_of(written).split())


def test_eight_bit_comes_back_declared() -> None:
    written = write_dsn(message(), [report()], LETTERHEAD, header=HEADER, whole=HEADER + b"\r\ncaf\xe9\r\n")
    assert written.body_type is BodyType.EIGHT_BIT
    assert list(parsed(written).iter_parts())[2]["Content-Transfer-Encoding"] == "8bit"


def test_an_eight_bit_header_comes_back_encoded() -> None:
    written = write_dsn(message(), [report()], LETTERHEAD, header=b"Subject: caf\xe9\r\nX: " + b"y" * 2000 + b"\r\n")
    assert written.body_type is BodyType.SEVEN_BIT
    part = list(parsed(written).iter_parts())[2]
    assert part.get_payload(decode=True) == b"Subject: caf\xe9\r\nX: " + b"y" * 2000 + b"\r\n"


def test_a_boundary_that_occurs_in_the_message_is_changed() -> None:
    whole = HEADER + b"\r\n--4f9a1c77e0b2\r\n--4f9a1c77e0b2x--\r\n"
    found = parsed(write_dsn(message(), [report()], LETTERHEAD, header=HEADER, whole=whole))
    assert found.get_boundary() == "4f9a1c77e0b2xx"
    assert len(list(found.iter_parts())) == 3


UTF8_HEADER = "Subject: Grüße\r\n".encode()


def test_a_non_ascii_recipient_is_reported_to_an_ascii_sender_in_seven_bits() -> None:
    written = write_dsn(
        message(smtputf8=True), [report("bjørn")], LETTERHEAD, header=UTF8_HEADER, whole=UTF8_HEADER + b"\r\nx\r\n"
    )
    assert (written.body_type, written.smtputf8) == (BodyType.SEVEN_BIT, False)
    # This parser takes every message/* for unencoded, so the parts are cut out and decoded by hand.
    status, original = written.content.split(b"\r\n--4f9a1c77e0b2")[2:4]
    assert b"Content-Type: message/global-delivery-status\r\n" in status
    assert b"Content-Type: message/global\r\n" in original
    assert "Final-Recipient: utf-8; bjørn@dest.example\r\n" in unbased(status)
    assert unbased(original) == "Subject: Grüße\r\n\r\nx\r\n"


def test_a_non_ascii_sender_gets_an_internationalised_report() -> None:
    written = write_dsn(
        message(Address("ålice", "src.example"), smtputf8=True), [report("bjørn")], LETTERHEAD, header=UTF8_HEADER
    )
    assert (written.body_type, written.smtputf8) == (BodyType.EIGHT_BIT, True)
    found = parsed(written)
    kinds = [part.get_content_type() for part in found.iter_parts()]
    assert kinds == ["text/plain", "message/global-delivery-status", "message/global-headers"]
    assert "To: <ålice@src.example>\r\n".encode() in written.content
    assert "Final-Recipient: utf-8; bjørn@dest.example\r\n".encode() in written.content


def unbased(part: bytes) -> str:
    """A Base64 part, decoded."""
    return b64decode(part.partition(b"\r\n\r\n")[2]).decode()


@pytest.mark.parametrize(
    "evil",
    ["x\r\nAction: delivered", "x\r\n\r\n--4f9a1c77e0b2--", "x\nBcc: y@z", "\x00\x1b[2J", "\u2028Action: delivered"],
)
def test_what_others_said_stays_where_it_was_put(evil: str) -> None:
    hostile = replace(
        report(text=evil, orcpt="rfc822;" + "".join(f"+{octet:02X}" for octet in evil.encode())),
        hop=Hop(name=f"mx{evil}", ip="192.0.2.9"),
    )
    origin = replace(message().origin, untrusted_helo=evil)
    glimpse = Glimpse(message_id=f"<{evil}@x>")
    written = write_dsn(replace(message(), origin=origin, glimpse=glimpse), [hostile], LETTERHEAD, header=HEADER)
    found = parsed(written)
    assert "Bcc" not in found
    assert "In-Reply-To" not in found
    assert [group.get("Action") for group in groups(written)] == [None, "failed"]
    assert len(list(found.iter_parts())) == 3


def test_the_text_says_what_to_do_in_plain_words() -> None:
    text = text_of(write_dsn(message(), [report()], LETTERHEAD, header=HEADER))
    for words in (
        "could not deliver",
        "There is no such mailbox",
        "550 5.1.1 No such user",
        "03DMV9EK31WTE",
        "postmaster@",
    ):
        assert words in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_notice_needs_a_sender_and_something_to_tell() -> None:
    with pytest.raises(ValueError, match="return path"):
        write_dsn(message(None), [report()], LETTERHEAD, header=HEADER)
    with pytest.raises(ValueError, match="recipient to report on"):
        write_dsn(message(), [], LETTERHEAD, header=HEADER)


def test_equal_arguments_give_equal_bytes() -> None:
    first, second = (write_dsn(message(), [report()], LETTERHEAD, header=HEADER, whole=BODY) for _ in range(2))
    assert first == second


def test_a_notice_to_people() -> None:
    to = [Address("ops", "ours.example"), Address("night", "ours.example")]
    written = write_notice(LETTERHEAD, to=to, subject="Störung\r\nBcc: x@y", text="Ein Text.\nGrüße\n")
    found = parsed(written)
    assert (written.body_type, written.smtputf8) == (BodyType.SEVEN_BIT, False)
    assert (str(found["Subject"]), str(found["To"])) == (
        "Störung  Bcc: x@y",
        "ops@ours.example, night@ours.example",
    )
    assert str(found["Auto-Submitted"]) == "auto-generated"
    assert found.get_content() == "Ein Text.\r\nGrüße\r\n"
    assert write_notice(LETTERHEAD, to=[Address("ø", "ours.example")], subject="s", text="t").smtputf8
    with pytest.raises(ValueError, match="somebody to go to"):
        write_notice(LETTERHEAD, to=[], subject="s", text="t")

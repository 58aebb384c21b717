"""Notices as people and machines get them, kept as files: a change of wording or form shows as a difference.

`MAILOCK_WRITE_GOLDEN=1 pytest tests/golden` writes the files again; what changed is then read in the diff. The files
have bare newlines where the notices have CRLF.
"""

import os
from pathlib import Path

import pytest

from mailock.core.lifecycle.copies import Hop, Response
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.mail.message import BodyRef, Glimpse, Message, QueueId
from mailock.core.mail.origin import Origin
from mailock.core.notices.compose import Letterhead
from mailock.core.notices.dsn import write_dsn
from mailock.core.notices.report import Kind, Report

FOLDER = Path(__file__).parent / "notices"
HOP = Hop(name="mx.dest.example", ip="192.0.2.9", port=25)
HEADER = b"From: Alice <alice@src.example>\r\nTo: bob@dest.example, carol@dest.example\r\nSubject: Hello\r\n"
MESSAGE = Message(
    queue_id=QueueId(123456789012345678),
    session_id="s",
    ordinal=1,
    virtual_system="default",
    node="n",
    origin=Origin(
        ip="10.0.0.1", port=1, untrusted_helo="ws.src.example", protocol="ESMTP", listener="smtp", internal=True
    ),
    envelope=Envelope(sender=Address("alice", "src.example"), recipients=(), envid="QQ314159"),
    body=BodyRef(1, "", 1000, True),
    trace=b"",
    glimpse=Glimpse(message_id="<a@src.example>"),
    accepted_at=1_795_490_705.0,
    revision=1,
)
LETTERHEAD = Letterhead(
    hostname="mx1.ours.example",
    from_=Address("postmaster", "ours.example"),
    at=1_795_490_805.0,
    message_id="03DMV9EK31WTF@mx1.ours.example",
    boundary="4f9a1c77e0b2",
)


def report(local: str, kind: Kind, code: int, enhanced: str, text: str, hop: Hop | None = HOP) -> Report:
    return Report(
        recipient=Recipient(Address(local, "dest.example"), Direction.OUTGOING, orcpt=f"rfc822;{local}@dest.example"),
        kind=kind,
        response=Response(code=code, enhanced=enhanced, text=text),
        hop=hop,
        tried_at=1_795_490_800.0,
        retry_until=1_795_922_705.0 if kind is Kind.DELAYED else None,
    )


NOTICES = {
    "unknown-mailbox": [report("bob", Kind.FAILED, 550, "5.1.1", "<bob@dest.example>: Recipient address rejected")],
    "expired": [
        report(
            "bob",
            Kind.FAILED,
            554,
            "5.4.7",
            "Delivery time expired after 120 h; the last answer was: 451 4.3.0 Busy",
            None,
        )
    ],
    "late": [report("bob", Kind.DELAYED, 0, "4.4.1", "Connection refused", Hop(name="mx.dest.example"))],
    "passed-on": [report("bob", Kind.RELAYED, 250, "2.1.5", "Ok")],
    "mixed": [
        report("bob", Kind.DELIVERED, 250, "2.1.5", "Ok"),
        report("carol", Kind.FAILED, 552, "5.2.2", "Mailbox full"),
        report("dave", Kind.DELAYED, 451, "4.7.1", "Greylisted, please come again in 300 seconds"),
    ],
}


@pytest.mark.parametrize("name", NOTICES)
def test_the_notice_is_the_one_that_was_agreed_on(name: str) -> None:
    content = write_dsn(MESSAGE, NOTICES[name], LETTERHEAD, header=HEADER).content
    assert content.count(b"\n") == content.count(b"\r\n")
    path = FOLDER / f"{name}.eml"
    if os.environ.get("MAILOCK_WRITE_GOLDEN"):
        FOLDER.mkdir(exist_ok=True)
        path.write_bytes(content.replace(b"\r\n", b"\n"))
    assert content.replace(b"\r\n", b"\n") == path.read_bytes()

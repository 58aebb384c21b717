"""A message that goes to others too."""

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import Message, OwnMail, QueueId, for_others
from tests.contract.spool import message


def made(original: Message, *to: Address) -> Message:
    return for_others(
        original,
        to,
        own=OwnMail.ARCHIVE,
        queue_id=QueueId(77),
        session_id="s",
        node="mx1",
        accepted_at=3.0,
        revision=9,
    )


def test_it_is_the_same_octets_from_the_null_path() -> None:
    original = message(1)
    found = made(original, Address("archive", "dest.test"))
    assert (found.body, found.trace, found.virtual_system) == (original.body, original.trace, original.virtual_system)
    assert (found.parent, found.own, found.queue_id, found.revision) == (original.queue_id, "archive", 77, 9)
    assert found.envelope.sender is None
    assert [(str(one.address), one.direction) for one in found.envelope.recipients] == [
        ("archive@dest.test", Direction.OUTGOING)
    ]


@pytest.mark.parametrize(("local", "needed"), [("archive", False), ("archïv", True)])
def test_an_address_that_is_not_ascii_needs_smtputf8(local: str, *, needed: bool) -> None:
    assert not message(1).envelope.smtputf8
    assert made(message(1), Address("a", "dest.test"), Address(local, "dest.test")).envelope.smtputf8 is needed

"""Who becomes known: whom ours write to, and who proved who he is; nobody else, and nobody by a bounce or by spam."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mailock.core.evidence.finding import Severity
from mailock.core.impersonation.acquaintance import Contact, marks_of
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.mail.message import Message
from mailock.core.policy.case import Party
from mailock.core.policy.decide import judge
from mailock.processes.corresponding import MOST_RECIPIENTS, learn_correspondents
from mailock.storage.memory.correspondents import MemoryCorrespondents
from tests.parts.evidence import case, finding, found
from tests.parts.stories import address, message
from tests.unit.operations.hands import INSTALLED

PETRA = marks_of("Petra Klein", "petra@lieferant.de", "lieferant.de")
SPAM = finding(Severity.NOTE, kind="words", weight=12.0)


def outgoing(to: Sequence[str] = ("petra@lieferant.de",), sender: str | None = "anna@dest.test") -> Message:
    made = message(sender=sender, from_="Anna <anna@dest.test>")
    recipients = tuple(Recipient(address(one), Direction.OUTGOING) for one in to)
    return replace(
        made,
        origin=replace(made.origin, internal=True),
        envelope=Envelope(sender=made.envelope.sender, recipients=recipients),
        glimpse=replace(made.glimpse, to="Petra Klein <Petra@lieferant.de>", cc=""),
    )


def learnt(of: Message, *, proven: frozenset[str] = frozenset(), spam: bool = False) -> list[Contact]:
    known = MemoryCorrespondents()
    parties = tuple(
        Party(number=number, address=one.address, direction=one.direction)
        for number, one in enumerate(of.envelope.recipients)
    )
    one = replace(case(found(*((SPAM,) if spam else ())), of=of), proven=proven, parties=parties)
    learn_correspondents(known, one, judge(one, INSTALLED.rulebase))
    return list(known.find("default", PETRA).values())


def test_whom_ours_write_to_is_known_by_address_domain_and_name() -> None:
    contacts = learnt(outgoing())
    assert len(contacts) == len(PETRA) and all(one.wrote == 1 and one.is_known(one.last) for one in contacts)


@pytest.mark.parametrize(
    "of",
    [
        outgoing(sender=None),
        outgoing(to=[f"x{number}@lieferant.de" for number in range(MOST_RECIPIENTS + 1)]),
        replace(outgoing(), own="notice"),
    ],
)
def test_bounces_circulars_and_our_own_notices_teach_nothing(of: Message) -> None:
    assert learnt(of) == []


def test_who_writes_to_us_has_to_prove_who_he_is_and_to_be_wanted() -> None:
    of = message(sender="petra@lieferant.de", from_="Petra Klein <petra@lieferant.de>")
    contacts = learnt(of, proven=frozenset({"lieferant.de"}))
    assert len(contacts) == len(PETRA) and all(one.heard == 1 and not one.is_known(one.last) for one in contacts)
    assert learnt(of) == []
    assert learnt(of, proven=frozenset({"lieferant.de"}), spam=True) == []

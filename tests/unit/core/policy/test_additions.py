"""Signature and banner: on mail that was looked at, for those whom it concerns, and on nothing else."""

from dataclasses import replace

import pytest

from mailock.config.changes import Banner, Signature, compile_additions
from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import OwnMail
from mailock.core.policy.case import Case
from mailock.core.policy.copying import split
from mailock.core.policy.decide import decide
from mailock.core.policy.rulebase import Rulebase
from mailock.core.rewriting.edits import AddText, Place, SetHeader, StripPart
from mailock.core.rewriting.orders import read_orders
from tests.parts.evidence import case, found
from tests.parts.stories import NOON, message
from tests.unit.core.policy.test_decide import EICAR

BOTH = compile_additions(Signature(enabled=True, text="signed"), Banner(enabled=True, text="outside"))


def texts(of: Case) -> list[str]:
    """What is added, for the first recipient."""
    decision = decide(of, Rulebase(additions=BOTH))[0]
    return [edit.text for edit in decision.edits if isinstance(edit, AddText)]


def test_nothing_is_added_unless_it_is_switched_on() -> None:
    assert compile_additions(Signature(), Banner()) == ()
    assert compile_additions(Signature(enabled=True, text=" "), Banner(enabled=True, text="")) == ()
    assert compile_additions(Signature(enabled=True, directions=()), Banner()) == ()


def test_the_banner_stands_on_top_and_the_signature_at_the_end() -> None:
    assert [(each.text.place, each.text.text) for each in BOTH] == [(Place.TOP, "outside"), (Place.BOTTOM, "signed")]
    assert texts(case(found())) == ["outside", "signed"]


@pytest.mark.parametrize(
    ("direction", "wanted"),
    [
        (Direction.INCOMING, ["outside", "signed"]),
        (Direction.OUTGOING, ["signed"]),
        (Direction.INTERNAL, ["signed"]),
    ],
)
def test_the_banner_is_for_mail_from_outside(direction: Direction, wanted: list[str]) -> None:
    given = case(found())
    parties = tuple(replace(party, direction=direction) for party in given.parties)
    assert texts(replace(given, parties=parties)) == wanted


def test_a_signature_may_be_for_one_direction_only() -> None:
    (only,) = compile_additions(Signature(enabled=True, directions=(Direction.OUTGOING,)), Banner())
    decision = decide(case(found()), Rulebase(additions=(only,)))[0]
    assert decision.edits == ()


def test_what_was_not_looked_at_completely_gets_nothing() -> None:
    given = case(found())
    gap = case(replace(given.examination, coverage=replace(given.examination.coverage, due=0)))
    assert texts(gap) == []


def test_what_is_kept_gets_nothing() -> None:
    given = case(found(EICAR))
    (decision,) = decide(given, Rulebase(additions=BOTH))
    assert (decision.disposition, decision.edits) == (Disposition.QUARANTINE, ())
    assert not any(isinstance(edit, AddText) for edit in decision.on_release)


def test_what_is_kept_as_malicious_is_let_go_without_what_was_found() -> None:
    (decision,) = decide(case(found(EICAR)), Rulebase())
    assert [type(edit) for edit in decision.on_release] == [StripPart, SetHeader]
    (copy,) = split(message(), (decision,), NOON).copies
    assert (copy.stage, read_orders(copy.orders).edits) == (CopyStage.QUARANTINED, decision.on_release)
    (clean,) = decide(case(found()), Rulebase())
    assert clean.on_release == ()


def test_mail_of_ours_and_mail_that_is_only_watched_get_nothing() -> None:
    given = case(found())
    assert texts(replace(given, message=replace(message(1), own=OwnMail.NOTICE))) == []
    assert texts(replace(given, parties=tuple(replace(party, monitoring=True) for party in given.parties))) == []

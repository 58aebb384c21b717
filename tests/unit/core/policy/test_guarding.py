"""Links that ask first: in incoming mail, for each recipient by itself, and where a reader would click them."""

from dataclasses import replace

import pytest

from mailock.core.evidence.finding import Link, Shown
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import OwnMail
from mailock.core.policy.case import Case
from mailock.core.policy.copying import split
from mailock.core.policy.decide import decide
from mailock.core.policy.guarding import MOST, Guarding
from mailock.core.policy.rulebase import Rulebase
from mailock.core.rewriting.edits import GuardLink
from mailock.core.rewriting.orders import read_orders
from mailock.core.routing.pattern import read_pattern
from tests.parts.evidence import case, examined, link, looked
from tests.parts.stories import NOON, message
from tests.unit.core.policy.test_decide import EICAR

GUARDING = Guarding(besides=(read_pattern("example.com"), read_pattern("*.example.com")))


def guarded(of: Case, guarding: Guarding | None = GUARDING) -> list[str]:
    """The URLs that ask first, for the first recipient."""
    decision = decide(of, Rulebase(guarding=guarding))[0]
    return [edit.untrusted_url for edit in (*decision.edits, *decision.on_release) if isinstance(edit, GuardLink)]


def with_links(*links: Link) -> Case:
    """A harmless message with these links."""
    return case(examined(looked("av", "1.1"), links=links))


def test_nothing_is_rewritten_unless_it_is_switched_on() -> None:
    assert guarded(with_links(link()), None) == []
    assert guarded(with_links(link())) == ["https://evil.example/x"]


@pytest.mark.parametrize(
    "given",
    [
        link("https://example.com/x"),
        link("https://a.example.com:8443/x"),
        link("mailto:a@b.test"),
        link("ftp://a.test/"),
        link("https://a.test/" + "x" * 2048),
        link("https://[a.test/"),
        link("https://a.test/", shown=Shown.INSIDE),
        replace(link("https://a.test/"), untrusted_raw="hxxps://a[.]test/"),
    ],
)
def test_some_links_stay_as_they_are(given: Link) -> None:
    assert guarded(with_links(given)) == []


def test_each_place_is_rewritten_once_and_not_without_end() -> None:
    assert guarded(with_links(link(), link())) == ["https://evil.example/x"]
    many = [link(f"https://a.test/{number}") for number in range(MOST + 5)]
    assert len(guarded(with_links(*many))) == MOST


@pytest.mark.parametrize("direction", [Direction.OUTGOING, Direction.INTERNAL])
def test_only_what_comes_in_is_rewritten(direction: Direction) -> None:
    assert guarded(case(examined(looked("av", "1.1"), links=[link()]), direction=direction)) == []


def test_mail_of_ours_and_mail_that_is_only_watched_stay() -> None:
    given = with_links(link())
    assert guarded(replace(given, message=replace(message(1), own=OwnMail.NOTICE))) == []
    assert guarded(replace(given, parties=tuple(replace(party, monitoring=True) for party in given.parties))) == []


def test_each_recipient_gets_a_copy_whose_links_are_his() -> None:
    given = case(examined(looked("av", "1.1"), links=[link()]), to=("bob@dest.test", "eve@dest.test"))
    decisions = decide(given, Rulebase(guarding=GUARDING))
    copies = split(given.message, decisions, NOON).copies
    orders = [read_orders(copy.orders).edits for copy in copies]
    assert [edit.recipient for (edit,) in orders if isinstance(edit, GuardLink)] == ["bob@dest.test", "eve@dest.test"]


def test_what_is_let_go_later_has_them_too() -> None:
    given = case(examined(looked("av", "1.1", EICAR), links=[link()]))
    (decision,) = decide(given, Rulebase(guarding=GUARDING))
    assert (decision.disposition, decision.edits) == (Disposition.QUARANTINE, ())
    assert guarded(given) == ["https://evil.example/x"]

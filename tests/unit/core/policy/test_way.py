"""Ways: what a rule says of return path, recipient and next hop, and what a message's deliveries make of it."""

from dataclasses import replace

import pytest

from mailock.core.evidence.finding import Severity
from mailock.core.lifecycle.changes import Planned
from mailock.core.lifecycle.copies import Copy, Delivery, Disposition
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Recipient
from mailock.core.policy.case import parties_of
from mailock.core.policy.conditions.circumstances import SentTo
from mailock.core.policy.copies import passed
from mailock.core.policy.copying import split
from mailock.core.policy.decide import judge
from mailock.core.policy.installed import Installed, Timeliness
from mailock.core.policy.plan import plan
from mailock.core.policy.route import UNROUTED, route
from mailock.core.policy.rule import Rule, Then
from mailock.core.policy.rulebase import Rulebase
from mailock.core.policy.way import STRAIGHT, Way, joined, led, return_path
from mailock.core.routing.nexthop import NextHop, NoForward, parse_next_hop
from mailock.core.routing.pattern import read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes, TlsDemand
from tests.parts.evidence import case, finding, found
from tests.parts.stories import NOON, message

DLP: NextHop = parse_next_hop("dlp.test")
ROUTES = Routes(
    rules=(
        ForwardingRule(
            name="there",
            patterns=(read_pattern("dest.test"),),
            next_hop=parse_next_hop("mail.test"),
            tls=TlsDemand.VERIFIED,
        ),
        ForwardingRule(name="scan", patterns=(read_pattern("scan.test"),), next_hop=NoForward()),
        ForwardingRule(
            name="out",
            patterns=(read_pattern("*"),),
            next_hop=parse_next_hop("mx:"),
            direction=Direction.OUTGOING,
        ),
    ),
    chosen={"dlp": DLP},
)
BY_DLP = Way(via="dlp", hop=str(DLP))


def planned(*rules: Rule, to: tuple[str, ...] = ("bob@dest.test",)) -> tuple[tuple[Copy, ...], tuple[Delivery, ...]]:
    rulebase = Rulebase(rules=rules)
    installed = Installed(revision=7, hostname="mx.test", enabled=True, routes=ROUTES, rulebase=rulebase)
    of = message(to=to)
    a_case = replace(case(found(), of=of), parties=parties_of(of, ROUTES))
    made = plan(of, MessageStage.ACCEPTED, installed, NOON, NOON, Timeliness.IN_TIME, judgement=judge(a_case, rulebase))
    (change,) = [change for change in made.changes if isinstance(change, Planned)]
    return change.copies, change.deliveries


def rule(name: str, way: Way, *to: str) -> Rule:
    when = (SentTo(tuple(map(read_pattern, to))),) if to else ()
    return Rule(name=name, when=when, then=Then(way=way))


def test_the_first_that_says_something_of_a_field_is_followed_and_named() -> None:
    first, second = Way(sender="*@b.test"), Way(sender="*@c.test", via="dlp", hop="dlp.test:25")
    way, told = joined([("one", first), ("none", STRAIGHT), ("dlp", second)])
    assert way == Way(sender="*@b.test", via="dlp", hop="dlp.test:25")
    assert told == ("rule one sends it from *@b.test", "rule dlp sends it by dlp.test:25")
    assert joined([("none", STRAIGHT)]) == (STRAIGHT, ())


def test_a_next_hop_that_a_rule_chooses_keeps_what_the_forwarding_rule_asks_of_tls() -> None:
    ((copy,), (delivery,)) = planned(rule("dlp", BY_DLP))
    assert copy.via == "dlp"
    assert delivery.lane == "dlp.test:25 tls=verified"
    assert "rule dlp sends it by dlp.test:25" in copy.because


def test_a_next_hop_that_is_chosen_no_more_leaves_its_mail_without_a_route() -> None:
    recipient = Recipient(Address("bob", "dest.test"), Direction.INCOMING)
    assert route(replace(ROUTES, chosen={}), message(), recipient, "dlp") is None
    ((_,), (delivery,)) = planned(rule("gone", Way(via="gone", hop="gone.test:25")))
    assert delivery.lane == UNROUTED


def test_nothing_of_it_reaches_recipients_whose_mail_is_scanned_only() -> None:
    everything = Way(sender="*@b.test", recipient="new@dest.test", via="dlp", hop="dlp.test:25")
    ((copy,), (delivery,)) = planned(rule("all", everything), to=("eve@scan.test",))
    assert (copy.sender, copy.via) == (None, "")
    assert str(delivery.recipient.address) == "eve@scan.test"
    recipient = Recipient(Address("eve", "scan.test"), Direction.INCOMING)
    scanning = route(ROUTES, message(), recipient, "dlp")
    assert scanning is not None
    assert not scanning.forwards


def test_a_rewritten_recipient_gets_it_and_the_next_hop_is_told_who_was_meant() -> None:
    _, (changed, kept) = planned(
        rule("moved", Way(recipient="*@new.dest.example"), "a+b@dest.test"), to=("a+b@dest.test", "bob@dest.test")
    )
    assert str(changed.recipient.address) == "a+b@new.dest.example"
    assert changed.recipient.orcpt == "rfc822;a+2Bb@dest.test"
    assert (changed.recipient.direction, changed.lane) == (Direction.OUTGOING, "mx:new.dest.example")
    assert str(kept.recipient.address) == "bob@dest.test"
    assert kept.lane == "mail.test:25 tls=verified"
    assert changed.number != kept.number


def test_an_orcpt_that_the_sender_gave_stays() -> None:
    recipient = Recipient(Address("bob", "dest.test"), Direction.INCOMING, orcpt="rfc822;first@dest.test")
    _, (delivery,) = planned()
    given = (replace(delivery, recipient=recipient),)
    (there,) = led(ROUTES, message(), given, {0: Way(recipient="new@dest.test")})
    assert there.recipient.orcpt == "rfc822;first@dest.test"
    assert there.recipient.direction is Direction.INCOMING


@pytest.mark.parametrize(
    ("as_", "path"),
    [("*@bounces.test", "bounces.test"), ("post@bounces.test", "bounces.test"), ("", None)],
)
def test_the_return_path_is_rewritten(as_: str, path: str | None) -> None:
    of = message()
    assert of.envelope.sender is not None
    found_path = return_path(of, Way(sender=as_))
    assert (found_path.domain if found_path else None) == path
    if as_.startswith("*"):
        assert found_path is not None
        assert found_path.local == of.envelope.sender.local


def test_the_null_return_path_stays() -> None:
    of = message()
    bounce = replace(of, envelope=replace(of.envelope, sender=None))
    assert return_path(bounce, Way(sender="*@bounces.test")) is None


def test_recipients_with_other_return_paths_have_copies_of_their_own() -> None:
    copies, deliveries = planned(
        rule("from", Way(sender="*@b.test"), "a@dest.test"), to=("a@dest.test", "b@dest.test", "c@dest.test")
    )
    assert [copy.sender and copy.sender.domain for copy in copies] == ["b.test", None]
    assert [one.copy for one in deliveries] == [0, 1, 1]
    assert all(copy.stage is CopyStage.READY for copy in copies)


def test_who_is_added_gets_what_is_delivered_and_nothing_else() -> None:
    archive = Rulebase(rules=(Rule(name="all", then=Then(added=("archive@dest.test", "BOB@dest.test"))),))
    clean = case(found())
    (one,) = passed(clean, judge(clean, archive))
    assert one.to == ("archive@dest.test",)
    assert "rule all adds archive@dest.test, BOB@dest.test" in judge(clean, archive).decisions[0].because
    bad = case(found(finding(Severity.MALICIOUS)))
    assert judge(bad, archive).decisions[0].disposition is Disposition.QUARANTINE
    assert passed(bad, judge(bad, archive)) == ()
    assert [copy.added for copy in split(bad.message, judge(bad, archive).decisions, 0.0).copies] == [
        ("archive@dest.test", "BOB@dest.test")
    ]
    assert [copy.added for copy in split(clean.message, judge(clean, archive).decisions, 0.0).copies] == [()]
    watched = case(found(), monitoring=[0])
    assert passed(watched, judge(watched, archive)) == ()

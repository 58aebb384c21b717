"""Judging a remembered case by another policy: the same, otherwise, or unknown, and never a guess."""

from dataclasses import replace

from mailock.core.evidence.finding import Severity
from mailock.core.evidence.report import Why
from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.case import Case
from mailock.core.policy.conditions.circumstances import SentTo
from mailock.core.policy.conditions.evidence import HasFile
from mailock.core.policy.decide import judge
from mailock.core.policy.installed import Installed
from mailock.core.policy.profile import MaliciousMail, Profile
from mailock.core.policy.remembered import again, remember
from mailock.core.policy.rule import Rule, Then
from mailock.core.policy.rulebase import Rulebase
from mailock.core.policy.way import Way
from mailock.core.policy.whatif import Answer, Replayed, replay
from mailock.core.rewriting.edits import PrefixSubject
from mailock.core.routing.nexthop import NoForward, parse_next_hop
from mailock.core.routing.pattern import read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes
from tests.parts.evidence import case, examined, finding, found, looked, missed

ROUTES = Routes(
    rules=(ForwardingRule(name="r", patterns=(read_pattern("dest.test"),), next_hop=parse_next_hop("mail.test")),)
)
SCAN_ONLY = Routes(rules=(replace(ROUTES.rules[0], next_hop=NoForward()),))
BAD = found(finding(Severity.MALICIOUS, kind="eicar"))


def policy(rulebase: Rulebase | None = None, routes: Routes = ROUTES) -> Installed:
    return Installed(revision=0, hostname="mx.test", enabled=True, routes=routes, rulebase=rulebase or Rulebase())


def asked(of: Case, draft: Installed, missing: tuple[str, ...] = ()) -> Replayed:
    return replay(of.message, remember(of, judge(of, Rulebase())), draft, missing)


def test_the_same_policy_decides_the_same() -> None:
    for examination in (found(), BAD, examined(missed()), examined(looked("bayes"))):
        assert asked(case(examination), policy()).answer is Answer.SAME


def test_the_case_comes_back_as_it_was() -> None:
    of = case(found(), proven=["source.test"], in_session=True, to=("a@dest.test", "b@dest.test"))
    groups = replace(of.parties[1], groups=frozenset({"board"}))
    of = replace(of, parties=(of.parties[0], groups), offset=3600.0)
    assert again(of.message, remember(of, judge(of, Rulebase())), ROUTES) == of


def test_what_differs_is_told_for_whom_it_differs() -> None:
    hold = Rule(name="new", when=(SentTo((read_pattern("b@dest.test"),)),), then=Then(disposition=Disposition.HOLD))
    answered = asked(case(found(), to=("a@dest.test", "b@dest.test")), policy(Rulebase(rules=(hold,))))
    assert answered.answer is Answer.DIFFERS
    (change,) = answered.changes
    assert (change.before.recipient, change.before.disposition, change.after.disposition, change.after.rule) == (
        1,
        Disposition.DELIVER,
        Disposition.HOLD,
        "new",
    )


def test_a_rule_that_comes_to_the_same_is_no_difference() -> None:
    programs = Rule(
        name="programs",
        when=(HasFile(types=frozenset({"exe"})),),
        then=Then(disposition=Disposition.QUARANTINE, quarantine_class="malware"),
    )
    assert asked(case(BAD), policy(Rulebase(rules=(programs,)))).answer is Answer.SAME


def test_another_change_or_another_class_is_a_difference() -> None:
    tag = Rule(name="tag", then=Then(edits=(PrefixSubject(text="[X] "),)))
    assert asked(case(found()), policy(Rulebase(rules=(tag,)))).answer is Answer.DIFFERS
    discard = Profile(malicious=MaliciousMail(disposition=Disposition.DISCARD))
    assert asked(case(BAD), policy(Rulebase(default=discard))).answer is Answer.DIFFERS


def test_another_way_or_another_recipient_is_a_difference() -> None:
    for then in (
        Then(way=Way(sender="*@b.test")),
        Then(way=Way(recipient="new@dest.test")),
        Then(way=Way(via="r", hop="dlp.test:25")),
        Then(added=("archive@dest.test",)),
    ):
        assert asked(case(found()), policy(Rulebase(rules=(Rule(name="r", then=then),)))).answer is Answer.DIFFERS


def test_what_a_draft_does_not_forward_it_does_not_enforce() -> None:
    assert asked(case(BAD), policy(routes=SCAN_ONLY)).answer is Answer.DIFFERS


def test_where_an_engine_was_left_out_nothing_is_guessed() -> None:
    answered = asked(case(examined(looked(), missed(Why.NOT_NEEDED))), policy())
    assert answered.answer is Answer.NEEDS_SCAN
    assert "because the outcome was fixed already" in answered.missing[0]


def test_where_a_draft_would_look_otherwise_nothing_is_guessed() -> None:
    answered = asked(case(BAD), policy(), ("[anti_virus] clamav is another than when it was examined",))
    assert (answered.answer, answered.changes) == (Answer.NEEDS_SCAN, ())

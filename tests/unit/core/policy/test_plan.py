"""What judging a message comes to: who gets it, who does not, and for whom nothing is enforced."""

import pytest

from mailock.core.evidence.finding import Severity
from mailock.core.lifecycle.changes import Planned, Settled
from mailock.core.lifecycle.copies import Copy, Delivery, Disposition
from mailock.core.lifecycle.events import Judged
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.policy.case import Case, parties_of
from mailock.core.policy.conditions.circumstances import SentTo
from mailock.core.policy.decide import judge
from mailock.core.policy.installed import Installed, Timeliness
from mailock.core.policy.plan import Plan, plan
from mailock.core.policy.rule import Rule, Then
from mailock.core.policy.rulebase import Rulebase
from mailock.core.rewriting.edits import PrefixSubject
from mailock.core.routing.nexthop import NoForward, parse_next_hop
from mailock.core.routing.pattern import read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes
from tests.parts.evidence import DUTIES, examined, finding, looked
from tests.parts.stories import NOON, message

ROUTES = Routes(
    rules=(
        ForwardingRule(name="there", patterns=(read_pattern("dest.test"),), next_hop=parse_next_hop("mail.test")),
        ForwardingRule(name="also", patterns=(read_pattern("also.test"),), next_hop=parse_next_hop("also.test")),
        ForwardingRule(name="scan", patterns=(read_pattern("scan.test"),), next_hop=NoForward()),
    )
)


def planned(*to: str, timeliness: Timeliness = Timeliness.IN_TIME, signed: bool = False) -> Plan:
    installed = Installed(revision=7, hostname="mx.test", enabled=True, routes=ROUTES)
    return plan(message(to=to), MessageStage.ACCEPTED, installed, NOON, NOON, timeliness, signed=signed)


def copies(of: Plan) -> tuple[Copy, ...]:
    (change,) = [change for change in of.changes if isinstance(change, Planned)]
    return change.copies


def deliveries(of: Plan) -> dict[str, Delivery]:
    (change,) = [change for change in of.changes if isinstance(change, Planned)]
    return {str(one.recipient.address): one for one in change.deliveries}


def settled(of: Plan) -> list[tuple[int, tuple[int, ...]]]:
    """Copy and recipients of each ending that is in the plan itself."""
    return [
        (change.copy, tuple(outcome.number for outcome in change.outcomes))
        for change in of.changes
        if isinstance(change, Settled)
    ]


def test_each_lane_gets_a_parcel_and_scan_only_ends_at_once() -> None:
    of = planned("a@dest.test", "b@scan.test", "c@also.test", "d@dest.test")
    assert [copy.stage for copy in copies(of)] == [CopyStage.READY]
    assert [[one.number for one in parcel.deliveries] for parcel in of.parcels] == [[0, 3], [2]]
    assert settled(of) == [(0, (1,))]


def test_what_is_to_be_signed_waits_for_it_and_what_is_only_scanned_does_not() -> None:
    of = planned("a@dest.test", "b@scan.test", "c@also.test", signed=True)
    assert [(copy.stage, copy.orders) for copy in copies(of)] == [(CopyStage.READY, b""), (CopyStage.PLANNED, b"")]
    assert [[one.number for one in parcel.deliveries] for parcel in of.parcels] == [[0, 2]]
    assert settled(of) == [(0, (1,))]
    (only,) = copies(planned("b@scan.test", signed=True))
    assert only.stage is CopyStage.READY
    (late,) = copies(planned("a@dest.test", timeliness=Timeliness.RETURN, signed=True))
    assert late.stage is CopyStage.READY


def test_what_no_rule_takes_waits_in_a_lane_of_its_own() -> None:
    of = planned("a@gone.test")
    assert deliveries(of)["a@gone.test"].lane == ""
    assert len(of.parcels) == 1


def test_late_mail_that_may_pass_is_tagged() -> None:
    of = planned("a@dest.test", timeliness=Timeliness.SKIP)
    (copy,) = copies(of)
    assert copy.skipped
    assert copy.prefix.startswith(b"X-Mailock-Skipped: ")
    assert len(of.parcels) == 1


@pytest.mark.parametrize("timeliness", [Timeliness.QUARANTINE, Timeliness.RETURN])
def test_late_mail_is_kept_from_those_for_whom_something_is_enforced_only(timeliness: Timeliness) -> None:
    of = planned("a@dest.test", "b@scan.test", "c@also.test", timeliness=timeliness)
    scanned, kept = copies(of)
    assert scanned.stage is CopyStage.READY
    assert settled(of) == [(0, (1,))]
    assert {name: one.copy for name, one in deliveries(of).items()} == {
        "a@dest.test": 1,
        "b@scan.test": 0,
        "c@also.test": 1,
    }
    if timeliness is Timeliness.QUARANTINE:
        assert (kept.stage, kept.quarantine_class) == (CopyStage.QUARANTINED, "late")
        assert not of.parcels
    else:
        # What goes back goes back as one, whatever lanes it would have taken.
        (parcel,) = of.parcels
        assert (parcel.copy, [one.number for one in parcel.deliveries]) == (kept, [0, 2])


@pytest.mark.parametrize("timeliness", [Timeliness.QUARANTINE, Timeliness.RETURN])
def test_where_all_of_it_is_scanned_only_lateness_has_no_effect(timeliness: Timeliness) -> None:
    of = planned("a@scan.test", "b@scan.test", timeliness=timeliness)
    (copy,) = copies(of)
    assert copy.stage is CopyStage.READY
    assert "nothing is enforced" in copy.because[-1]
    assert settled(of) == [(0, (0, 1))]
    assert not of.parcels


EXAMINED = (looked("av", "1.1"), looked("av", "1.2"))


def judged(*to: str, timeliness: Timeliness = Timeliness.IN_TIME, rulebase: Rulebase, bad: bool = False) -> Plan:
    """The plan of a message with one malicious attachment, or with none."""
    of = examined(*EXAMINED, looked("yara", "1.2", finding(Severity.MALICIOUS, kind="eicar"))) if bad else None
    installed = Installed(revision=7, hostname="mx.test", enabled=True, routes=ROUTES, rulebase=rulebase)
    given = message(to=to)
    facts = Case(
        message=given,
        examination=of or examined(*EXAMINED),
        duties=DUTIES,
        parties=parties_of(given, ROUTES),
        now=NOON,
    )
    judgement = judge(facts, rulebase)
    return plan(given, MessageStage.ACCEPTED, installed, NOON, NOON, timeliness, judgement=judgement)


def test_recipients_who_share_a_treatment_share_a_copy_and_nobody_else() -> None:
    tag = Then(edits=(PrefixSubject(text="[EXT] "),))
    rules = (
        Rule(
            name="keep", when=(SentTo((read_pattern("a@dest.test"),)),), then=Then(disposition=Disposition.QUARANTINE)
        ),
        Rule(name="hold", when=(SentTo((read_pattern("b@dest.test"),)),), then=Then(disposition=Disposition.HOLD)),
        Rule(name="drop", when=(SentTo((read_pattern("c@dest.test"),)),), then=Then(disposition=Disposition.DISCARD)),
        Rule(name="tag", when=(SentTo((read_pattern("also.test"),)),), then=tag),
    )
    to = ("a@dest.test", "b@dest.test", "c@dest.test", "d@also.test", "e@dest.test", "f@dest.test", "g@also.test")
    of = judged(*to, "h@scan.test", rulebase=Rulebase(rules=rules))
    assert [(copy.stage, copy.rule) for copy in copies(of)] == [
        (CopyStage.QUARANTINED, "keep"),
        (CopyStage.HELD, "hold"),
        (CopyStage.CLOSED, "drop"),
        (CopyStage.PLANNED, "tag"),
        (CopyStage.READY, "mta"),
    ]
    assert [one.copy for one in deliveries(of).values()] == [0, 1, 2, 3, 4, 4, 3, 4]
    assert deliveries(of)["c@dest.test"].stage is DeliveryStage.DROPPED
    assert settled(of) == [(4, (7,))]
    # What is to be changed is handed to remake, what goes as it is to send.
    assert [[one.number for one in parcel.deliveries] for parcel in of.parcels] == [[3, 6], [4, 5]]
    assert [bool(parcel.copy.orders) for parcel in of.parcels] == [True, False]


def test_the_log_is_told_who_was_treated_how_and_by_which_rule() -> None:
    of = judged("a@dest.test", "b@scan.test", rulebase=Rulebase(), bad=True)
    (event,) = [event for event in of.events if isinstance(event, Judged)]
    assert event.verdict == "malicious"
    kept, monitored = event.decisions
    assert (kept.recipients, kept.disposition, kept.quarantine_class) == ((0,), Disposition.QUARANTINE, "malware")
    assert (monitored.recipients, monitored.disposition) == ((1,), Disposition.DELIVER)
    assert "nothing is enforced" in monitored.because[-1]


def test_a_message_that_is_discarded_for_everybody_ends_at_once() -> None:
    of = judged(
        "a@dest.test", rulebase=Rulebase(rules=(Rule(name="drop", then=Then(disposition=Disposition.DISCARD)),))
    )
    assert [copy.stage for copy in copies(of)] == [CopyStage.CLOSED]
    assert not of.parcels


@pytest.mark.parametrize("timeliness", [Timeliness.SKIP, Timeliness.CROWDED])
def test_allow_lets_nothing_pass_that_was_judged(timeliness: Timeliness) -> None:
    of = judged("a@dest.test", timeliness=timeliness, rulebase=Rulebase(), bad=True)
    (copy,) = copies(of)
    assert (copy.stage, copy.quarantine_class, copy.skipped) == (CopyStage.QUARANTINED, "malware", False)


def test_late_mail_is_returned_only_where_nothing_bad_was_found() -> None:
    clean = judged("a@dest.test", timeliness=Timeliness.RETURN, rulebase=Rulebase())
    assert [copy.stage for copy in copies(clean)] == [CopyStage.READY]
    assert copies(clean)[0].because[1] == "mail_settings block late mail"
    (bad,) = copies(judged("a@dest.test", timeliness=Timeliness.RETURN, rulebase=Rulebase(), bad=True))
    assert (bad.stage, bad.quarantine_class) == (CopyStage.QUARANTINED, "malware")
    (late,) = copies(judged("a@dest.test", timeliness=Timeliness.QUARANTINE, rulebase=Rulebase()))
    assert (late.stage, late.quarantine_class) == (CopyStage.QUARANTINED, "late")

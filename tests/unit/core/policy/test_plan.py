"""What judging a message comes to: who gets it, who does not, and for whom nothing is enforced."""

import pytest

from mailock.core.lifecycle.changes import Planned, Settled
from mailock.core.lifecycle.copies import Copy, Delivery
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.policy.installed import Installed, Timeliness
from mailock.core.policy.plan import Plan, plan
from mailock.core.routing.nexthop import NoForward, parse_next_hop
from mailock.core.routing.pattern import read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes
from tests.parts.stories import NOON, message

ROUTES = Routes(
    rules=(
        ForwardingRule(name="there", patterns=(read_pattern("dest.test"),), next_hop=parse_next_hop("mail.test")),
        ForwardingRule(name="also", patterns=(read_pattern("also.test"),), next_hop=parse_next_hop("also.test")),
        ForwardingRule(name="scan", patterns=(read_pattern("scan.test"),), next_hop=NoForward()),
    )
)


def planned(*to: str, timeliness: Timeliness = Timeliness.IN_TIME) -> Plan:
    installed = Installed(revision=7, hostname="mx.test", enabled=True, routes=ROUTES)
    return plan(message(to=to), MessageStage.ACCEPTED, installed, NOON, NOON, timeliness)


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

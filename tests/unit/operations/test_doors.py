"""The doorkeeper: what is ordered is written down before it is done, and taken up again after a restart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from mailock.core.lifecycle.query import Query
from mailock.core.lifecycle.record import Record
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.lifecycle.timeline import Line
from mailock.core.mail.message import QueueId
from mailock.core.policy.disabling import WAIT_SECONDS, Course, Step
from mailock.core.routing.nexthop import parse_next_hop
from mailock.core.routing.pattern import read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes
from mailock.operations.disable import IN_THE_LOG, Lookout
from mailock.operations.drain import Doorkeeper
from mailock.ports.commands import Refused, Speaker
from mailock.ports.resolver import Answer, LookupFailed, Mx, Srv
from mailock.storage.orders import FILE, FileOrders
from tests.contract.spool import EPOCH, sent, settling
from tests.unit.operations.hands import ALICE, INSTALLED, Office

OURS = "203.0.113.25"


@dataclass
class World:
    """The DNS and the log, as a test writes them down. A name that is `None` cannot be looked up."""

    mx_hosts: dict[str, list[str] | None] = field(default_factory=dict)
    ips: dict[str, list[str] | None] = field(default_factory=dict)
    recipients: list[str] = field(default_factory=list)
    log_fault: OSError | None = None

    async def mx(self, domain: str) -> Answer[Mx]:
        """MX records."""
        hosts = self.mx_hosts.get(domain, [])
        if hosts is None:
            raise LookupFailed("no server answered")
        return Answer(records=tuple(Mx(preference=10, host=host) for host in hosts), ttl=7200)

    async def addresses(self, name: str) -> Answer[str]:
        """A and AAAA records."""
        ips = self.ips.get(name, [])
        if ips is None:
            raise LookupFailed("no server answered")
        return Answer(records=tuple(ips), ttl=60)

    async def ipv4(self, name: str) -> Answer[str]:
        """Not asked for."""
        raise AssertionError(name)

    async def ipv6(self, name: str) -> Answer[str]:
        """Not asked for."""
        raise AssertionError(name)

    async def srv(self, name: str) -> Answer[Srv]:
        """Not asked for."""
        raise AssertionError(name)

    async def txt(self, name: str) -> Answer[str]:
        """Not asked for."""
        raise AssertionError(name)

    async def pointer(self, ip: str) -> Answer[str]:
        """Not asked for."""
        raise AssertionError(ip)

    def recipient_domains(self, since: float) -> Sequence[str]:
        """What the log knows."""
        if self.log_fault is not None:
            raise self.log_fault
        return self.recipients

    def find(self, query: Query, *, limit: int) -> Sequence[Record]:
        """The newest record from the relay that is asked for."""
        if self.log_fault is not None:
            raise self.log_fault
        (term,) = query.terms
        at = {"192.0.2.1": EPOCH + 900.0}.get(term.text)
        return [] if at is None else [Record(queue_id=QueueId(1), arrival=at, updated=at, recipients=())]

    def repeated(self, records: Sequence[Record]) -> Mapping[QueueId, bool]:
        """Nothing came twice."""
        return {record.queue_id: False for record in records}

    def show(self, queue_id: QueueId) -> tuple[Record, Sequence[Line]] | None:
        """Not asked for."""
        raise AssertionError(queue_id)


@dataclass
class Hinges:
    """The doors, as they were last put."""

    state: str = "new"
    why: str = ""

    def close(self, why: str) -> None:
        """421."""
        self.state, self.why = "closed", why

    def remove(self, why: str) -> None:
        """Nobody listens."""
        self.state, self.why = "removed", why

    def open(self) -> None:
        """Mail is taken."""
        self.state, self.why = "open", ""


class Gate:
    """A doorkeeper over a queue in memory, a world, and a file."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.world = World(
            mx_hosts={"dest.test": ["mx1.example.test"]},
            ips={"mx1.example.test": [OURS], "mx.other.test": ["192.0.2.9"]},
        )
        self.hinges = Hinges()
        self.folder = folder
        self.keeper = self.restarted()

    def lookout(self) -> Lookout:
        """What looks."""
        return Lookout(
            resolver=self.world,
            log=lambda: self.world,
            standing=lambda: self.office.installed,
            ours=lambda: {"127.0.0.1", OURS},
            clock=self.office.clock,
        )

    def restarted(self) -> Doorkeeper:
        """The doorkeeper of a new process."""
        return Doorkeeper(
            orders=FileOrders(self.folder),
            doors=self.hinges,
            archive=self.office.queue,
            lookout=self.lookout(),
            clock=self.office.clock,
            alerts=self.office.told,
        )

    async def say(self, command: str, speaker: Speaker = ALICE, **arguments: object) -> dict[str, Any]:
        """The answer to a command."""
        return cast("dict[str, Any]", await self.keeper.commands()[command](arguments, speaker))

    async def later(self, seconds: float) -> dict[str, Any]:
        """How things stand after a while."""
        self.office.clock.at += seconds
        return await self.say("doors")


@pytest.fixture
async def gate(office: Office, tmp_path: Path) -> Gate:
    """A gateway in service."""
    made = Gate(office, tmp_path)
    await made.keeper.start(enabled=True, revision=7)
    return made


async def test_a_drain_shuts_the_doors_and_says_when_it_is_empty(gate: Gate) -> None:
    assert gate.hinges.state == "open"
    given = await gate.office.ready()
    answer = await gate.say("drain")
    assert (answer["step"], answer["empty"], answer["moving"]) == ("draining", False, 1)
    assert (gate.hinges.state, gate.hinges.why) == ("closed", "the gateway is drained, by order of alice")
    await gate.office.queue.commit(settling(given, sent()))
    assert (await gate.say("doors"))["empty"]
    assert (await gate.say("enable"))["takes_mail"]
    assert gate.hinges.state == "open"


async def test_what_waits_for_a_person_does_not_hold_up_the_end(gate: Gate) -> None:
    await gate.office.ready(1, stage=CopyStage.HELD)
    await gate.office.ready(2, stage=CopyStage.QUARANTINED)
    answer = await gate.say("disable", force=True)
    assert (answer["step"], answer["kept"]) == ("off", 2)
    assert gate.hinges.state == "removed"
    assert [alert.kind for alert in gate.office.told.alerts] == ["doors"]


async def test_a_disable_waits_for_the_dns_and_outlives_a_restart(gate: Gate) -> None:
    answer = await gate.say("disable")
    assert (answer["step"], answer["pointing"]) == ("leaving", ["dest.test"])
    assert answer["awaited"] == ["the MX of dest.test points here: change it in the DNS"]
    assert (await gate.later(10 * WAIT_SECONDS))["step"] == "leaving"
    gate.world.mx_hosts["dest.test"] = ["mx.other.test"]
    assert (await gate.later(60))["step"] == "leaving"
    gate.keeper = gate.restarted()
    await gate.keeper.start(enabled=True, revision=7)
    assert gate.hinges.state == "open"
    assert (await gate.later(WAIT_SECONDS - 120))["step"] == "leaving"
    assert (await gate.later(120))["step"] == "draining"
    assert gate.hinges.state == "closed"
    assert (await gate.later(1))["step"] == "off"
    gate.keeper = gate.restarted()
    await gate.keeper.start(enabled=True, revision=7)
    assert (gate.keeper.course.step, gate.hinges.state) == (Step.OFF, "removed")
    assert (await gate.say("enable"))["step"] == "open"


async def test_force_says_what_it_risks(gate: Gate) -> None:
    await gate.office.ready()
    answer = await gate.say("disable", force=True)
    assert (answer["step"], answer["pointing"]) == ("draining", ["dest.test"])
    assert "mail for dest.test still comes here" in answer["risk"]


async def test_behind_a_relay_the_log_says_when_it_is_silent(gate: Gate) -> None:
    gate.world.mx_hosts["dest.test"] = ["mx.other.test"]
    answer = await gate.say("disable", upstream=["192.0.2.1"], quiet=10)
    assert answer["awaited"] == ["no mail may come from 192.0.2.1 for 11 min more"]
    assert (await gate.later(599))["step"] == "leaving"
    gate.world.log_fault = OSError("broken")
    assert (await gate.later(1))["step"] == "leaving"
    gate.world.log_fault = None
    assert (await gate.later(WAIT_SECONDS))["step"] != "leaving"


@pytest.mark.parametrize(
    ("arguments", "why"), [({"upstream": ["relay.test"]}, "named by its address"), ({"forse": True}, "forse")]
)
async def test_an_order_that_makes_no_sense_is_wrong(gate: Gate, arguments: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        await gate.keeper.commands()["disable"](arguments, ALICE)
    assert gate.keeper.course.step is Step.OPEN


async def test_what_cannot_be_written_down_is_not_done(gate: Gate) -> None:
    (gate.folder / f".{FILE}.new").mkdir()
    with pytest.raises(Refused, match="nothing was changed"):
        await gate.say("drain")
    assert gate.hinges.state == "open"


async def test_a_damaged_order_shuts_the_doors_and_tells_somebody(gate: Gate) -> None:
    (gate.folder / FILE).write_text("{")
    gate.keeper = gate.restarted()
    await gate.keeper.start(enabled=True, revision=7)
    assert gate.hinges.state == "closed"
    assert FILE in gate.office.told.alerts[0].text
    assert (await gate.say("enable"))["takes_mail"]
    assert FileOrders(gate.folder).read() == Course()


async def test_a_policy_that_disables_follows_the_same_steps_and_one_that_enables_takes_it_back(gate: Gate) -> None:
    await gate.keeper.enabled_by_policy(enabled=False, revision=8)
    assert (gate.keeper.course.step, gate.keeper.course.by) == (Step.LEAVING, "policy revision 8")
    await gate.keeper.enabled_by_policy(enabled=False, revision=9)
    assert gate.keeper.course.by == "policy revision 8"
    await gate.keeper.enabled_by_policy(enabled=True, revision=10)
    assert gate.keeper.course.step is Step.OPEN
    await gate.say("drain")
    await gate.keeper.enabled_by_policy(enabled=True, revision=11)
    assert gate.keeper.course.by == "alice"


async def test_a_gateway_that_was_never_in_service_is_off_at_once(office: Office, tmp_path: Path) -> None:
    gate = Gate(office, tmp_path)
    await gate.keeper.start(enabled=False, revision=1)
    assert (gate.keeper.course.step, gate.hinges.state) == (Step.OFF, "removed")
    await gate.keeper.enabled_by_policy(enabled=True, revision=2)
    assert gate.hinges.state == "open"


@pytest.mark.parametrize(
    ("hosts", "ips", "pointing", "unknown"),
    [
        (["mx1.example.test"], {}, True, False),
        (["MX1.example.test"], {}, True, False),
        (["alias.test"], {"alias.test": [OURS]}, True, False),
        (["mx.other.test", "alias.test"], {"alias.test": [OURS]}, True, False),
        (["mx.other.test"], {}, False, False),
        (["."], {"dest.test": [OURS]}, False, False),
        ([], {"dest.test": [OURS]}, True, False),
        ([], {}, False, False),
        (None, {}, False, True),
        (["alias.test"], {"alias.test": None}, False, True),
        (["mx.other.test"], {"mx1.example.test": None}, False, True),
    ],
)
async def test_whether_an_mx_points_here(
    gate: Gate, hosts: list[str] | None, ips: dict[str, list[str] | None], pointing: bool, unknown: bool
) -> None:
    gate.world.mx_hosts["dest.test"] = hosts
    gate.world.ips |= ips
    seen = await gate.lookout().pointing()
    assert seen.pointing == (("dest.test",) if pointing else ())
    assert seen.unknown == (("dest.test",) if unknown else ())


async def test_a_rule_for_everything_is_completed_by_the_log(gate: Gate) -> None:
    everything = ForwardingRule(name="all", patterns=(read_pattern("*"),), next_hop=parse_next_hop("mail.internal:25"))
    gate.office.installed = replace(INSTALLED, routes=Routes(rules=(everything,)))
    gate.world.recipients = ["seen.test"]
    gate.world.mx_hosts["seen.test"] = ["mx1.example.test"]
    assert (await gate.lookout().pointing()).pointing == ("seen.test",)
    gate.world.log_fault = OSError("broken")
    assert (await gate.lookout().pointing()).unknown == (IN_THE_LOG,)
    gate.world.log_fault = FileNotFoundError("no log yet")
    assert (await gate.lookout().pointing()).unknown == ()

"""What the door says and when: as early as it is certain, never to those inside, and nothing that is only monitored."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.policy.installed import Installed
from mailock.core.policy.lists import Lists
from mailock.core.reputation.dns_lists import DnsList, Listing, Repute
from mailock.core.reputation.entries import read_entry
from mailock.core.reputation.greylist import Greylisting
from mailock.core.reputation.history import Record, counted
from mailock.core.reputation.manners import Sign
from mailock.core.reputation.rules import Reputation, Shaping
from mailock.core.routing.direction import Placed
from mailock.core.routing.limits import Rate
from mailock.core.routing.nexthop import parse_next_hop
from mailock.core.routing.rules import Routes, Verification
from mailock.core.smtp.effects import Attack
from mailock.stations.accept.door import Door
from mailock.stations.accept.gate import Client, No
from mailock.stations.accept.sources import Sources
from mailock.stations.accept.visit import Visit
from mailock.storage.remembrance import KeptRemembrance
from tests.parts.hand_clock import HandClock
from tests.unit.operations.hands import IN, INSTALLED, OUT

IP, SENDER = "203.0.113.9", Address("a", "source.test")
WATCHED = replace(IN, name="watched", next_hop=parse_next_hop("0.0.0.0"))
ONE = DnsList(zone="bl.test")


@dataclass
class Answers:
    """Lists that say what a test tells them, after so many seconds."""

    weight: float = 0.0
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)

    async def source(self, lists: Sequence[DnsList], ip: str) -> Repute:
        self.asked.append(ip)
        await asyncio.sleep(self.seconds)
        return Repute((Listing("bl.test", ip, "127.0.0.2", self.weight),)) if self.weight else Repute()

    async def domains(self, lists: Sequence[DnsList], names: Sequence[str]) -> Repute:
        return Repute()


class House:
    """A door, with what it asks."""

    def __init__(self, rules: Reputation, *, monitors: bool = False, answers: Answers | None = None) -> None:
        self.clock = HandClock()
        self.answers = answers or Answers()
        self.installed: Installed = replace(
            INSTALLED, reputation=rules, routes=Routes(rules=(IN, OUT, *((WATCHED,) if monitors else ())))
        )
        self.remembrance = KeptRemembrance(Path("/nonexistent"))
        self.sources = Sources(self.clock)
        self.door = Door(
            standing=lambda: self.installed,
            clock=self.clock,
            listings=self.answers,
            remembrance=self.remembrance,
            sources=self.sources,
        )

    def block(self, *whats: str) -> None:
        """Puts on the block list."""
        lists = Lists(blocked=tuple(read_entry(what) for what in whats))
        self.installed = replace(self.installed, rulebase=replace(self.installed.rulebase, lists=lists))

    def meet(self, **more: Any) -> Visit | None:
        return self.door.meet(client(**more), "S1")

    async def mail(self, visit: Visit | None, sender: Address | None = SENDER, **more: Any) -> No | None:
        said = self.door.mail(visit, client(**more), sender)
        return await said if isinstance(said, Awaitable) else said

    def recipient(self, visit: Visit | None, *, watched: bool = False, taken: int = 0) -> No | None:
        return self.door.recipient(visit, client(), SENDER, placed(watched=watched), taken)


def client(ip: str = IP, *, internal: bool = False, signed_in: bool = False, must_authenticate: bool = False) -> Client:
    return Client(
        ip=ip,
        local_ip="192.0.2.1",
        listener="mta",
        internal=internal or signed_in,
        encrypted=False,
        must_authenticate=must_authenticate,
        signed_in=signed_in,
    )


def placed(*, watched: bool = False) -> Placed:
    return Placed(
        address=Address("b", "dest.test"),
        direction=Direction.INCOMING,
        virtual_system="default",
        rule=WATCHED if watched else IN,
        verification=Verification.NONE,
    )


def code(no: No | None) -> int | None:
    return None if no is None else no.reply.code


async def test_a_blocked_source_is_refused_as_early_as_it_is_certain() -> None:
    house = House(Reputation())
    house.block("203.0.113.0/24")
    assert code(house.door.connect(client(), may_sign_in=False)) == 554
    assert house.door.connect(client(), may_sign_in=True) is None
    assert code(await house.mail(None)) == 554
    assert await house.mail(None, signed_in=True) is None
    assert code(await house.mail(None, ip="203.0.114.1")) is None

    watching = House(Reputation(), monitors=True)
    watching.block("203.0.113.0/24", "source.test")
    assert watching.door.connect(client(), may_sign_in=False) is None
    assert await watching.mail(None) is None
    enforced, monitored = watching.recipient(None), watching.recipient(None, watched=True)
    assert enforced is not None
    assert monitored is not None
    assert (enforced.enforced, monitored.enforced) == (True, False)


async def test_a_blocked_sender_is_refused_whoever_he_is() -> None:
    house = House(Reputation())
    house.block("source.test")
    assert code(await house.mail(None, signed_in=True)) == 550
    assert await house.mail(None, None) is None


@pytest.mark.parametrize(
    "more",
    [
        {"internal": True},
        {"signed_in": True},
        {"must_authenticate": True},
        {"ip": "127.0.0.1"},
        {"ip": "10.1.1.1"},
        {"ip": ""},
    ],
)
async def test_only_strangers_are_met(more: dict[str, Any]) -> None:
    house = House(Reputation(lists=(ONE,), greeting_delay=2.0))
    visit = house.meet(**more)
    assert visit is None
    assert house.door.delay(visit) == 0
    assert house.answers.asked == []


async def test_a_source_on_the_allow_list_is_no_stranger() -> None:
    house = House(Reputation(lists=(ONE,)))
    lists = Lists(allowed=(read_entry(IP),))
    house.installed = replace(house.installed, rulebase=replace(house.installed.rulebase, lists=lists))
    assert house.meet() is None


async def test_a_listed_source_is_refused_at_mail_once_the_lists_have_answered() -> None:
    house = House(Reputation(lists=(ONE,), refuse_from=4.0), answers=Answers(weight=4.0, seconds=0.02))
    visit = house.meet()
    no = await house.mail(visit)
    assert no is not None
    assert (no.reply.code, no.why) == (554, "bl.test lists 203.0.113.9 (127.0.0.2)")


async def test_who_signed_in_meanwhile_is_not_refused_for_his_network() -> None:
    house = House(Reputation(lists=(ONE,), refuse_from=4.0), answers=Answers(weight=4.0))
    assert await house.mail(house.meet(), signed_in=True) is None


async def test_a_list_that_is_silent_refuses_nobody_and_is_not_waited_for_longer_than_said() -> None:
    house = House(Reputation(lists=(ONE,), refuse_from=4.0, patience=0.05), answers=Answers(weight=9.0, seconds=30))
    visit = house.meet()
    assert visit is not None
    async with asyncio.timeout(5):
        assert await house.mail(visit) is None
    house.clock.pass_(1)
    assert await house.mail(visit) is None
    for asking in visit.asking:
        asking.cancel()


async def test_a_listed_source_is_refused_for_those_who_are_not_only_monitored() -> None:
    house = House(Reputation(lists=(ONE,), refuse_from=4.0), monitors=True, answers=Answers(weight=4.0))
    visit = house.meet()
    assert await house.mail(visit) is None
    enforced, monitored = house.recipient(visit), house.recipient(visit, watched=True)
    assert (code(enforced), enforced and enforced.enforced) == (554, True)
    assert (code(monitored), monitored and monitored.enforced) == (554, False)


async def test_a_suspicious_source_gets_less_and_others_as_much_as_ever() -> None:
    shaping = Shaping(connections=1, messages=Rate(2, 60.0), recipients=2)
    rules = Reputation(lists=(ONE,), shaping=shaping)
    for weight, codes in ((4.0, [None, None, 450]), (1.0, [None, None, None])):
        house = House(rules, answers=Answers(weight=weight))
        visit = house.meet()
        assert [code(await house.mail(visit)) for _ in range(3)] == codes
        assert [code(house.recipient(visit, taken=taken)) for taken in (1, 2)] == [None, 452 if weight == 4 else None]
        house.sources.enter(IP)
        house.sources.enter(IP)
        assert code(await house.mail(visit)) == (421 if weight == 4 else None)


async def test_manners_are_remembered_for_the_message_unless_they_are_switched_off() -> None:
    house = House(Reputation(ignored=frozenset({Sign.HELO_ADDRESS})))
    visit = house.meet()
    assert visit is not None
    house.door.hello(visit, "203.0.113.9")
    house.door.hello(visit, INSTALLED.hostname)
    house.door.attacked(visit, Attack.BARE_NEWLINE)
    assert house.door.signs("S1") == {Sign.HELO_OURS, Sign.BARE_NEWLINE}
    assert house.door.spoke_early(visit) is None
    assert code(await house.mail(visit)) is None
    house.installed = replace(house.installed, reputation=Reputation(refuse_early_talkers=True))
    assert code(house.door.spoke_early(visit)) == 554
    assert house.door.signs("S2") == frozenset()


async def test_a_good_history_is_greeted_at_once_and_a_bad_one_is_suspicious() -> None:
    house = House(Reputation(greeting_delay=2.0))
    assert house.door.delay(house.meet()) == 2.0
    records: dict[bool, Record | None] = {False: None, True: None}
    for bad in records:
        for _ in range(20):
            records[bad] = counted(records[bad], house.clock.now(), bad=bad)
    for bad, delay in ((False, 0.0), (True, 2.0)):
        record = records[bad]
        assert record is not None
        house.remembrance.keep_record("203.0.113.0/24", record)
        visit = house.meet()
        assert visit is not None
        assert house.door.delay(visit) == delay
        assert bool(visit.suspicion(house.installed.reputation, house.clock.now())) is bad


async def test_greylisting_puts_a_stranger_off_once_and_nobody_who_is_vouched_for() -> None:
    rules = Reputation(lists=(ONE,), greylisting=Greylisting(enabled=True, delay=300, window=3600))
    house = House(rules)
    visit = house.meet()
    assert await house.mail(visit) is None
    assert code(house.recipient(visit)) == 450
    house.clock.pass_(299)
    assert code(house.recipient(visit)) == 450
    house.clock.pass_(1)
    assert house.recipient(visit) is None
    other = house.door.recipient(visit, client(), Address("x", "source.test"), placed(), 0)
    assert other is None

    vouched = House(rules, answers=Answers(weight=-2.0))
    friend = vouched.meet()
    assert await vouched.mail(friend) is None
    assert vouched.recipient(friend) is None

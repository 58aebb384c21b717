"""Lists in a real DNS: listed, not listed, and everything that a broken, hostile or dead list says."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace

import pytest

from mailock.config.load import load
from mailock.core.evidence.health import State
from mailock.core.reputation.dns_lists import Asks, DnsList, question
from mailock.engines.reputation.lists import DnsLists
from mailock.engines.reputation.watched import WatchedList
from mailock.net.dns import DnsResolver
from mailock.operations.doctor import Level
from mailock.operations.engines import alerts_of, judge_engines
from mailock.processes.alerting import Alerting
from mailock.processes.watch import Watch
from tests.parts.dns_server import DnsServer, dns_server
from tests.parts.hand_clock import HandClock
from tests.parts.zone import Zone

BAD, BAD_SIX = "203.0.113.9", "2001:db8::9"
SECONDS = 1.5


def at(ip: str, zone: str) -> str:
    name = question(ip, zone)
    assert name is not None
    return name


@pytest.fixture(scope="module")
def world() -> Iterator[DnsServer]:
    zone = (
        Zone(ttl=60)
        .a(at(BAD, "bl.test"), "127.0.0.2", "127.0.0.4")
        .a(at(BAD_SIX, "bl.test"), "127.0.0.3")
        .a(at(BAD, "wl.test"), "127.0.5.1")
        .a(at(BAD, "refusing.test"), "127.255.255.254")
        .a(at(BAD, "parked.test"), "192.0.2.80")
        .a(at(BAD, "nothing.test"), "127.0.0.1")
        .a("*.everybody.test", "127.0.0.2")
        .a(at(BAD, "huge.test"), *(f"127.0.{number // 250}.{number % 250 + 2}" for number in range(400)))
        .a("pest.test.dbl.test", "127.0.1.2")
        .a("*.alldomains.test", "127.0.1.2")
        .fail("broken.test")
        .say_nothing("silent.test")
    )
    with dns_server(zone) as server:
        yield server


@pytest.fixture
async def lists(world: DnsServer) -> AsyncIterator[DnsLists]:
    resolver = DnsResolver([world.address], seconds=4.0)
    yield DnsLists(resolver, HandClock(), seconds=SECONDS)
    await resolver.close()


async def test_who_is_listed_and_who_is_vouched_for_is_found_in_both_families(lists: DnsLists) -> None:
    both = (DnsList(zone="bl.test", weight=4.0), DnsList(zone="wl.test", weight=-3.0))
    repute = await lists.source(both, BAD)
    assert (repute.score, repute.failed) == (1.0, ())
    assert {one.zone for one in repute.listings} == {"bl.test", "wl.test"}
    assert (await lists.source(both, BAD_SIX)).score == 4.0
    assert (await lists.source(both, "203.0.113.10")).listings == ()
    assert (await lists.source(both, "127.0.0.2")).listings == ()


@pytest.mark.parametrize(
    ("zone", "why"),
    [
        ("refusing.test", "refuses our questions"),
        ("parked.test", "no list does"),
        ("nothing.test", "means nothing"),
        ("everybody.test", "lists everybody"),
        ("huge.test", "no list does"),
        ("broken.test", "did not answer"),
        ("silent.test", "did not answer within"),
    ],
)
async def test_a_list_that_lies_refuses_or_is_dead_lists_nobody_and_is_told(
    lists: DnsLists, zone: str, why: str
) -> None:
    repute = await lists.source((DnsList(zone=zone), DnsList(zone="bl.test")), BAD)
    assert [one.zone for one in repute.listings] == ["bl.test"]
    assert len(repute.failed) == 1
    assert zone in repute.failed[0]
    assert why in repute.failed[0]


async def test_slow_lists_are_waited_for_at_the_same_time(lists: DnsLists) -> None:
    slow = tuple(DnsList(zone=f"{name}.silent.test") for name in ("a", "b", "c", "d"))
    began = time.monotonic()
    repute = await lists.source(slow, BAD)
    assert len(repute.failed) == 4
    assert time.monotonic() - began < 2 * SECONDS


async def test_a_list_that_keeps_failing_rests_and_keeps_nobody_waiting(world: DnsServer) -> None:
    resolver, clock = DnsResolver([world.address], seconds=4.0), HandClock()
    lists, one = DnsLists(resolver, clock, seconds=SECONDS), (DnsList(zone="broken.test"),)
    try:
        for number in range(6):
            repute = await lists.source(one, f"203.0.113.{number}")
            assert ("rests" in repute.failed[0]) is (number == 5)
        clock.pass_(60)
        assert "rests" not in (await lists.source(one, "203.0.113.7")).failed[0]
    finally:
        await resolver.close()


async def test_domains_are_asked_of_lists_of_domains(lists: DnsLists) -> None:
    one = (DnsList(zone="dbl.test", asks=Asks.DOMAIN), DnsList(zone="alldomains.test", asks=Asks.DOMAIN))
    repute = await lists.domains(one, ("pest.test", "fine.test"))
    assert [(each.zone, each.name) for each in repute.listings] == [("dbl.test", "pest.test")]
    assert repute.failed == ("alldomains.test lists everybody, so it says nothing",)


@pytest.mark.parametrize(
    ("zone", "state", "said"),
    [
        ("bl.test", State.UP, ""),
        ("everybody.test", State.UP, "lists everybody"),
        ("broken.test", State.FAILING, "did not answer"),
        ("silent.test", State.FAILING, "did not answer within"),
    ],
)
async def test_a_list_is_watched_and_one_that_is_dead_for_minutes_raises_an_alert(
    world: DnsServer, zone: str, state: State, said: str
) -> None:
    resolver, clock = DnsResolver([world.address], seconds=4.0), HandClock()
    try:
        watched = WatchedList(DnsList(zone=zone), resolver, clock, seconds=SECONDS)
        health = await watched.probe()
        assert health.state is state
        assert said in health.error + "".join(health.notes)
        (check,) = judge_engines([health])
        assert check.level is {"": Level.OK, "lists everybody": Level.WARNING}.get(said, Level.ERROR)
        clock.pass_(299)
        assert alerts_of([watched.health], clock.now()) == []
        clock.pass_(1)
        alerts = alerts_of([await watched.probe()], clock.now())
        assert [(one.kind, one.about) for one in alerts] == [("engine", f"dns {zone}")] * (state is State.FAILING)
    finally:
        await resolver.close()


async def test_the_alert_of_a_dead_list_leaves_once_it_has_been_dead_for_minutes(world: DnsServer) -> None:
    resolver, clock = DnsResolver([world.address], seconds=4.0), HandClock()
    sent: list[tuple[str, str, tuple[str, ...]]] = []

    async def submit(subject: str, text: str, to: tuple[str, ...]) -> None:
        sent.append((subject, text, to))

    policy = load('[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n[alerts]\nmail_to = ["boss@admin.test"]\n')
    alerting = Alerting("mx.test", clock, submit)
    await alerting.prepare(policy.settings.policy)
    await alerting.switch(1)
    zones = ("bl.test", "silent.test")
    minded = SimpleNamespace(
        watched=[WatchedList(DnsList(zone=one), resolver, clock, seconds=SECONDS) for one in zones]
    )
    watch = Watch((minded,), lambda: (), clock, alerting)
    sending = asyncio.create_task(alerting.run())
    try:
        await watch.look()
        await alerting.flush()
        assert sent == []
        clock.pass_(300)
        for _ in range(2):
            await watch.look()
            await alerting.flush()
    finally:
        sending.cancel()
        await resolver.close()
    ((subject, text, to),) = sent
    assert subject.startswith("[Mailock mx.test] engine: engine dns silent.test has been failing for 5 minutes: ")
    assert "take it out of [[reputation.dns]]" in text
    assert to == ("boss@admin.test",)

"""What is known of a stranger weighs and endangers nobody; a list that is silent calls nobody clean."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Fact, FactKind, Finding, Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.message import Message
from mailock.core.reputation.dns_lists import Asks, DnsList, Listing, Repute
from mailock.core.reputation.history import Record
from mailock.core.reputation.manners import Sign
from mailock.core.reputation.rules import Reputation
from mailock.engines.reputation.engine import DOMAINS, ReputationEngine
from mailock.storage.remembrance import KeptRemembrance
from tests.contract.spool import message
from tests.parts.hand_clock import HandClock

IP = "203.0.113.9"
RULES = Reputation(lists=(DnsList(zone="bl.test"), DnsList(zone="dbl.test", asks=Asks.DOMAIN)))


@dataclass
class Answers:
    """Lists that say what a test tells them."""

    source_says: Repute = field(default_factory=Repute)
    asked: list[str] = field(default_factory=list)

    async def source(self, lists: Sequence[DnsList], ip: str) -> Repute:
        return self.source_says

    async def domains(self, lists: Sequence[DnsList], names: Sequence[str]) -> Repute:
        self.asked += names
        return Repute(tuple(Listing("dbl.test", name, "127.0.1.2", 5.0) for name in names if name == "pest.com"))


class Bench:
    """The engine, with what it asks."""

    def __init__(self, rules: Reputation = RULES, *signs: Sign) -> None:
        self.answers, self.clock = Answers(), HandClock()
        self.remembrance = KeptRemembrance(Path("/nonexistent"))
        self.engine = ReputationEngine(
            rules,
            listings=self.answers,
            remembrance=self.remembrance,
            signs=lambda session: frozenset(signs),
            clock=self.clock,
        )

    async def found(self, *hosts: str, ip: str = IP, internal: bool = False) -> dict[str, float]:
        facts = [Fact(part=ROOT, kind=FactKind.DOMAIN, untrusted_value=host) for host in hosts]
        findings = await self.engine.ask(_from(ip, internal=internal), facts)
        assert all(one.severity is Severity.NOTE for one in findings)
        return {one.kind: one.weight for one in findings}


def _from(ip: str, *, internal: bool) -> Message:
    made = message(1)
    return replace(made, origin=replace(made.origin, ip=ip, internal=internal, untrusted_helo="mx.helo.com"))


async def test_everything_that_is_known_weighs() -> None:
    bench = Bench(RULES, Sign.EARLY_TALKER)
    bench.answers.source_says = Repute(
        (Listing("bl.test", IP, "127.0.0.2", 4.0), Listing("wl.test", IP, "127.0.0.1", -2.0))
    )
    bench.remembrance.keep_record("203.0.113.0/24", Record(0.0, 50.0, bench.clock.now()))
    found = await bench.found("www.pest.com")
    assert found["reputation.history"] > 2
    assert {kind: weight for kind, weight in found.items() if kind != "reputation.history"} == {
        "reputation.listed": 4.0,
        "reputation.vouched": -2.0,
        "reputation.domain": 5.0,
        "reputation.manners": 4.0,
    }


@pytest.mark.parametrize(("ip", "internal"), [("10.0.0.1", False), ("127.0.0.1", False), ("", False), (IP, True)])
async def test_nobody_inside_or_without_an_address_is_asked_about(ip: str, internal: bool) -> None:
    bench = Bench(RULES, Sign.EARLY_TALKER)
    assert await bench.found("pest.com", ip=ip, internal=internal) == {}
    assert bench.answers.asked == []


async def test_a_list_that_did_not_answer_makes_the_report_incomplete_with_what_was_found() -> None:
    bench = Bench()
    bench.answers.source_says = Repute((Listing("bl.test", IP, "127.0.0.2", 4.0),), ("silent.test did not answer",))
    with pytest.raises(Unfinished, match="silent") as raised:
        await bench.found()
    assert raised.value.why is Why.UNREACHABLE
    assert [_kind(one) for one in raised.value.findings] == ["reputation.listed"]


async def test_each_registrable_domain_is_asked_once_and_only_so_many() -> None:
    bench = Bench()
    hosts = ["a.pest.com", "b.pest.com", "PEST.com", "203.0.113.9", "com", "..", "x" * 300, "co.uk"]
    await bench.found(*hosts, *(f"d{number}.com" for number in range(100)))
    assert bench.answers.asked[:2] == ["helo.com", "pest.com"]
    assert len(bench.answers.asked) == len(set(bench.answers.asked)) == DOMAINS


def _kind(finding: Finding) -> str:
    return finding.kind

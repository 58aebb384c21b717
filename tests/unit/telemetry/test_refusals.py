"""Refusals: the first is told, its repeats are counted, and an attack costs a bounded amount."""

import dataclasses

import pytest

from mailock.core.lifecycle.events import Refused
from mailock.core.mail.message import QueueId, show_id
from mailock.ports.refusals import Refusal
from mailock.telemetry import refusals
from mailock.telemetry.refusals import EVERYBODY_ELSE, CountedRefusals, network_of

FACTS = Refusal(
    source_ip="203.0.113.9",
    untrusted_helo="spam.test",
    listener="main",
    sender="x@spam.test",
    recipient="nobody@dest.test",
    reply="550 5.1.1 No such mailbox",
    why="the directory does not know it",
)


class Hands:
    """A clock, ids, and a place for what is given."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.ids = 0
        self.given: list[Refused] = []

    def now(self) -> float:
        return self.at

    def steady(self) -> float:
        return self.at

    def queue_id(self) -> QueueId:
        self.ids += 1
        return QueueId(self.ids)

    def session_id(self) -> str:
        return "S"


@pytest.fixture
def hands() -> Hands:
    """The world of one test."""
    return Hands()


@pytest.fixture
def counted(hands: Hands) -> CountedRefusals:
    """What is tested."""
    return CountedRefusals(hands, hands, hands.given.append)


def refuse(counted: CountedRefusals, facts: Refusal = FACTS) -> str:
    """What accept does: asks for the code, replies with it, and notes the refusal."""
    code = counted.reference(facts.source_ip, facts.reply)
    counted.note(dataclasses.replace(facts, reply=f"{facts.reply} (ref {code})", reference=code))
    return code


def test_the_first_is_told_at_once_under_the_code_of_its_reply(counted: CountedRefusals, hands: Hands) -> None:
    code = refuse(counted)
    (told,) = hands.given
    assert (told.count, told.at, told.until, told.reference) == (1, 1000.0, 1000.0, code)
    assert show_id(told.refusal_id) == code


def test_repeats_of_a_minute_are_one_event_with_the_same_id(counted: CountedRefusals, hands: Hands) -> None:
    codes = set()
    for _ in range(50):
        codes.add(refuse(counted))
        hands.at += 1
    assert len(hands.given) == 1
    hands.at += 60
    counted.sweep()
    first, repeats = hands.given
    assert (repeats.refusal_id, repeats.count, repeats.until) == (first.refusal_id, 50, 1049.0)
    assert codes == {show_id(first.refusal_id)}


def test_one_that_is_not_repeated_is_told_once(counted: CountedRefusals, hands: Hands) -> None:
    refuse(counted)
    hands.at += 61
    counted.sweep()
    assert len(hands.given) == 1


def test_after_its_minute_a_source_begins_anew(counted: CountedRefusals, hands: Hands) -> None:
    first = refuse(counted)
    hands.at += 60
    assert refuse(counted) != first
    assert [told.count for told in hands.given] == [1, 1]


def test_another_code_or_another_source_is_another_record(counted: CountedRefusals, hands: Hands) -> None:
    refuse(counted)
    refuse(counted, dataclasses.replace(FACTS, reply="554 5.7.1 Relaying denied"))
    refuse(counted, dataclasses.replace(FACTS, source_ip="203.0.113.10"))
    assert len({told.refusal_id for told in hands.given}) == 3


def test_recipients_that_differ_do_not_make_records(counted: CountedRefusals, hands: Hands) -> None:
    for n in range(100):
        refuse(counted, dataclasses.replace(FACTS, recipient=f"guess{n}@dest.test"))
    assert [told.recipient for told in hands.given] == ["guess0@dest.test"]


def test_the_end_tells_what_was_counted(counted: CountedRefusals, hands: Hands) -> None:
    refuse(counted)
    refuse(counted)
    counted.close()
    assert [told.count for told in hands.given] == [1, 2]


def test_too_many_sources_share_a_window(
    counted: CountedRefusals, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST", 10)
    for n in range(1000):
        refuse(counted, dataclasses.replace(FACTS, source_ip=f"198.51.{n >> 8}.{n & 255}"))
    counted.close()
    assert len(hands.given) == 12
    assert (hands.given[-1].source_ip, hands.given[-1].count) == (EVERYBODY_ELSE, 990)


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:0db8:0000:0000"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("no:address", "no:address"),
    ],
)
def test_sources_of_ipv6_count_by_their_network(ip: str, network: str) -> None:
    assert network_of(ip) == network

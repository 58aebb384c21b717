"""What was judged becomes history: each message once, nothing of those inside, and history does not feed on itself."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from mailock.config.model import Policy
from mailock.core.evidence.finding import Finding, Severity
from mailock.core.policy.decide import judge
from mailock.core.policy.lists import Lists
from mailock.core.reputation.history import Record
from mailock.core.reputation.rules import Reputation
from mailock.ports.resolver import Resolver
from mailock.processes.standing import Standing
from mailock.processes.threshold import Threshold
from mailock.storage.remembrance import KeptRemembrance
from tests.parts.evidence import case, finding, found
from tests.parts.hand_clock import HandClock
from tests.parts.stories import message
from tests.unit.operations.hands import INSTALLED

SPAM = finding(Severity.NOTE, kind="words", weight=12.0)
NEAR = finding(Severity.NOTE, kind="words", weight=8.0)
PAST = finding(Severity.NOTE, kind="reputation.history", weight=2.5)
PAST_OF_SENDER = finding(Severity.NOTE, kind="reputation.sender", weight=-1.0)
EICAR = finding(Severity.MALICIOUS, kind="eicar")


class Stands:
    """The revision that stands."""

    def __call__(self) -> object:
        return replace(INSTALLED, reputation=Reputation())

    def set_lists(self, lists: Lists) -> None:
        """Nobody is listed here."""


async def learnt(folder: Path, *findings: Finding, ip: str = "203.0.113.9", internal: bool = False) -> Record | None:
    threshold = Threshold(folder, HandClock(), cast("Standing", Stands()), cast("Resolver", None))
    sent = message()
    of = case(found(*findings), of=replace(sent, origin=replace(sent.origin, ip=ip, internal=internal)))
    threshold.learn(of, judge(of, INSTALLED.rulebase))
    await threshold.close()
    kept = KeptRemembrance(folder)
    kept.load()
    return kept.record("203.0.113.0/24")


@pytest.mark.parametrize(
    ("findings", "counts"),
    [
        ((), (1, 0)),
        ((SPAM,), (0, 1)),
        ((EICAR,), (0, 1)),
        ((NEAR,), None),
        ((NEAR, PAST), None),
        ((SPAM, PAST), (0, 1)),
    ],
)
async def test_what_was_judged_is_counted(
    tmp_path: Path, findings: tuple[Finding, ...], counts: tuple[int, int] | None
) -> None:
    record = await learnt(tmp_path, *findings)
    assert (None if record is None else (record.good, record.bad)) == counts


async def test_a_proven_author_gets_a_history_and_another_none(tmp_path: Path) -> None:
    for number, (proven, counts) in enumerate((((), None), (("sender.com",), (0, 1)))):
        folder = tmp_path / str(number)
        folder.mkdir()
        threshold = Threshold(folder, HandClock(), cast("Standing", Stands()), cast("Resolver", None))
        sent = message(from_="Ann <ann@sender.com>")
        sent = replace(sent, origin=replace(sent.origin, ip="203.0.113.9", internal=False))
        of = case(found(SPAM, PAST, PAST_OF_SENDER), of=sent, proven=proven)
        threshold.learn(of, judge(of, INSTALLED.rulebase))
        await threshold.close()
        kept = KeptRemembrance(folder)
        kept.load()
        record = kept.record("sender.com")
        assert (None if record is None else (record.good, record.bad)) == counts


async def test_nobody_inside_has_a_history(tmp_path: Path) -> None:
    assert await learnt(tmp_path, SPAM, internal=True) is None
    assert await learnt(tmp_path, SPAM, ip="10.0.0.1") is None


async def test_the_engine_is_there_where_anything_is_asked_and_anti_spam_is_on(tmp_path: Path) -> None:
    threshold = Threshold(tmp_path, HandClock(), cast("Standing", Stands()), cast("Resolver", None))
    policy = Policy()
    assert [engine.manifest.name for engine in threshold.engines(policy)] == ["reputation"]
    off = replace(policy, anti_spam=replace(policy.anti_spam, enabled=False))
    assert threshold.engines(off) == ()
    assert "senders" in [engine.manifest.name for engine in threshold.concluding(policy)]
    assert threshold.concluding(off) == ()

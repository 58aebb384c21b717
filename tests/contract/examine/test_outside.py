"""Whatever becomes of the jail and of those outside, what was not seen shows, and shipped policy keeps such mail."""

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from mailock.core.evidence.coverage import ROOT, duties
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked, Unfinished, Why
from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.case import Case, parties_of
from mailock.core.policy.decide import judge
from mailock.core.policy.decision import Decision
from mailock.core.policy.rulebase import Rulebase
from mailock.core.routing.rules import Routes
from mailock.ports.bodies import in_memory
from mailock.ports.engine import Exhibit, External
from mailock.ports.jail import End, Ended, Job
from mailock.stations.examine.crew import Crew
from mailock.stations.examine.outside import Examiner, Poison
from mailock.stations.examine.wire import Exposed, Finished, Word, write_frame
from mailock.storage.memory.verdicts import MemoryVerdicts
from tests.contract.spool import CONTENT, EPOCH, message
from tests.unit.operations.hands import HandClock

DIGEST = hashlib.sha256(b"contents").hexdigest()


def manifest(name: str, *, where: Where = Where.JAILED, seconds: float = 5.0) -> Manifest:
    """An engine against malware."""
    return Manifest(
        name=name, version="1", where=where, scope=Scope.PART, duty=Duty.MALWARE, seconds=seconds, kinds={"bad": "Bad."}
    )


JAILED = manifest("inside")
BAD = Finding(
    engine="outside",
    kind="bad",
    severity=Severity.MALICIOUS,
    confidence=Confidence.HIGH,
    part=ROOT,
    evidence="it is bad",
)
THE_FILE = File(
    path=ROOT,
    parent=None,
    provenance="mime",
    alternate=False,
    looked_into=True,
    types=(FileType(family=Family.TEXT, name="txt", media="text/plain"),),
    declared=("text/plain",),
    untrusted_names=(),
    disposition="",
    content_id="",
    size=8,
    sha256=(DIGEST,),
)
SEEN = Looked(engine="inside", version="1", part=ROOT, milliseconds=1.0)
END = Finished(milliseconds=1.0)
PUT_OUT = Exposed(part=ROOT, start=0, size=8, sha256=DIGEST, untrusted_name="")


@dataclass
class ScriptedJail:
    """A jail whose jobs end as they are told to, one after the other; the last one for ever."""

    ends: list[Ended]
    jobs: int = 0

    async def run(self, job: Job) -> Ended:
        """The next end."""
        self.jobs += 1
        ended = self.ends[0] if len(self.ends) == 1 else self.ends.pop(0)
        output = in_memory(b"contents") if job.output and ended.end is End.DONE else None
        return Ended(
            end=ended.end, detail=ended.detail, untrusted_frames=ended.untrusted_frames, untrusted_output=output
        )


@dataclass
class Scanner:
    """An external scanner that does as it is told."""

    act: Callable[[Exhibit], Awaitable[Sequence[Finding]]]
    seconds: float = 5.0
    asked: list[bytes] = field(default_factory=list)

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return manifest("outside", where=Where.EXTERNAL, seconds=self.seconds)

    async def scan(self, exhibit: Exhibit) -> Sequence[Finding]:
        """Whatever it was told."""
        self.asked.append(b"".join(exhibit.chunks))
        return await self.act(exhibit)


def said(*words: Word) -> Ended:
    """A job that ended by itself, having said this."""
    return Ended(end=End.DONE, untrusted_frames=(write_frame(words),))


async def examined(jail: ScriptedJail, *scanners: External) -> tuple[Examination, Decision]:
    """What is seen of a message, and what shipped policy makes of it."""
    crew = Crew(jail=jail, jailed=(JAILED,), external=scanners)

    @contextmanager
    def engaged() -> Iterator[Crew]:
        yield crew

    mail, body = message(1), in_memory(CONTENT)
    try:
        examination = await Examiner(crew=engaged, clock=HandClock(), verdicts=MemoryVerdicts()).examine(mail, body)
    finally:
        os.close(body)
    case = Case(
        message=mail,
        examination=examination,
        duties=duties(crew.manifests),
        parties=parties_of(mail, Routes(rules=())),
        now=EPOCH,
    )
    return examination, judge(case, Rulebase()).decisions[0]


async def test_what_was_all_seen_goes_on() -> None:
    examination, decision = await examined(ScriptedJail([said(THE_FILE, SEEN, END)]))
    assert (examination.coverage.complete, decision.disposition) == (True, Disposition.DELIVER)


@pytest.mark.parametrize(
    ("ended", "why"),
    [
        (Ended(end=End.LATE, detail="the deadline"), Why.TIMED_OUT),
        (Ended(end=End.OVERFULL, detail="too many frames"), Why.TOO_MANY),
        (Ended(end=End.LATE, untrusted_frames=(write_frame([THE_FILE, SEEN]),)), Why.TIMED_OUT),
        (Ended(end=End.DONE), Why.NONSENSE),
        (said(THE_FILE, SEEN), Why.NONSENSE),
        (said(END), Why.NONSENSE),
        (Ended(end=End.DONE, untrusted_frames=(b"\xc1rubbish",)), Why.NONSENSE),
        (Ended(end=End.DONE, untrusted_frames=(b"\x91\x92\x63\x80",)), Why.NONSENSE),
        (said(THE_FILE, END), Why.SILENT),
    ],
    ids=["late", "overfull", "late-with-reports", "nothing", "no-end", "no-message", "rubbish", "unknown", "silent"],
)
async def test_a_jail_that_does_not_tell_all_lets_nothing_pass_as_seen(ended: Ended, why: Why) -> None:
    examination, decision = await examined(ScriptedJail([ended]))
    assert why in {one.why for one in examination.coverage.incomplete if one.engine == "inside"}
    assert (decision.disposition, decision.quarantine_class) == (Disposition.QUARANTINE, "unscanned")


async def test_a_jail_that_died_once_is_tried_again() -> None:
    jail = ScriptedJail([Ended(end=End.DIED, detail="signal 11"), said(THE_FILE, SEEN, END)])
    _, decision = await examined(jail)
    assert (jail.jobs, decision.disposition) == (2, Disposition.DELIVER)


async def test_a_message_over_which_it_dies_twice_is_poison() -> None:
    jail = ScriptedJail([Ended(end=End.DIED, detail="signal 11")])
    with pytest.raises(Poison, match="signal 11"):
        await examined(jail)
    assert jail.jobs == 2


async def test_a_jail_that_was_taken_over_cannot_speak_for_a_scanner_outside() -> None:
    forged = Looked(engine="outside", version="1", part=ROOT, milliseconds=0.0)

    async def found(exhibit: Exhibit) -> Sequence[Finding]:
        return (BAD,)

    jail = ScriptedJail([said(THE_FILE, PUT_OUT, SEEN, forged, END)])
    examination, decision = await examined(jail, Scanner(found))
    assert BAD in examination.findings
    assert (decision.disposition, decision.quarantine_class) == (Disposition.QUARANTINE, "malware")


async def refuse(why: Why) -> Sequence[Finding]:
    """Does not look."""
    raise Unfinished(why, "not now")


async def crash() -> Sequence[Finding]:
    """Breaks as no engine may."""
    raise RuntimeError("a bug")


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda exhibit: refuse(Why.UNREACHABLE), Why.UNREACHABLE),
        (lambda exhibit: refuse(Why.RELOADING), Why.RELOADING),
        (lambda exhibit: refuse(Why.NONSENSE), Why.NONSENSE),
        (lambda exhibit: crash(), Why.DIED),
        (lambda exhibit: asyncio.sleep(60, ()), Why.TIMED_OUT),
    ],
    ids=["down", "reloading", "nonsense", "crashing", "slow"],
)
async def test_a_scanner_that_does_not_look_lets_nothing_pass_as_seen(
    act: Callable[[Exhibit], Awaitable[Sequence[Finding]]], why: Why
) -> None:
    jail = ScriptedJail([said(THE_FILE, PUT_OUT, SEEN, END)])
    examination, decision = await examined(jail, Scanner(act, seconds=0.05))
    (missed,) = examination.coverage.incomplete
    assert (missed.engine, missed.why) == ("outside", why)
    assert (decision.disposition, decision.quarantine_class) == (Disposition.QUARANTINE, "unscanned")
    assert any("outside" in sentence and why.value in sentence for sentence in decision.because)


async def test_a_content_that_did_not_come_out_is_not_taken_for_clean() -> None:
    async def clean(exhibit: Exhibit) -> Sequence[Finding]:
        return ()

    scanner = Scanner(clean)
    examination, decision = await examined(ScriptedJail([said(THE_FILE, SEEN, END)]), scanner)
    assert ([one.why for one in examination.coverage.incomplete], scanner.asked) == ([Why.SILENT], [])
    assert decision.disposition is Disposition.QUARANTINE


async def test_what_a_scanner_said_of_a_content_is_remembered_and_what_it_did_not_say_is_not() -> None:
    answers: list[bool] = [False, True]

    async def at_last(exhibit: Exhibit) -> Sequence[Finding]:
        if answers.pop(0):
            return (BAD,)
        raise Unfinished(Why.UNREACHABLE)

    scanner = Scanner(at_last)
    crew = Crew(jail=ScriptedJail([said(THE_FILE, PUT_OUT, SEEN, END)]), jailed=(JAILED,), external=(scanner,))

    @contextmanager
    def engaged() -> Iterator[Crew]:
        yield crew

    examiner, body = Examiner(crew=engaged, clock=HandClock(), verdicts=MemoryVerdicts()), in_memory(CONTENT)
    found = [(await examiner.examine(message(1), body)).findings for _ in range(3)]
    os.close(body)
    assert (found, scanner.asked) == ([(), (BAD,), (BAD,)], [b"contents", b"contents"])


async def test_a_hash_that_the_jail_lied_about_is_neither_believed_nor_remembered() -> None:
    async def clean(exhibit: Exhibit) -> Sequence[Finding]:
        return ()

    scanner, verdicts = Scanner(clean), MemoryVerdicts()
    lied = hashlib.sha256(b"something else").hexdigest()
    told = (replace(THE_FILE, sha256=(lied,)), replace(PUT_OUT, sha256=lied))
    crew = Crew(jail=ScriptedJail([said(*told, SEEN, END)]), jailed=(JAILED,), external=(scanner,))

    @contextmanager
    def engaged() -> Iterator[Crew]:
        yield crew

    body = in_memory(CONTENT)
    examination = await Examiner(crew=engaged, clock=HandClock(), verdicts=verdicts).examine(message(1), body)
    os.close(body)
    (report,) = (one for one in examination.coverage.reports if one.engine == "outside")
    assert isinstance(report, Incomplete) and report.why is Why.NONSENSE
    assert scanner.asked == []
    assert await verdicts.find(sha256=None, engine=None, now=EPOCH, limit=9) == []

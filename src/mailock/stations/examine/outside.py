"""The half of examine on this side of the jail's door: sends the bytes in, hears what comes out, asks the others.

External scanners and online engines are asked at the same time, each under its own deadline, and each that does not
answer is Incomplete with the reason. What an external scanner said of a content is remembered for as long as its
version stays the same (DECISIONS 23), so a campaign is scanned once.
"""

import asyncio
import dataclasses
import logging
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from mailock.core.authentication.authentication import Authentication
from mailock.core.evidence.coverage import ROOT, Coverage, cover, due
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.facts import facts_of
from mailock.core.evidence.finding import Fact, Finding
from mailock.core.evidence.manifest import Manifest, Scope
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked, Report, Unfinished, Why
from mailock.core.mail.message import Message
from mailock.core.mime.part import PartPath
from mailock.ports.clock import Clock
from mailock.ports.engine import Authenticator, Exhibit, External, Heard, Online
from mailock.ports.jail import End, Ended, Job
from mailock.ports.verdicts import Verdicts
from mailock.stations.examine.account import Account, hear, missing, wording
from mailock.stations.examine.crew import Crew
from mailock.stations.examine.remembered import asked_of
from mailock.stations.examine.wire import TASK, Exposed, Order, write_order

CHUNK: Final = 256 << 10
log = logging.getLogger(__name__)


class Poison(Exception):
    """The jail died over this message, and died again: our failure, so it is shunted whole."""


class Examiner:
    """Examines messages, as many at once as its callers ask for; the jail lets in as many as it has workers."""

    def __init__(self, *, crew: Callable[[], AbstractContextManager[Crew]], clock: Clock, verdicts: Verdicts) -> None:
        """`crew` gives those who look, for as long as they are held."""
        self._crew = crew
        self._clock = clock
        self._verdicts = verdicts

    async def examine(self, message: Message, body: int, given: tuple[str, ...] = ()) -> Examination:
        """What is seen in a message; `body` is a descriptor of its bytes, and stays the caller's. `given`: passwords
        that a person knows of it.

        Raises Poison where the jail died twice over it, NoJail where nothing can be opened at all.
        """
        with self._crew() as crew:
            return await self._examine(crew, message, body, given)

    async def _examine(self, crew: Crew, message: Message, body: int, given: tuple[str, ...]) -> Examination:
        started = self._clock.now()
        ended = await self._open(crew, body, message, given)
        try:
            account = hear(ended, crew.jailed)
            reports: list[Report] = [*account.reports, *missing(account, ended, crew.jailed)]
            asked, authentication = await asyncio.gather(
                self._ask(crew, message, account, body, ended.untrusted_output),
                _authenticated(crew.sender, message, account.facts, reports),
            )
            reports += asked
            reports += _concluded(crew, message, account, authentication, reports)
        finally:
            if ended.untrusted_output is not None:
                os.close(ended.untrusted_output)
        files = tuple(account.files.values())
        coverage = cover(crew.manifests, files, reports)
        absent = tuple(_absent(one.engine, one.why, one.detail) for one in crew.absent)
        return Examination(
            started=started,
            ended=self._clock.now(),
            files=files,
            links=tuple(account.links),
            facts=tuple(account.facts),
            coverage=Coverage(reports=(*coverage.reports, *absent), due=coverage.due),
            defects=tuple(account.contradictions),
            authentication=authentication,
            wording=wording(account, crew.sought),
        )

    async def _open(self, crew: Crew, body: int, message: Message, given: tuple[str, ...]) -> Ended:
        bounds = crew.bounds
        shown = [one.manifest for one in crew.external if one.manifest.scope is Scope.PART]
        exhibited = {family.value for manifest in shown for family in manifest.families}
        order = Order(
            words=crew.words,
            given=given,
            engines=tuple(manifest.name for manifest in crew.jailed),
            exhibit=tuple(sorted(exhibited)),
            sought=crew.sought,
            digests=crew.digests,
            depth=bounds.depth,
            files=bounds.files,
            octets=bounds.octets,
            ratio=bounds.ratio,
        )
        job = Job(task=TASK, order=write_order(order), body=body, seconds=bounds.seconds, output=bool(shown))
        ended = await crew.jail.run(job)
        if ended.end is not End.DIED:
            return ended
        log.warning("the jail died over message %s: %s; once more", message.queue_id, ended.detail)
        if ended.untrusted_output is not None:
            os.close(ended.untrusted_output)
        again = await crew.jail.run(job)
        if again.end is End.DIED:
            over = hear(again, crew.jailed).over
            where = f" while {over.engine} looked at part {over.part}" if over else ""
            if again.untrusted_output is not None:
                os.close(again.untrusted_output)
            raise Poison(f"the jail died twice over it{where}: {again.detail}")
        return again

    async def _ask(self, crew: Crew, message: Message, account: Account, body: int, output: int | None) -> list[Report]:
        """What external scanners and online engines say."""
        asked: list[Coroutine[None, None, Report]] = []
        files = tuple(account.files.values())
        facts = (*account.facts, *facts_of(files, account.links)) if crew.online else ()
        for scanner in crew.external:
            for path in due(scanner.manifest, files):
                if scanner.manifest.scope is Scope.MESSAGE:
                    asked.append(_scan_whole(scanner, message, body))
                else:
                    asked.append(self._scan(scanner, account.files.get(path), path, account, output))
        for engine in crew.online:
            asked.append(_ask_online(engine, message, facts))
        return list(await asyncio.gather(*asked))

    async def _scan(
        self, scanner: External, file: File | None, path: PartPath, account: Account, output: int | None
    ) -> Report:
        manifest = scanner.manifest
        shown = [one for one in account.exposed if file is not None and one.sha256 in file.sha256]
        if file is None or output is None or {one.sha256 for one in shown} < set(file.sha256):
            return _unseen(manifest, path, Why.SILENT, "its content did not come out of the jail")
        findings = [self._scan_one(scanner, file, one, output) for one in shown]
        return await _bounded(manifest, path, findings)

    async def _scan_one(self, scanner: External, file: File, shown: Exposed, output: int) -> Sequence[Finding]:
        manifest = scanner.manifest
        if shown.size > manifest.largest:
            raise Unfinished(Why.TOO_LARGE, f"{shown.size} octets, and it takes {manifest.largest}")
        exhibit = _exhibit(file.path, output, shown.start, shown.size, shown.untrusted_name)
        asked = await asked_of(manifest, exhibit, shown.sha256, file)
        known = self._verdicts.get(asked, self._clock.now())
        if known is not None:
            return [dataclasses.replace(finding, part=file.path) for finding in known]
        found = await scanner.scan(exhibit)
        self._verdicts.put(asked, found, self._clock.now())
        return found


async def _authenticated(
    sender: Authenticator | None, message: Message, facts: Sequence[Fact], reports: list[Report]
) -> Authentication | None:
    """Who sent it; what that says is reported. None where nobody is asked, or where it could not be learnt."""
    if sender is None:
        return None
    known: list[Authentication] = []

    async def ask() -> Sequence[Finding]:
        known.append(await sender.authenticate(message, facts))
        return sender.findings(known[0])

    reports.append(await _bounded(sender.manifest, ROOT, [ask()]))
    return known[0] if known else None


def _concluded(
    crew: Crew, message: Message, account: Account, authentication: Authentication | None, reports: Sequence[Report]
) -> Iterator[Report]:
    """What those say who are heard last."""
    findings = tuple(finding for report in reports for finding in report.findings)
    heard = Heard(message=message, authentication=authentication, findings=findings, links=account.links)
    for engine in crew.concluding:
        began = time.perf_counter()
        found: Sequence[Finding] = ()
        faults: list[Unfinished] = []
        try:
            found = engine.conclude(heard)
        except Exception as fault:
            log.exception("engine %s broke", engine.manifest.name)
            faults.append(Unfinished(Why.DIED, f"{type(fault).__name__}: {fault}"[:300]))
        yield _report(engine.manifest, ROOT, round((time.perf_counter() - began) * 1000, 3), tuple(found), faults)


async def _scan_whole(scanner: External, message: Message, body: int) -> Report:
    """What one says of the whole message. Nothing of it is remembered: another envelope is another message."""
    whole = dataclasses.replace(_exhibit(ROOT, body, 0, os.fstat(body).st_size, ""), message=message)
    return await _bounded(scanner.manifest, ROOT, [scanner.scan(whole)])


async def _ask_online(engine: Online, message: Message, facts: Sequence[Fact]) -> Report:
    return await _bounded(engine.manifest, ROOT, [engine.ask(message, facts)])


async def _bounded(manifest: Manifest, path: PartPath, answers: Sequence[Awaitable[Sequence[Finding]]]) -> Report:
    """What comes of asking an engine: it answers in its time, or is Incomplete with the reason."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    asked = [asyncio.ensure_future(answer) for answer in answers]
    findings: list[Finding] = []
    faults: list[Unfinished] = []
    if asked:
        _, late = await asyncio.wait(asked, timeout=manifest.seconds)
        for one in late:
            one.cancel()
            faults.append(Unfinished(Why.TIMED_OUT, f"no answer within {manifest.seconds:g} s"))
        # The descriptor that they read is closed when we return.
        await asyncio.gather(*late, return_exceptions=True)
    for one in asked:
        if one.cancelled():
            continue
        match one.exception():
            case None:
                findings += one.result()
            case Unfinished() as unfinished:
                faults.append(unfinished)
                findings += unfinished.findings
            case fault:
                log.error("engine %s broke", manifest.name, exc_info=fault)
                faults.append(Unfinished(Why.DIED, f"{type(fault).__name__}: {fault}"[:300]))
    return _report(manifest, path, round((loop.time() - began) * 1000, 3), tuple(findings), faults)


def _report(
    manifest: Manifest, path: PartPath, spent: float, findings: tuple[Finding, ...], faults: Sequence[Unfinished]
) -> Report:
    name, version = manifest.name, manifest.version
    if not faults:
        return Looked(engine=name, version=version, part=path, milliseconds=spent, findings=findings)
    return Incomplete(
        engine=name,
        version=version,
        part=path,
        milliseconds=spent,
        findings=findings,
        why=faults[0].why,
        detail=faults[0].detail,
    )


def _exhibit(path: PartPath, descriptor: int, start: int, size: int, untrusted_name: str) -> Exhibit:
    return Exhibit(
        part=path,
        size=size,
        chunks=_Chunks(descriptor=descriptor, start=start, size=size),
        untrusted_name=untrusted_name,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunks:
    """A range of a file, from its beginning each time that it is gone through."""

    descriptor: int
    start: int
    size: int

    def __iter__(self) -> Iterator[bytes]:
        start, end = self.start, self.start + self.size
        while start < end:
            chunk = os.pread(self.descriptor, min(CHUNK, end - start), start)
            if not chunk:
                raise Unfinished(Why.NONSENSE, "the jail put out less than it said")
            start += len(chunk)
            yield chunk


def _unseen(manifest: Manifest, path: PartPath, why: Why, detail: str) -> Incomplete:
    return Incomplete(engine=manifest.name, version=manifest.version, part=path, why=why, detail=detail)


def _absent(engine: str, why: Why, detail: str) -> Incomplete:
    return Incomplete(engine=engine, version="", part=ROOT, why=why, detail=detail)

"""Everything that looks at mail, as one participant of installs: the jail with its engines, and those outside of it.

An install makes a new jail with the new engines and rules beside the old one, and swaps the two when the new one is
ready; what is being examined in the old one is finished there. So a policy, a rule or a feed changes without a restart
and without a message that nobody looks at.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import msgspec

from mailock.config.antivirus import AntiVirus, Lists
from mailock.config.engines import EngineSettings
from mailock.config.judgement import AntiSpam, Scan
from mailock.config.judging import compile_rulebase
from mailock.config.looking import told, wants_anti_spam
from mailock.config.model import Policy
from mailock.config.sender import Authentication
from mailock.core.evidence.coverage import duties
from mailock.core.evidence.manifest import Duty, Manifest
from mailock.core.evidence.report import Why
from mailock.core.mail.message import Message
from mailock.engines.authentication.answers import FromDns
from mailock.engines.authentication.online import AuthenticationEngine
from mailock.engines.catalogue import ANTI_SPAM, IMPERSONATION, JAILED, SHARED, found
from mailock.engines.spam.weighing import Weighing
from mailock.engines.yara.engine import NAME as YARA
from mailock.jail.host import WorkerJail
from mailock.jail.protection import Lack
from mailock.ports.bodies import in_memory
from mailock.ports.clock import Clock
from mailock.ports.engine import Concluding, Online, Watched
from mailock.ports.jail import End, Ended, Jail, Job, NoJail
from mailock.ports.lessons import Lessons, NoLessons
from mailock.ports.resolver import Resolver
from mailock.processes.attached import NOTHING, Attached, attach
from mailock.processes.charter import MANIFESTS
from mailock.processes.jailing import CountedJail, charter_of, jail_of
from mailock.processes.means import Means
from mailock.stations.examine.crew import Absent, Bounds, Crew
from mailock.storage.lessons import FileLessons

INTRODUCTION_SECONDS: Final = 30.0
UNDO_SECONDS: Final = 20.0
DKIM: Final = "dkim"
"""The jailed engine that authentication asks its questions from."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Set:
    """One installed set: a jail and those who look. `running` counts the messages that they look at."""

    charter: bytes
    jail: WorkerJail | None
    crew: Crew
    attached: Attached = NOTHING
    running: int = 0
    retired: bool = False


class Scanning:
    """The engines of the process. It is a jail itself: the one that stands at the moment."""

    name = "the engines"

    def __init__(
        self,
        means: Means,
        clock: Clock,
        *,
        resolver: Resolver,
        hostname: str,
        also: Callable[[Policy], tuple[Online, ...]] | None = None,
    ) -> None:
        """`also` gives the online engines of others, for a policy."""
        self._also = also or (lambda policy: ())
        self.concluding: Callable[[Policy], tuple[Concluding, ...]] = lambda policy: ()
        """Those who are heard last, for a policy."""
        self._means = means
        self._clock = clock
        self._answers = FromDns(resolver)
        self._hostname = hostname
        self._lessons: Lessons = NoLessons() if means.lessons is None else FileLessons(means.lessons)
        self._current = _Set(b"", None, Crew(jail=self))
        self._next: _Set | None = None
        self._before: _Set | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()
        self.ended: Callable[[Job, Ended, float], None] | None = None
        """Told of every job, how it ended and how many seconds it took with its waiting."""

    @contextmanager
    def engaged(self) -> Iterator[Crew]:
        """Who looks at mail now, for as long as one message is looked at: an install does not end them meanwhile."""
        current = self._current
        current.running += 1
        try:
            yield current.crew
        finally:
            current.running -= 1
            self._close_idle(current)

    def duties(self) -> Mapping[str, Duty]:
        """What each of them is for."""
        return duties(self._current.crew.manifests)

    def is_for(self, message: Message) -> bool:
        """Whether a message is due to be examined: nobody looks at what we wrote ourselves (DECISIONS 15)."""
        return message.own is None and self._current.crew.looks

    async def run(self, job: Job) -> Ended:
        """See `ports.jail.Jail`; made now where nobody looks at mail, and a copy is to be changed all the same."""
        with self.engaged():
            current = self._current
            return await self._told_of(current.jail or await self._opened(current)).run(job)

    def _told_of(self, jail: WorkerJail) -> Jail:
        return jail if self.ended is None else CountedJail(jail, self.ended)

    async def _opened(self, current: _Set) -> WorkerJail:
        async with self._opening:
            if current.jail is None:
                try:
                    current.jail, _ = await self._made(await charter_of(None, (), EngineSettings()))
                except ValueError as closed:
                    raise NoJail(str(closed)) from closed
            assert current.jail is not None
            return current.jail

    async def prepare(self, policy: Policy) -> None:
        """Compiles rules and makes a jail with the new engines. Raises Mistakes of the rules; OSError or ValueError."""
        self._before = self._current
        for other in policy.anti_virus.engines:
            found(other)
        engines = _chosen(policy)
        sought = tuple(sorted(compile_rulebase(policy, {}).sought))
        if not engines and not sought:
            absent = (Absent(engine=YARA, why=Why.NOT_CONFIGURED),)
            self._next = _Set(b"", None, Crew(jail=self, absent=absent))
            return
        # What is switched off attaches nothing, whatever else its section says.
        scanning = policy.anti_virus if policy.anti_virus.enabled else AntiVirus(enabled=False)
        charter = await charter_of(scanning.rules, engines, told(policy, self._hostname))
        filters = policy.anti_spam if wants_anti_spam(policy) else AntiSpam(enabled=False)
        attached = await self._attached(scanning, filters)
        if charter == self._current.charter and self._current.jail is not None:
            jail, jailed = self._current.jail, self._current.crew.jailed
        else:
            jail, jailed = await self._made(charter)
        crew = Crew(
            jail=self._told_of(jail),
            jailed=jailed,
            external=attached.external,
            online=(*attached.online, *self._weighing(policy), *self._also(policy)),
            absent=tuple(attached.absent),
            sender=self._asking(policy.authentication),
            concluding=self.concluding(policy),
            digests=("md5", "sha1") if any(feed.lists is Lists.HASHES for feed in scanning.feed) else (),
            sought=sought,
            words=policy.scan.passwords,
            bounds=_bounds(policy.scan),
        )
        self._next = _Set(charter, jail, crew, attached)

    def _weighing(self, policy: Policy) -> tuple[Weighing, ...]:
        """Who weighs whether mail is wanted, where anti-spam is on."""
        return (Weighing(self._lessons),) if wants_anti_spam(policy) else ()

    def _asking(self, settings: Authentication) -> AuthenticationEngine | None:
        """Who asks who sent a message, where it is asked."""
        if not settings.enabled:
            return None
        return AuthenticationEngine(
            self._answers,
            receiver=self._hostname,
            now=self._clock.now,
            trusted_sealers=frozenset(settings.trusted_sealers),
        )

    async def _attached(self, scanning: AntiVirus, filters: AntiSpam) -> Attached:
        """Those outside of the jail: the same as now where their settings are, with files read that changed."""
        now = self._current.attached
        if not now.is_for(scanning, filters):
            return await attach(scanning, filters, self._clock, self._means.authorities)
        await asyncio.gather(*(one.probe() for one in now.watched))
        return now

    async def switch(self, revision: int) -> None:
        """From now on the new ones look."""
        assert self._next is not None
        self._set(self._next)

    async def undo(self) -> None:
        """Goes back."""
        abandoned, self._next = self._next, None
        if self._before is not None and self._current is not self._before:
            self._set(self._before)
        elif abandoned is not None:
            self._retire(abandoned)

    async def close(self) -> None:
        """Ends every jail and what runs in it, and what is open to scanners."""
        self._end_of(self._current)
        if self._closing:
            await asyncio.wait(self._closing)

    @property
    def watched(self) -> Sequence[Watched]:
        """The engines that depend on something outside of us."""
        return self._current.attached.watched

    @property
    def lacks(self) -> Sequence[Lack]:
        """The protections that are not in force while mail is opened."""
        return () if self._current.jail is None else self._current.jail.strength.lacks

    def _set(self, wanted: _Set) -> None:
        old, self._current = self._current, wanted
        # An install that fails at somebody else is undone within moments; until then the old one has to be there.
        asyncio.get_running_loop().call_later(UNDO_SECONDS, self._retire, old)

    def _retire(self, old: _Set) -> None:
        old.retired = old is not self._current
        self._close_idle(old)

    def _close_idle(self, old: _Set) -> None:
        """Ends a set that is of no more use, but for what has gone over to the one that stands now."""
        if not old.retired or old.running:
            return
        old.retired = False
        if old.jail is self._current.jail:
            old.jail = None
        if old.attached is self._current.attached:
            old.attached = NOTHING
        self._end_of(old)

    def _end_of(self, old: _Set) -> None:
        closing = asyncio.get_running_loop().create_task(_end(old))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _made(self, charter: bytes) -> tuple[WorkerJail, tuple[Manifest, ...]]:
        jail = jail_of(self._means, charter)
        try:
            strength = await jail.start()
            manifests = await _introduced(jail)
        except NoJail as closed:
            await jail.close()
            raise ValueError(f"no content can be opened: {closed}") from closed
        except BaseException:
            await jail.close()
            raise
        log.log(logging.INFO if not strength.lacks else logging.WARNING, "%s", strength.line)
        return jail, manifests


async def _end(old: _Set) -> None:
    if old.jail is not None:
        await old.jail.close()
    await old.attached.close()


def _chosen(policy: Policy) -> tuple[str, ...]:
    """The jailed engines that a policy wants, in the order in which they look."""
    chosen: set[str] = {DKIM} if policy.authentication.enabled else set()
    others = policy.anti_virus.engines
    if policy.anti_virus.enabled:
        chosen |= {*JAILED, *others, YARA} - {DKIM} - (ANTI_SPAM - SHARED)
    if wants_anti_spam(policy):
        chosen |= ANTI_SPAM if policy.impersonation.enabled else ANTI_SPAM - {IMPERSONATION}
    first = (DKIM, *(name for name in JAILED if name != DKIM), *others, YARA)
    return tuple(name for name in first if name in chosen)


def _bounds(scan: Scan) -> Bounds:
    return Bounds(
        depth=scan.depth,
        files=scan.files,
        octets=scan.unpacked.bytes,
        ratio=scan.ratio,
        seconds=scan.time.seconds,
    )


async def _introduced(jail: WorkerJail) -> tuple[Manifest, ...]:
    """Which engines the workers made: said before they see any mail."""
    nothing = in_memory(b"")
    try:
        ended = await jail.run(Job(task=MANIFESTS, order=b"", body=nothing, seconds=INTRODUCTION_SECONDS))
    finally:
        os.close(nothing)
    if ended.end is not End.DONE or len(ended.untrusted_frames) != 1:
        raise ValueError(f"the engines cannot be made: {ended.detail or ended.end.value}")
    return msgspec.msgpack.decode(ended.untrusted_frames[0], type=tuple[Manifest, ...])

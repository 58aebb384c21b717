"""The engine that knows the feeds. It asks nobody and gets no bytes: digests, URLs and names are all that it sees.

A feed that changed is loaded beside mail's path and takes the former one's place when it is whole. One that cannot be
read any more keeps what it knew, and says so; one that never could be read makes every answer incomplete.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from mailock.config.antivirus import Feed
from mailock.core.evidence.finding import Fact, Finding
from mailock.core.evidence.health import Health, after
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.message import Message
from mailock.engines.feeds.asking import KINDS, NAME, findings_of
from mailock.engines.feeds.loading import Loaded, Stamp, load_feed
from mailock.engines.feeds.reading import NoFeed
from mailock.ports.clock import Clock

LOOK_SECONDS: Final = 30.0
"""How often it is seen whether a file changed."""
QUIET_SECONDS: Final = 2.0
"""How long a file must have been left alone, if there is a former one to go on with."""
FINDINGS: Final = 200
AT_ONCE: Final = 100
"""Facts that are looked up before others get their turn on the loop."""


def manifest_of(version: str) -> Manifest:
    """The manifest, also of an engine that is not configured."""
    return Manifest(
        name=NAME,
        version=version,
        where=Where.ONLINE,
        scope=Scope.MESSAGE,
        duty=Duty.MALWARE,
        kinds=KINDS,
    )


class Feeds:
    """Implements `ports.engine.Online` and `Watched`."""

    def __init__(self, feeds: Sequence[Feed], clock: Clock, *, load: Callable[[Feed], Loaded] = load_feed) -> None:
        self._feeds = tuple(feeds)
        self._clock = clock
        self._load = load
        self._loaded: dict[str, Loaded] = {}
        self._faults: dict[str, str] = {}
        self._health = Health(engine=NAME)
        self._looked = -LOOK_SECONDS
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def manifest(self) -> Manifest:
        """What it is; another content of a feed is another version."""
        return manifest_of(self._version())

    @property
    def health(self) -> Health:
        """How it does."""
        return self._health

    async def ask(self, message: Message, facts: Sequence[Fact]) -> Sequence[Finding]:
        """What the feeds list. Raises Unfinished, with what was found, where a feed was never loaded."""
        return await self.listed(facts)

    async def listed(self, facts: Sequence[Fact]) -> Sequence[Finding]:
        """The same, where there is no message."""
        await self._keep_fresh()
        found: dict[Finding, None] = {}
        for number, fact in enumerate(facts, 1):
            for loaded in self._loaded.values():
                finding = findings_of(loaded, fact)
                if finding is not None and len(found) < FINDINGS:
                    found[finding] = None
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        missing = [text for name, text in self._faults.items() if name not in self._loaded]
        if missing:
            raise Unfinished(Why.UNREADABLE, missing[0], tuple(found))
        return tuple(found)

    async def probe(self) -> Health:
        """Loads what changed."""
        await self._look()
        return self._health

    async def close(self) -> None:
        """Lets what is being loaded end."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def knows(self) -> tuple[Loaded, ...]:
        """The feeds that are loaded."""
        return tuple(self._loaded.values())

    async def _keep_fresh(self) -> None:
        """Has changed files loaded now and then; who comes first of all waits for it, nobody else does."""
        if self._health.since == 0.0:
            await self._look()
        elif self._clock.steady() >= self._looked + LOOK_SECONDS and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        async with self._looking:
            began = self._clock.steady()
            self._looked = began
            for feed in self._feeds:
                await self._renew(feed)
            fault = Unfinished(Why.UNREADABLE, next(iter(self._faults.values()))) if self._faults else None
            spent = (self._clock.steady() - began) * 1000
            health = after(self._health, fault, now=self._clock.now(), milliseconds=spent, slow_after=float("inf"))
            self._health = replace(health, version=self._version(), notes=self._notes())

    async def _renew(self, feed: Feed) -> None:
        former = self._loaded.get(feed.name)
        try:
            stamp = Stamp.of(os.stat(feed.file))  # noqa: PTH116  # a look at an inode holds nobody up
            if former is not None and stamp == former.stamp:
                self._faults.pop(feed.name, None)
                return
            if former is not None and time.time_ns() - stamp.changed < QUIET_SECONDS * 1e9:
                return
            self._loaded[feed.name] = await asyncio.to_thread(self._load, feed)
            self._faults.pop(feed.name, None)
        except OSError as fault:
            self._faults[feed.name] = f"{feed.file} cannot be read: {fault.strerror}" + _kept(former)
        except NoFeed as wrong:
            self._faults[feed.name] = f"{wrong}{_kept(former)}"

    def _version(self) -> str:
        digest = hashlib.sha256()
        for feed in self._feeds:
            loaded = self._loaded.get(feed.name)
            digest.update(f"{feed.name}\0{loaded.digest if loaded else ''}\0".encode())
        return digest.hexdigest()[:16]

    def _notes(self) -> tuple[str, ...]:
        return tuple(
            f"{one.feed.file}: {one.unreadable} of {one.unreadable + one.entries} entries cannot be read, "
            f"the first is {one.first_unreadable}"
            for one in self._loaded.values()
            if one.unreadable
        )


def _kept(former: Loaded | None) -> str:
    return f"; what it listed before still counts ({former.entries} entries)" if former is not None else ""

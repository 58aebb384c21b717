"""The forwarder to clamd: each content goes over a connection of its own, with the question for the version before it.

A connection for each costs no more than a session that is kept (measured: the time goes into clamd's own hand-over),
and then nothing can be mixed up: no reply meets the wrong question, no large content holds up a small one, and a
connection that clamd dropped while it reloaded harms one scan, which is made again. Version and verdict come from the
same connection.

While clamd reloads its signatures it either goes on with the old ones or lets us wait; nothing counts as scanned until
it has said so. What clamd does not tell is when signatures of one's own changed: so a version counts for ten minutes,
and what it said is not remembered for longer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from mailock.config.antivirus import ClamdAddress
from mailock.core.evidence.finding import Finding
from mailock.core.evidence.health import Health
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mime.part import PartPath
from mailock.engines.clamav.line import Closed, Line
from mailock.engines.clamav.replies import KINDS, NAME, Version, nonsense, read_numbered, read_verdict, read_version
from mailock.engines.wellbeing import Wellbeing
from mailock.ports.clock import Clock
from mailock.ports.engine import Exhibit

UNKNOWN: Final = "unknown"
COUNTS: Final = 600
"""Seconds for which what clamd said is remembered."""
CONNECT_SECONDS: Final = 5.0
PROBE_SECONDS: Final = 5.0
PATIENCE: Final = (0.1, 0.4, 1.0)
"""Seconds between tries to connect, when clamd was well until now."""
_BEFORE: Final = b"zIDSESSION\0zVERSION\0zINSTREAM\0"


def manifest_of(*, version: str, largest: int, seconds: float, settings: str = "") -> Manifest:
    """The manifest, also of a forwarder that is not configured."""
    return Manifest(
        name=NAME,
        version=version,
        where=Where.EXTERNAL,
        scope=Scope.PART,
        duty=Duty.MALWARE,
        largest=largest,
        # Waiting for one of the connections counts for the host, and not for clamd.
        seconds=2 * seconds + CONNECT_SECONDS,
        kinds=KINDS,
        settings=settings,
    )


class Clamav:
    """Implements `ports.engine.External` and `Watched`."""

    def __init__(
        self,
        address: ClamdAddress,
        clock: Clock,
        *,
        seconds: float,
        connections: int,
        largest: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`seconds`: for one content. `connections`: at once. `largest`: octets of one content."""
        self._address = address
        self._clock = clock
        self._seconds = seconds
        self._slots = asyncio.Semaphore(connections)
        self._largest = largest
        self._sleep = sleep
        self._being = Wellbeing(NAME, clock)

    @property
    def manifest(self) -> Manifest:
        """What it is, with the version that clamd said last."""
        version = self._being.health.version or UNKNOWN
        begins = datetime.fromtimestamp(self._clock.now() // COUNTS * COUNTS, UTC)
        return manifest_of(
            version=f"{version} {begins:%Y-%m-%dT%H:%MZ}",
            largest=self._largest,
            seconds=self._seconds,
            settings=str(self._address),
        )

    @property
    def health(self) -> Health:
        """How it does, as far as is known."""
        return self._being.health

    async def scan(self, exhibit: Exhibit) -> Sequence[Finding]:
        """What clamd says of a content. Raises Unfinished where that is not known."""
        if exhibit.size > self._largest:
            raise Unfinished(Why.TOO_LARGE, f"{exhibit.size} octets, and clamd is sent {self._largest}")
        async with self._slots:
            return await self._being.asked(lambda: self._asked(exhibit))

    async def probe(self) -> Health:
        """Asks for the version."""
        try:
            await self._being.probed(self._version)
        except Unfinished:
            pass  # the health keeps what it says
        return self._being.health

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _asked(self, exhibit: Exhibit) -> Sequence[Finding]:
        """Twice where the connection ends: clamd may have been restarted, or this content ends it."""
        try:
            return await self._once(exhibit)
        except Closed:
            pass
        try:
            return await self._once(exhibit)
        except Closed:
            raise Unfinished(Why.DIED, "clamd closed the connection twice without an answer: see its log") from None

    async def _once(self, exhibit: Exhibit) -> Sequence[Finding]:
        line = await self._connected()
        with closing(line):
            try:
                async with asyncio.timeout(self._seconds):
                    await line.stream(_BEFORE, exhibit.chunks)
                    version, verdict = await _both(line)
            except TimeoutError:
                raise await self._late() from None
        self._heard(version)
        return read_verdict(verdict, exhibit.part)

    async def _version(self) -> None:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                line = await Line.open(self._address)
                with closing(line):
                    await line.send(b"zVERSION\0")
                    self._heard(read_version((await line.reply()).decode("utf-8", "replace")))
        except TimeoutError:
            text = f"clamd did not say its version within {PROBE_SECONDS:g} s, as while it loads its signatures"
            raise Unfinished(Why.RELOADING, text) from None
        except Closed:
            raise Unfinished(Why.DIED, "clamd closed the connection without an answer: see its log") from None
        except OSError as fault:
            raise self._unreachable(fault) from None

    async def _connected(self) -> Line:
        """A connection; where clamd was well until now it is given a moment to come back."""
        for wait in (*(() if self._being.health.failing else PATIENCE), None):
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await Line.open(self._address)
            except TimeoutError:
                fault = OSError(f"no connection within {CONNECT_SECONDS:g} s")
                break
            except OSError as refused:
                fault = refused
            if wait is not None:
                await self._sleep(wait)
        raise self._unreachable(fault)

    async def _late(self) -> Unfinished:
        """Why there was no answer in time: clamd that takes connections and says nothing at all is loading."""
        if await self._answers():
            return Unfinished(Why.TIMED_OUT, f"clamd did not answer within {self._seconds:g} s")
        return Unfinished(
            Why.RELOADING,
            f"clamd did not answer within {self._seconds:g} s, and not even to PING, as while it loads its signatures",
        )

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(1.0):
                line = await Line.open(self._address)
                with closing(line):
                    await line.send(b"zPING\0")
                    return await line.reply() == b"PONG"
        except (OSError, TimeoutError, Closed, Unfinished):
            return False

    def _heard(self, version: Version) -> None:
        self._being.hear(version.text, version.notes(self._clock.now()))

    def _unreachable(self, fault: OSError) -> Unfinished:
        return Unfinished(Why.UNREACHABLE, f"{self._address} cannot be reached: {fault.strerror or fault}")


async def _both(line: Line) -> tuple[Version, str]:
    """Version and verdict, in whichever order they come. Raises Unfinished for nonsense, Closed for an end."""
    said: dict[int, str] = {}
    while 1 not in said or 2 not in said:
        number, text = read_numbered(await line.reply())
        if number not in (1, 2) or number in said:
            raise nonsense(f"{number}: {text}")
        said[number] = text
        if text.endswith("ERROR"):
            # It closes the connection after one; what was asked besides may stay unanswered.
            read_verdict(text, PartPath("1"))
    return read_version(said[1]), said[2]

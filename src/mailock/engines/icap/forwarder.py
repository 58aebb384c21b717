"""The forwarder to one ICAP service: asks what it can do, then shows it each content, over connections that are kept.

What the service can do is asked again when its time is over, or when an answer carries another ISTag: that tag is part
of the version, so what was remembered of an older one is not used (RFC 3507 section 4.7). Because scanners behind ICAP
do not always count their own signatures into it, a version counts for ten minutes besides.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from mailock.config.antivirus import IcapUrl
from mailock.core.evidence.finding import Finding
from mailock.core.evidence.health import Health
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.icap.exchange import Answer, Closed, Exchange
from mailock.engines.icap.meaning import KINDS, named, refusal, replaced
from mailock.engines.icap.options import Options, read_options, tag_of
from mailock.engines.icap.wire import options_request, showing_request
from mailock.engines.wellbeing import Wellbeing
from mailock.ports.clock import Clock
from mailock.ports.engine import Exhibit

T = TypeVar("T")
NAME: Final = "icap"
UNKNOWN: Final = "unknown"
COUNTS: Final = 600
"""Seconds for which what it said is remembered."""
CONNECT_SECONDS: Final = 5.0
UNSEEN: Final = (
    "the ICAP service let it pass by its first octets alone: let it scan all types and sizes, "
    "or set icap_trust_preview in [anti_virus]"
)
PATIENCE: Final = (0.1, 0.4, 1.0)
"""Seconds between tries to connect, when it was well until now."""


def manifest_of(name: str, *, version: str, largest: int, seconds: float, settings: str = "") -> Manifest:
    """The manifest, also of a forwarder that is not configured."""
    return Manifest(
        name=name,
        version=version,
        where=Where.EXTERNAL,
        scope=Scope.PART,
        duty=Duty.MALWARE,
        largest=largest,
        # Waiting for one of the connections counts for the host, and not for the service.
        seconds=2 * seconds + CONNECT_SECONDS,
        kinds=KINDS,
        # The name is part of the address that it is asked about.
        needs=frozenset({"name"}),
        settings=settings,
    )


class Icap:
    """Implements `ports.engine.External` and `Watched`."""

    def __init__(
        self,
        url: IcapUrl,
        clock: Clock,
        *,
        name: str,
        seconds: float,
        connections: int,
        largest: int,
        tls: ssl.SSLContext | None = None,
        trust_preview: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`seconds`: for one content. `connections`: at once. `largest`: octets of one content. `tls`: for icaps.
        `trust_preview`: whether it may let a content pass by its first octets alone.
        """
        self._url = url
        self._clock = clock
        self._name = name
        self._seconds = seconds
        self._most = connections
        self._largest = largest
        self._tls = tls if url.encrypted else None
        self._trust_preview = trust_preview
        self._sleep = sleep
        self._being = Wellbeing(name, clock)
        self._options: Options | None = None
        self._tag = ""
        self._asked_at = 0.0
        self._asking = asyncio.Lock()
        self._idle: list[Exchange] = []
        self._busy = 0
        self._closed = False
        self._free = asyncio.Condition()

    @property
    def manifest(self) -> Manifest:
        """What it is, with the version that the service said last."""
        version = self._being.health.version or UNKNOWN
        begins = datetime.fromtimestamp(self._clock.now() // COUNTS * COUNTS, UTC)
        return manifest_of(
            self._name,
            version=f"{version} {begins:%Y-%m-%dT%H:%MZ}",
            largest=self._largest,
            seconds=self._seconds,
            settings=f"{self._url} trust_preview={self._trust_preview}",
        )

    @property
    def health(self) -> Health:
        """How it does, as far as is known."""
        return self._being.health

    async def scan(self, exhibit: Exhibit) -> Sequence[Finding]:
        """What the service says of a content. Raises Unfinished where that is not known."""
        if exhibit.size > self._largest:
            raise Unfinished(Why.TOO_LARGE, f"{exhibit.size} octets, and the ICAP service is sent {self._largest}")
        async with self._free:
            await self._free.wait_for(lambda: self._busy < self._limit)
            self._busy += 1
        try:
            return await self._being.asked(lambda: _whole(self._shown(exhibit)))
        finally:
            async with self._free:
                self._busy -= 1
                self._free.notify()

    async def probe(self) -> Health:
        """Asks what it can do."""
        self._options = None
        try:
            await self._being.probed(lambda: _whole(self._timed(self._can())))
        except Unfinished:
            pass  # the health keeps what it says
        return self._being.health

    async def close(self) -> None:
        """Ends the connections that are kept, and keeps none any more."""
        self._closed = True
        self._let_go()

    def _let_go(self) -> None:
        while self._idle:
            self._idle.pop().close()

    @property
    def _limit(self) -> int:
        allowed = self._options.connections if self._options else None
        return min(self._most, allowed or self._most)

    async def _shown(self, exhibit: Exhibit) -> Sequence[Finding]:
        """Once more where a connection ends: it was kept too long, or this content ends it."""
        try:
            return await self._timed(self._once(exhibit))
        except Closed:
            pass
        self._let_go()
        try:
            return await self._timed(self._once(exhibit))
        except Closed:
            text = "the ICAP server closed the connection twice without a whole answer: see its log"
            raise Unfinished(Why.DIED, text) from None

    async def _timed(self, asking: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await asking
        except TimeoutError:
            raise Unfinished(Why.TIMED_OUT, f"the ICAP server did not answer within {self._seconds:g} s") from None

    async def _once(self, exhibit: Exhibit) -> Sequence[Finding]:
        options = await self._can()
        request = showing_request(self._url, options.method, exhibit, preview=options.preview, may_204=options.may_204)
        exchange = await self._exchange()
        try:
            answer = await exchange.show(request, exhibit.chunks, size=exhibit.size, preview=options.preview)
        finally:
            self._put_back(exchange)
        self._heard(answer)
        return self._read(answer, exhibit)

    def _read(self, answer: Answer, exhibit: Exhibit) -> Sequence[Finding]:
        found = named(self._name, exhibit.part, answer.head)
        if found is not None:
            return (found,)
        if answer.head.status == 204 and answer.early and not self._trust_preview:
            raise Unfinished(Why.EXCLUDED, UNSEEN)
        if answer.head.status == 204 or answer.same:
            return ()
        if answer.head.status == 200:
            return (replaced(self._name, exhibit.part, answer.http_status),)
        raise refusal(answer.head)

    def _heard(self, answer: Answer) -> None:
        """An answer of another version than the last: what it can do is asked anew."""
        tag = tag_of(answer.head)
        if tag and tag != self._tag:
            self._options = None

    async def _can(self) -> Options:
        """What the service can do, asked where that is not known or too old. Raises Unfinished, and Closed."""
        async with self._asking:
            now = self._clock.now()
            if self._options is None or not self._asked_at <= now < self._asked_at + self._options.seconds:
                exchange = await self._exchange()
                try:
                    head = await exchange.ask(options_request(self._url))
                finally:
                    self._put_back(exchange)
                self._options = read_options(head)
                self._tag = tag_of(head)
                self._asked_at = now
                self._being.hear(self._options.version)
            return self._options

    async def _exchange(self) -> Exchange:
        """A connection: one that was kept and lives, or a new one."""
        while self._idle:
            kept = self._idle.pop()
            if not kept.dead:
                return kept
            kept.close()
        for wait in (*(() if self._being.health.failing else PATIENCE), None):
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await Exchange.open(self._url, self._tls)
            except TimeoutError:
                fault = OSError(f"no connection within {CONNECT_SECONDS:g} s")
                break
            except OSError as refused:
                fault = refused
            if wait is not None:
                await self._sleep(wait)
        raise Unfinished(Why.UNREACHABLE, f"{self._url} cannot be reached: {_short(fault)}")

    def _put_back(self, exchange: Exchange) -> None:
        if exchange.usable and not self._closed and len(self._idle) < self._limit:
            self._idle.append(exchange)
        else:
            exchange.close()


async def _whole(asking: Awaitable[T]) -> T:
    """What is answered. Raises Unfinished where the connection ends before."""
    try:
        return await asking
    except Closed:
        text = "the ICAP server closed the connection without an answer: see its log"
        raise Unfinished(Why.DIED, text) from None


def _short(fault: OSError) -> str:
    """What went wrong, in a few words; asyncio's own sentences repeat the address."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({fault.verify_message})"
    if isinstance(fault, ssl.SSLError):
        return f"TLS failed ({fault.reason})"
    return str(fault.strerror or fault)

"""The forwarder to rspamd: each message goes by POST to `/checkv2`, with its envelope in fields of the request.

The message goes as it came; that it has no Received field of ours is what rspamd expects of a mail server that names
the client itself.
"""

import asyncio
import importlib
import logging
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from mailock.config.filters import Rspamd as Settings
from mailock.config.filters import RspamdAddress
from mailock.core.evidence.finding import Finding
from mailock.core.evidence.health import Health
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.message import Message, show_id
from mailock.engines.rspamd.answers import KINDS, LONGEST, NAME, nonsense, read_answer, refusal
from mailock.engines.wellbeing import Wellbeing
from mailock.ports.clock import Clock
from mailock.ports.engine import Exhibit

if TYPE_CHECKING:
    from httpx2 import AsyncClient

UNKNOWN: Final = "unknown"
CONNECT_SECONDS: Final = 5.0
PROBE_SECONDS: Final = 5.0
_PLAIN: Final = bytes(range(0x20)) + b"\x7f"


class _Ended(Exception):
    """The connection ended before there was a whole answer."""


class Rspamd:
    """Implements `ports.engine.External` and `Watched`."""

    def __init__(self, settings: Settings, clock: Clock, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls`: by whom it is known, where its address begins with https."""
        if settings.server is None:
            raise ValueError("rspamd without an address")
        self._settings = settings
        self._server: RspamdAddress = settings.server
        self._tls = tls
        self._slots = asyncio.Semaphore(settings.connections)
        self._being = Wellbeing(NAME, clock)
        self._client: AsyncClient | None = None
        self._making = asyncio.Lock()

    @property
    def manifest(self) -> Manifest:
        """What it is, with the version that rspamd said last."""
        seconds = self._settings.timeout.seconds
        return Manifest(
            name=NAME,
            version=self._being.health.version or UNKNOWN,
            where=Where.EXTERNAL,
            scope=Scope.MESSAGE,
            duty=Duty.SPAM,
            largest=self._settings.largest.bytes,
            # Waiting for one of the connections counts for the host, and not for rspamd.
            seconds=2 * seconds + CONNECT_SECONDS,
            kinds=KINDS,
        )

    @property
    def health(self) -> Health:
        """How it does, as far as is known."""
        return self._being.health

    async def scan(self, exhibit: Exhibit) -> Sequence[Finding]:
        """What rspamd says of a message. Raises Unfinished where that is not known."""
        largest = self._settings.largest.bytes
        if exhibit.size > largest:
            raise Unfinished(Why.TOO_LARGE, f"{exhibit.size} octets, and rspamd is sent {largest}")
        async with self._slots:
            return await self._being.asked(lambda: self._shown(exhibit))

    async def probe(self) -> Health:
        """Asks whether it is there."""
        try:
            await self._being.probed(lambda: self._timed("GET", "/ping", None, PROBE_SECONDS))
        except Unfinished:
            pass  # the health keeps what it says
        return self._being.health

    async def close(self) -> None:
        """Ends the connections that are kept."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _shown(self, exhibit: Exhibit) -> Sequence[Finding]:
        """Once more where the connection ends: rspamd may have been restarted, or this message ends it."""
        for last in (False, True):
            try:
                octets = await self._timed("POST", "/checkv2", exhibit, self._settings.timeout.seconds)
                return read_answer(octets, self._settings.weight)
            except _Ended:
                if last:
                    raise _died() from None
        raise AssertionError("the second try returns or raises")

    async def _timed(self, method: str, path: str, exhibit: Exhibit | None, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                return await self._answered(method, path, exhibit)
        except TimeoutError:
            raise Unfinished(Why.TIMED_OUT, f"rspamd did not answer within {seconds:g} s") from None
        except _Ended:
            if exhibit is None:
                raise _died() from None
            raise

    async def _answered(self, method: str, path: str, exhibit: Exhibit | None) -> bytes:
        httpx2 = await asyncio.to_thread(importlib.import_module, "httpx2")
        client = await self._connected()
        base = self._server.url or "http://rspamd"
        content = None if exhibit is None else _stream(exhibit.chunks)
        try:
            async with client.stream(method, base + path, content=content, headers=_fields(exhibit)) as answer:
                if answer.status_code != 200:
                    raise refusal(answer.status_code)
                octets = bytearray()
                async for piece in answer.aiter_raw():
                    octets += piece
                    if len(octets) > LONGEST:
                        raise nonsense(f"more than {LONGEST} octets")
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as fault:
            text = f"{self._server} cannot be reached: {_short(fault)}"
            raise Unfinished(Why.UNREACHABLE, text) from None
        except httpx2.RemoteProtocolError as fault:
            if "disconnected" in str(fault) or "closed" in str(fault):
                raise _Ended from None
            raise nonsense(str(fault)) from None
        except httpx2.TransportError:
            raise _Ended from None
        self._being.hear(str(answer.headers.get("server", ""))[:60])
        return bytes(octets)

    async def _connected(self) -> "AsyncClient":
        """The client, made when it is first needed: it takes a tenth of a second, for which the mail must not wait."""
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(self._made)
            return self._client

    def _made(self) -> "AsyncClient":
        import httpx2

        # It would write a line for every message into the log.
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        many = self._settings.connections
        transport = httpx2.AsyncHTTPTransport(
            verify=self._tls or False,
            trust_env=False,
            limits=httpx2.Limits(max_connections=many, max_keepalive_connections=many),
            uds=self._server.path or None,
        )
        timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS)
        return httpx2.AsyncClient(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)


async def _stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _fields(exhibit: Exhibit | None) -> list[tuple[bytes, bytes]]:
    """The fields of a request: the envelope's facts, in rspamd's words."""
    fields = [("Accept-Encoding", "identity"), ("User-Agent", "mailock")]
    if exhibit is not None:
        # Without Pass, it stops at the first symbol that decides, and the reasons would not be whole.
        fields += [("Content-Length", str(exhibit.size)), ("Pass", "all")]
        if exhibit.message is not None:
            fields += _envelope(exhibit.message)
    return [(name.encode("ascii"), value.encode().translate(None, _PLAIN).strip()) for name, value in fields]


def _envelope(message: Message) -> list[tuple[str, str]]:
    origin, envelope = message.origin, message.envelope
    fields = [("Queue-Id", show_id(message.queue_id)), ("From", str(envelope.sender or "<>"))]
    fields += [("Rcpt", str(recipient.address)) for recipient in envelope.recipients]
    fields += [("IP", origin.ip), ("Helo", origin.untrusted_helo), ("User", origin.authenticated_as or "")]
    if origin.tls is not None:
        fields += [("TLS-Cipher", origin.tls.cipher), ("TLS-Version", origin.tls.version)]
    return [(name, value) for name, value in fields if value]


def _died() -> Unfinished:
    text = "rspamd closed the connection without a whole answer: see its log, and its max_message"
    return Unfinished(Why.DIED, text)


def _short(fault: Exception) -> str:
    """What went wrong, in a few words: the reason beneath the client's own."""
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted ({cause.verify_message})"
        if isinstance(cause, OSError) and cause.strerror and not cause.strerror.startswith("Multiple"):
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return str(fault)[:120] or type(fault).__name__

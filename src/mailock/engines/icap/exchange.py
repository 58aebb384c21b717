"""One connection to an ICAP server, and what goes over it: a question at a time, each answered to its end or closed.

While a content is sent the answer is read already: a server may answer before it has seen all of it, or send it back
while it comes, and both would wait for ever if we did not read. What comes back is hashed and never kept.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mailock.config.antivirus import IcapUrl
from mailock.engines.icap.wire import FIELDS, HEAD, Head, chunk, nonsense, read_chunk_size, read_encapsulated, read_head

PIECE: Final = 128 << 10
GRACE: Final = 0.2
"""Seconds in which our sending may end after the answer has."""
SPARE: Final = 4 << 20
"""Octets that an answer may be longer than what was sent: a page in its place."""


class Closed(Exception):
    """The server closed the connection before it had answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    head: Head
    http_status: str
    """The first line of the HTTP response in it; empty where there is none."""
    same: bool
    """Whether it holds exactly what was sent."""
    early: bool
    """Whether it came by the first octets of the content alone."""


class Exchange:
    """A connection. It is `usable` for another question until something went otherwise than it should."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.usable = True
        self.fresh = True
        """Whether nothing was asked over it yet."""

    @classmethod
    async def open(cls, url: IcapUrl, tls: ssl.SSLContext | None) -> "Exchange":
        """Connects. Raises OSError where nobody answers, or is not who he should be."""
        return cls(*await asyncio.open_connection(url.host, url.port, ssl=tls, limit=HEAD))

    @property
    def dead(self) -> bool:
        """Whether the server closed it meanwhile, or said something unasked."""
        return not self.usable or self._reader.at_eof() or self._writer.is_closing()

    async def ask(self, request: bytes) -> Head:
        """A question without a body. Raises Closed, and Unfinished for nonsense."""
        self.usable, self.fresh = False, False
        try:
            self._writer.write(request)
            await self._writer.drain()
            head = await self._head()
            await self._rest(head, hashlib.sha256(), 0)
        except OSError:
            raise Closed from None
        self.usable = "close" not in head.tokens("connection")
        return head

    async def show(self, request: bytes, chunks: Iterable[bytes], *, size: int, preview: int | None) -> Answer:
        """A content. Raises Closed, and Unfinished for nonsense."""
        self.usable, self.fresh = False, False
        sent = hashlib.sha256()
        rest = _Pieces(chunks)
        try:
            self._writer.write(request)
            if preview is not None:
                head = await self._preview(rest, sent, size, preview)
                if head is not None:
                    return await self._answer(head, None, sent, size=size, whole=size <= preview)
            sending = asyncio.create_task(self._send(rest, sent))
            try:
                return await self._answer(await self._head(), sending, sent, size=size, whole=True)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        except OSError:
            raise Closed from None

    def close(self) -> None:
        """Ends it at once."""
        self._writer.transport.abort()

    async def _preview(self, rest: "_Pieces", sent: "hashlib._Hash", size: int, preview: int) -> Head | None:
        """Sends the first octets; the answer, or None where the server wants the others too (section 4.5)."""
        first = rest.take(preview)
        sent.update(first)
        whole = size <= preview
        self._writer.write((chunk(first) if first else b"") + (b"0; ieof\r\n\r\n" if whole else b"0\r\n\r\n"))
        await self._writer.drain()
        head = await self._head()
        if head.status != 100:
            return head
        if whole:
            raise nonsense("100 Continue after the end")
        return None

    async def _send(self, rest: "_Pieces", sent: "hashlib._Hash") -> None:
        while piece := rest.take(PIECE):
            sent.update(piece)
            self._writer.write(chunk(piece))
            await self._writer.drain()
        self._writer.write(b"0\r\n\r\n")

    async def _answer(
        self, head: Head, sending: asyncio.Task[None] | None, sent: "hashlib._Hash", *, size: int, whole: bool
    ) -> Answer:
        """Reads it to its end. `whole`: whether all of the content was sent, or is being sent."""
        came = hashlib.sha256()
        http_status, of_answer = await self._rest(head, came, size + SPARE)
        if sending is not None and not sending.done():
            # It is done at once, or the server has heard enough and answered early.
            await asyncio.wait([sending], timeout=GRACE)
        # What the sender ran into is of no interest: the answer is there.
        over = sending is None or (sending.done() and not sending.cancelled() and sending.exception() is None)
        self.usable = over and "close" not in head.tokens("connection") and head.status in (200, 204)
        as_sent = came.digest() == sent.digest() and (not of_answer or http_status.startswith("200"))
        same = whole and over and head.status == 200 and as_sent
        return Answer(head=head, http_status=http_status, same=same, early=not whole)

    async def _head(self) -> Head:
        return read_head((await self._until(b"\r\n\r\n"))[:-4])

    async def _rest(self, head: Head, came: "hashlib._Hash", most: int) -> tuple[str, bool]:
        """What follows a head, hashed: the status in the first line of an HTTP response, and whether it is one."""
        inner = read_encapsulated(head)
        if head.status == 204:
            return "", False
        try:
            heads = await self._reader.readexactly(inner.heads)
        except asyncio.IncompleteReadError:
            raise Closed from None
        if inner.has_body:
            await self._body(came, most)
        if inner.answer_at is None:
            return "", False
        first = heads[inner.answer_at :].partition(b"\r\n")[0]
        return first.partition(b" ")[2].decode("latin-1"), True

    async def _body(self, came: "hashlib._Hash", left: int) -> None:
        while size := read_chunk_size(await self._until(b"\r\n")):
            if size > left:
                raise nonsense("more than any page is long")
            left -= size
            while size:
                piece = await self._reader.read(min(size, PIECE))
                if not piece:
                    raise Closed
                came.update(piece)
                size -= len(piece)
            if await self._until(b"\r\n") != b"\r\n":
                raise nonsense("a chunk that is longer than it says")
        for _ in range(FIELDS):
            if await self._until(b"\r\n") == b"\r\n":
                return
        raise nonsense("a trailer without an end")

    async def _until(self, end: bytes) -> bytes:
        try:
            return await self._reader.readuntil(end)
        except asyncio.IncompleteReadError:
            raise Closed from None
        except asyncio.LimitOverrunError:
            raise nonsense("a line without an end") from None


class _Pieces:
    """Chunks of any size, taken in amounts of any size."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = memoryview(b"")

    def take(self, most: int) -> bytes:
        """As much as there is up to `most`; empty at the end."""
        taken = bytearray()
        while len(taken) < most:
            if not self._left:
                following = next(self._chunks, None)
                if following is None:
                    break
                self._left = memoryview(following)
            room = most - len(taken)
            taken += self._left[:room]
            self._left = self._left[room:]
        return bytes(taken)

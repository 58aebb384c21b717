"""One connection: an asyncio protocol that is a `Link`, and drives a `Conversation`.

Everything happens in the call in which the loop tells us of it: no task, no future and no buffer per connection, so an
idle one is little more than its transport, and bytes reach the conversation without a detour. Encryption is a `Channel`
that is fed from the moment `start_tls` is called: what came before then was handed to the conversation, what comes
after is a handshake or an error.

A socket that is closed while bytes of the peer are unread is reset by the kernel, and what we wrote last may never be
read: the 552 that ends a transfer, the 421. So `close` closes our side only, throws away what still comes, and is done
when the peer closes his.

The order of events is: `connected`, then `received` and `tls_started`, then perhaps `ended`, then `lost`. Where TLS is
from the first byte and its handshake fails, `lost` is all that an accepted conversation hears; a dialled one hears
nothing, as `dial` raises instead.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Final, cast

from mailock.net.encryption import BITE, RECORD, Channel
from mailock.net.nothing import DONE, NOBODY
from mailock.net.peers import peer_of
from mailock.net.reasons import why_handshake_failed, why_lost
from mailock.ports.transport import Conversation, Peer

HIGH_WATER: Final = 256 * 1024
"""Backlog in bytes above which `drained` waits."""
LOW_WATER: Final = 64 * 1024
FLUSH_SECONDS: Final = 30.0
"""How long a closed link may take to send what was written before."""
LINGER_SECONDS: Final = 5.0
"""How long a closed link that has sent everything waits for the peer to close as well."""
FAILED_SECONDS: Final = 1.0
"""The same for one that is closed because of a failure, when only an alert is on its way."""


class SocketLink(asyncio.Protocol):
    """A connection over a stream socket. `make` gives the conversation, or the words with which the peer is sent away.

    `channel` makes the TLS side in our role; without it `start_tls` fails. `arrived` is called once: when `connected`
    was, or with the reason why it never will be.
    """

    __slots__ = (
        "_arrived",
        "_channel",
        "_conversation",
        "_ended",
        "_established",
        "_full",
        "_handshake_seconds",
        "_held",
        "_implicit",
        "_loop",
        "_make",
        "_new_channel",
        "_open",
        "_owner",
        "_paused",
        "_peer",
        "_peer_ended",
        "_timer",
        "_transport",
        "_waiter",
        "_why",
        "_written_early",
    )

    _transport: asyncio.Transport
    _peer: Peer

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        make: Callable[[Peer], Conversation | bytes],
        *,
        channel: Callable[[], Channel] | None,
        implicit_tls: bool,
        handshake_seconds: float,
        arrived: Callable[[str | None], None] | None = None,
    ) -> None:
        self._loop = loop
        self._make = make
        self._new_channel = channel
        self._implicit = implicit_tls
        self._handshake_seconds = handshake_seconds
        self._arrived = arrived
        # Who hears of what happens, nobody once the link is closed; and who hears of the end.
        self._conversation: Conversation = NOBODY
        self._owner: Conversation = NOBODY
        self._channel: Channel | None = None
        self._established = False
        self._open = False
        self._paused = False
        self._full = False
        # Whether the peer closed its side, and whether the conversation has yet to hear of it.
        self._peer_ended = False
        self._ended = False
        self._held: bytes = b""
        self._written_early: bytes = b""
        self._why = ""
        self._timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[None] | None = None

    # What the loop tells us.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        # uvloop's transports have the methods, not the base class.
        self._transport = transport = cast(asyncio.Transport, transport)
        transport.set_write_buffer_limits(HIGH_WATER, LOW_WATER)
        self._peer = peer_of(transport)
        made = self._make(self._peer)
        self._make = _make_nothing
        if isinstance(made, bytes):
            if made and not self._implicit:
                transport.write(made)
            transport.close()
            return
        self._open = True
        self._conversation = self._owner = made
        if self._implicit:
            self.start_tls()
        else:
            self._connected()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self._channel is None:
            self._conversation.received(data)
        elif self._held:
            self._held += data
        else:
            self._take(data)

    def eof_received(self) -> bool:
        """The peer closed its sending side."""
        self._peer_ended = True
        if not self._open:
            self._transport.close()
        elif self._held or self._paused:
            # It stands behind what was not handed on yet.
            self._ended = True
        else:
            self._end()
        return True

    def pause_writing(self) -> None:
        """The backlog is over the high-water mark."""
        self._full = True

    def resume_writing(self) -> None:
        """The backlog is under the low-water mark."""
        self._full = False
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self._open = False
        self._full = False
        self._stop_timer()
        self._wake()
        why = self._why or why_lost(exc)
        owner, self._owner, self._conversation = self._owner, NOBODY, NOBODY
        arrived, self._arrived = self._arrived, None
        self._new_channel = None
        if arrived is not None:
            arrived(why or "the peer closed the connection at once")
        else:
            owner.lost(why)

    # What the conversation asks of us.

    def write(self, data: bytes) -> None:
        """Queues bytes for the peer."""
        if not self._open:
            return
        if self._peer_ended:
            self._loop.call_soon(self._end)
        channel = self._channel
        if channel is None:
            self._transport.write(data)
        elif not self._established:
            self._written_early += data
        else:
            try:
                self._encrypt(channel, data)
            except ssl.SSLError as error:
                self._fail(f"encrypting failed: {error.reason or error}")

    @property
    def backlog(self) -> int:
        """Bytes written and not yet taken by the system."""
        return self._transport.get_write_buffer_size() + len(self._written_early) if self._open else 0

    def drained(self) -> Awaitable[None]:
        """Returns once the backlog is small, or the connection is lost."""
        if not self._full:
            return DONE
        if self._waiter is None:
            self._waiter = self._loop.create_future()
        return asyncio.shield(self._waiter)

    def pause(self) -> None:
        """Stops reading from the peer."""
        if not self._paused and self._open:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Goes on reading; what was held back comes with the next turn of the loop."""
        if self._paused and self._open:
            self._paused = False
            self._transport.resume_reading()
            if self._channel is not None or self._ended:
                self._loop.call_soon(self._go_on)

    def start_tls(self) -> None:
        """Begins a handshake in the role and with the settings that the link has; then `tls_started`, or `lost`."""
        if not self._open or self._channel is not None:
            return
        if self._new_channel is None:
            self._fail("TLS was asked for on a link that has no TLS settings")
            return
        try:
            self._channel = self._new_channel()
        except (ssl.SSLError, ValueError) as error:
            self._fail(f"TLS could not begin: {error}")
            return
        self._timer = self._loop.call_later(self._handshake_seconds, self._handshake_late)
        self._shake()

    def close(self) -> None:
        """Sends what was written, then closes."""
        if self._open:
            if self._established and self._channel is not None:
                self._transport.write(self._channel.farewell())
            self._part(LINGER_SECONDS)

    def abort(self) -> None:
        """Closes at once."""
        self._open = False
        self._conversation = NOBODY
        self._transport.abort()

    def abandon(self) -> None:
        """For a dialler that gives up: the conversation hears nothing, and a connection made later is closed."""
        self._arrived = None
        self._make = _make_nothing
        if self._owner is not NOBODY:
            self._owner = NOBODY
            self.abort()

    # How it is done.

    def _connected(self) -> None:
        tls = self._channel.facts() if self._channel is not None else None
        self._conversation.connected(self, self._peer, tls)
        arrived, self._arrived = self._arrived, None
        if arrived is not None:
            arrived(None)

    def _take(self, data: bytes) -> None:
        """Puts encrypted bytes through, bite by bite, until the conversation has enough of them."""
        channel = self._channel
        assert channel is not None
        view = memoryview(data)
        for start in range(0, len(data), BITE):
            if self._paused:
                self._held += data[start:]
                return
            if not self._open:
                return
            channel.feed(view[start : start + BITE])
            if self._established or self._shake():
                self._read(channel)

    def _read(self, channel: Channel) -> None:
        while self._open and not self._paused:
            try:
                plain, more = channel.decrypt()
            except ssl.SSLError as error:
                self._fail(f"the peer broke the TLS connection: {error.reason or error}")
                return
            answer = channel.outgoing()
            if answer:
                self._transport.write(answer)
            if plain:
                self._conversation.received(plain)
            if channel.ended:
                self._end()
                return
            if not more:
                return

    def _go_on(self) -> None:
        """After `resume`: first what TLS has kept, then what it was not given yet, then the end if that came."""
        if self._paused or not self._open:
            return
        if self._channel is not None and self._established:
            self._read(self._channel)
        held, self._held = self._held, b""
        if held:
            self._take(held)
        if self._ended and not self._held and not self._paused:
            self._ended = False
            self._end()

    def _end(self) -> None:
        """The peer has ended: asked when that is seen, and after each answer, whether there is another to come."""
        if not self._open:
            return
        if self._channel is not None and not self._established:
            self._fail("the peer closed the connection during the TLS handshake")
        elif not self._conversation.ended():
            self.close()

    def _shake(self) -> bool:
        """Goes on with the handshake; whether it is done."""
        channel = self._channel
        assert channel is not None
        try:
            done = channel.handshake()
        except (ssl.SSLError, ssl.CertificateError) as error:
            self._transport.write(channel.outgoing())  # the alert that tells the peer
            self._fail(why_handshake_failed(error, channel.host))
            return False
        answer = channel.outgoing()
        if answer:
            self._transport.write(answer)
        if not done:
            return False
        self._established = True
        self._stop_timer()
        early, self._written_early = self._written_early, b""
        if early:
            self._encrypt(channel, early)
        if self._implicit:
            self._connected()
        else:
            self._conversation.tls_started(channel.facts())
        return True

    def _handshake_late(self) -> None:
        self._timer = None
        self._fail(f"the TLS handshake took longer than {self._handshake_seconds:g} s")

    def _encrypt(self, channel: Channel, data: bytes) -> None:
        if len(data) <= RECORD:
            self._transport.write(channel.encrypt(data))
            return
        view = memoryview(data)
        for start in range(0, len(data), RECORD):
            self._transport.write(channel.encrypt(view[start : start + RECORD]))

    def _fail(self, why: str) -> None:
        """Closes for a reason; what is on its way, such as an alert, may still leave."""
        self._why = why
        self._part(FAILED_SECONDS)

    def _part(self, linger: float) -> None:
        """Sends what was written and closes our side; the peer's, or time, closes the rest."""
        self._open = False
        self._conversation = NOBODY
        self._channel = None
        self._held = b""
        self._stop_timer()
        transport = self._transport
        seconds = FLUSH_SECONDS if transport.get_write_buffer_size() else linger
        self._timer = self._loop.call_later(seconds, transport.abort)
        if self._peer_ended:
            transport.close()
            return
        if self._paused:
            transport.resume_reading()
        transport.write_eof()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


def _make_nothing(peer: Peer) -> bytes:
    return b""

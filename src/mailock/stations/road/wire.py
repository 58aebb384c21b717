"""One connection to a server: bytes to the SMTP client core, its effects to the courier.

Writes what is to be sent, starts TLS, keeps the time, and says once and for all when the connection is of no more use.
"""

from collections.abc import Sequence
from typing import Protocol, assert_never

from mailock.core.mail.envelope import Envelope
from mailock.core.mail.origin import Tls
from mailock.core.smtp.client import Client
from mailock.core.smtp.client_effects import (
    BodyWanted,
    Broken,
    ClientEffect,
    Done,
    Fault,
    Ready,
    TlsRefused,
    Unsendable,
)
from mailock.core.smtp.client_table import ClientSettings
from mailock.core.smtp.effects import Close, Send, StartTls
from mailock.ports.clock import Clock
from mailock.ports.transport import Link, Peer
from mailock.stations.turn.deadlines import Deadlines


class Rider(Protocol):
    """Who uses the connection."""

    def ready(self) -> None:
        """Greeted, or encrypted: say what comes."""
        ...

    def tls_refused(self, why: str) -> None:
        """STARTTLS was not granted; the connection stands in the clear."""
        ...

    def body_wanted(self) -> None:
        """Give the body."""
        ...

    def unsendable(self, lack: Unsendable) -> None:
        """The next hop lacks what the message needs; nothing was begun."""
        ...

    def done(self, done: Done) -> None:
        """The transaction is over."""
        ...

    def broken(self, why: str, *, pushed_back: bool) -> None:
        """The connection is of no more use. `pushed_back`: the other side is there, and wants less."""
        ...


class Wire:
    """A Conversation of `net` and a Timed of `Deadlines`."""

    __slots__ = (
        "_broken",
        "_deadlines",
        "_link",
        "_quitting",
        "_steady",
        "_why_lost",
        "client",
        "deadline",
        "rider",
        "tls",
    )

    def __init__(self, settings: ClientSettings, rider: Rider, clock: Clock, deadlines: Deadlines) -> None:
        self.client = Client(settings)
        self.tls: Tls | None = None
        self.deadline = 0.0
        self.rider = rider
        self._steady = clock.steady
        self._deadlines = deadlines
        self._broken = False
        self._quitting = False
        self._why_lost = ""

    @property
    def link(self) -> Link:
        """The connection below; only once it stands."""
        return self._link

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        """The connection stands."""
        self._link = link
        self.tls = tls
        self.deadline = self._steady() + self.client.patience.read
        self._deadlines.watch(self)

    def received(self, data: bytes) -> None:
        """Bytes came."""
        self._carry_out(self.client.receive(data))

    def tls_started(self, tls: Tls) -> None:
        """The handshake is done."""
        self.tls = tls
        self._carry_out(self.client.tls_started())

    def ended(self) -> bool:
        """The server will say nothing more; so neither shall we."""
        return False

    def lost(self, why: str) -> None:
        """The connection is gone."""
        self._deadlines.forget(self)
        # What `net` knows (a certificate that proves nothing, a reset) says more than the core, to which it is gone.
        self._why_lost = why
        self._carry_out(self.client.peer_closed())
        self._break(why or "the connection was closed")

    def overdue(self, now: float) -> None:
        """The server was silent for too long, or an idle connection is no longer needed."""
        if self.client.idle:
            self.quit()
        else:
            self._carry_out(self.client.timed_out())

    def start_tls(self) -> None:
        """Asks for TLS."""
        self._carry_out(self.client.start_tls())

    def send(self, envelope: Envelope, *, size: int, eight_bit: bool) -> None:
        """Begins a transaction."""
        self._carry_out(self.client.send(envelope, size=size, eight_bit=eight_bit))

    def ask(self, envelope: Envelope) -> None:
        """Asks about recipients; `done` follows."""
        self._carry_out(self.client.ask(envelope))

    def body(self, data: bytes) -> None:
        """Gives the next bytes of the body."""
        self._carry_out(self.client.body(data))

    def body_end(self, last: bytes = b"") -> None:
        """Gives the last bytes of the body: it is whole."""
        self._carry_out(self.client.body_end(last))

    def idle_for(self, seconds: float) -> None:
        """Nothing is to be sent now; says goodbye after so long."""
        self.deadline = self._steady() + seconds

    def quit(self) -> None:
        """Says goodbye and closes, without waiting for the answer."""
        if self.client.idle and not self._quitting:
            self._quitting = True
            self._carry_out(self.client.quit())
        self._break("")
        self._link.close()

    def abort(self) -> None:
        """Closes at once; a transaction that was begun is over."""
        self._carry_out(self.client.timed_out())
        self._link.abort()

    def _carry_out(self, effects: Sequence[ClientEffect]) -> None:
        for effect in effects:
            match effect:
                case Send(data=data):
                    self._link.write(data)
                case Ready():
                    self.rider.ready()
                case BodyWanted():
                    self.rider.body_wanted()
                case Done():
                    self.rider.done(effect)
                case StartTls():
                    self._link.start_tls()
                case TlsRefused(reply=reply):
                    self.rider.tls_refused(str(reply))
                case Unsendable():
                    self.rider.unsendable(effect)
                case Broken():
                    self._break(self._why_lost or _sentence(effect), pushed_back=effect.fault is Fault.CLOSING)
                    self._link.close()
                case Close():
                    self._link.close()
                case never:
                    assert_never(never)
        if not self.client.idle:
            self.deadline = self._steady() + self.client.patience.read

    def _break(self, why: str, *, pushed_back: bool = False) -> None:
        if not self._broken:
            self._broken = True
            self.rider.broken(why, pushed_back=pushed_back)


def _sentence(broken: Broken) -> str:
    said = f": {broken.reply}" if broken.reply is not None else ""
    return f"{_FAULTS[broken.fault]} (at {broken.stage.value}){said}"


_FAULTS = {
    Fault.REFUSED: "the server refused us",
    Fault.CLOSING: "the server closes the connection",
    Fault.LOST: "the connection was lost",
    Fault.TIMED_OUT: "the server did not answer in time",
    Fault.MALFORMED: "the server's answer is no SMTP reply",
    Fault.OVERLONG: "the server's answer had no end",
    Fault.UNEXPECTED: "the server answered something that was not asked",
    Fault.INJECTED: "plain text came behind the answer to STARTTLS",
    Fault.UNLAWFUL_BODY: "the stored message holds a bare CR or LF",
}

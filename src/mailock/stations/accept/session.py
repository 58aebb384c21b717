"""One connection of a client: bytes to the SMTP core, its questions to the gate, its messages to custody.

The core thinks, this file carries: it writes what is to be sent, answers questions at once where it can, and pauses
reading where the disk or an answer lags behind. Nothing here awaits; what takes time calls back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, assert_never

from mailock.core.mail.address import Address
from mailock.core.mail.origin import Origin, Tls
from mailock.core.policy.installed import Installed
from mailock.core.routing.direction import Placed
from mailock.core.smtp import phrases
from mailock.core.smtp.effects import (
    Attacked,
    AuthGiven,
    Chunk,
    Close,
    ConnectionGiven,
    DataGiven,
    DropBody,
    HelloGiven,
    MailGiven,
    RcptGiven,
    Refused,
    Send,
    ServerEffect,
    StartTls,
    TakeMessage,
    XclientGiven,
)
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server import Server
from mailock.core.smtp.server_table import Patience, State
from mailock.ports.bodies import Draft
from mailock.ports.transport import Link, Peer
from mailock.stations.accept.gate import Client, No
from mailock.stations.accept.later import when_known
from mailock.stations.accept.reception import Entrance, Reception
from mailock.stations.accept.refusing import Refusing, Speaking
from mailock.stations.accept.sources import source_of
from mailock.stations.accept.visit import Visit

WRONG_CREDENTIALS = Reply.of(535, "5.7.8", "Authentication credentials invalid")
LOCAL_ERROR = Reply.of(451, "4.3.0", "Local error, try again later")
BACKLOG = 1 << 20
HEAD = 64 << 10
TAKING = frozenset({State.DATA, State.CHUNK, State.BETWEEN})
T = TypeVar("T")


class Session:
    """A Conversation of `net` and a Timed of `Deadlines`."""

    __slots__ = (
        "_body_since",
        "_draft",
        "_entrance",
        "_gone",
        "_head",
        "_identity",
        "_ip",
        "_known",
        "_link",
        "_named",
        "_peer",
        "_placed",
        "_progressed",
        "_proxy_ip",
        "_reception",
        "_refusing",
        "_sender",
        "_server",
        "_size",
        "_state",
        "_visit",
        "deadline",
        "id",
        "ordinal",
        "source",
    )

    def __init__(self, reception: Reception, entrance: Entrance, peer: Peer) -> None:
        self._reception = reception
        self._entrance = entrance
        self._peer = peer
        self._ip = peer.ip
        self._proxy_ip: str | None = None
        self._named = False
        self._visit: Visit | None = None
        self._identity: str | None = None
        self._known: tuple[Installed, Client] | None = None
        self._sender: Address | None = None
        self._size = 0
        self._placed: list[Placed] = []
        self._draft: Draft | None = None
        self._head = b""
        self._refusing = Refusing(reception.refusals, peer.ip, entrance.name)
        self._gone = False
        self._state: State | None = None
        self._body_since = 0.0
        self._progressed = False
        self.deadline = 0.0
        self.id = reception.ids.session_id()
        self.ordinal = 0
        self.source = source_of(peer.ip)

    # What net tells us.

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        """The connection stands."""
        self._link = link
        self._server = Server(self._reception.settings(self._entrance, peer.ip), tls=tls, mark=self._refusing.mark)
        self._reception.entered(self)
        self._carry_out(self._server.connected())

    def received(self, data: bytes) -> None:
        """Bytes came."""
        self._carry_out(self._server.receive(data))
        if self._server.wants_pause:
            self._link.pause()

    def tls_started(self, tls: Tls) -> None:
        """The handshake is done."""
        self._known = None
        self._carry_out(self._server.tls_started(tls))

    def ended(self) -> bool:
        """The client will say nothing more; an answer that we owe is still given."""
        return self._server.asking

    def lost(self, why: str) -> None:
        """The connection is gone. A message that was whole is kept all the same; its client will send it again."""
        self._gone = True
        self._drop_body()
        self._reception.left(self)

    def overdue(self, now: float) -> None:
        """The client was silent, or slow, for too long."""
        if self._server.asking:
            # We owe an answer; the client is not to blame.
            self.deadline = now + self._server.patience.read
            return
        self._carry_out(self._server.give_up())

    def shut(self) -> None:
        """Mailock ends: 421 at the next command; a message that is being taken is finished first."""
        self._carry_out(self._server.stop())

    def give_way(self) -> None:
        """The place is needed for another client."""
        self._carry_out(self._server.give_up(phrases.CLOSING))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way: then the client loses nothing when it is sent away."""
        state = self._server.state
        return state < State.MAIL and (not self._server.asking or state is State.CONNECTED)

    @property
    def is_taking(self) -> bool:
        """Whether a message is coming in, or an answer is owed."""
        return self._server.asking or self._server.state in TAKING

    # What custody and the gate tell us.

    def answer(self, reply: Reply) -> None:
        """Gives the answer to a question that took time."""
        if self._gone:
            return
        self._carry_out(self._server.answer(reply))
        self._link.resume()

    def origin(self) -> Origin:
        """Where a message of this session comes from, as its transaction ends."""
        server = self._server
        return Origin(
            ip=self._ip,
            port=self._peer.port,
            untrusted_helo=server.untrusted_helo,
            protocol=server.protocol,
            listener=self._entrance.name,
            internal=self._client().internal,
            tls=server.tls,
            authenticated_as=self._identity,
            proxy_ip=self._proxy_ip,
        )

    # The effects of the core.

    def _carry_out(self, effects: Sequence[ServerEffect]) -> None:
        while effects:
            self._progressed = True
            reply: Reply | None = None
            for effect in effects:
                reply = self._effect(effect)
            if reply is None:
                break
            effects = self._server.answer(reply)
        self._note_time()

    def _effect(self, effect: ServerEffect) -> Reply | None:
        match effect:
            case Send(data=data):
                self._link.write(data)
            case Chunk(data=data):
                self._chunk(data)
            case RcptGiven():
                return self._recipient(effect)
            case MailGiven():
                return self._mail(effect)
            case DataGiven():
                return self._begin_body()
            case TakeMessage():
                return self._take(effect)
            case HelloGiven():
                self._reception.door.hello(self._visit, effect.untrusted_name)
                return phrases.OK
            case ConnectionGiven():
                return self._greet(effect)
            case Close():
                self._link.close()
            case StartTls():
                self._link.start_tls()
            case DropBody():
                self._drop_body()
            case Refused(reply=reply):
                why = "the command was refused: " + ascii(effect.untrusted_line[:200])
                self._refusing.note(reply, why, self._speaking())
            case Attacked(attack=attack):
                self._reception.door.attacked(self._visit, attack)
                self._refusing.note(None, f"an attack was seen and had no effect: {attack.value}", self._speaking())
            case AuthGiven():
                self._look_up(self._reception.authenticate(effect), self._authenticated)
            case XclientGiven():
                return self._xclient(effect)
            case never:
                assert_never(never)
        return None

    def _greet(self, given: ConnectionGiven) -> Reply | None:
        if given.proxy is not None:
            self._become(given.proxy.source_ip)
            self._named = True
        welcome = self._welcome()
        if not (delay := self._reception.door.delay(self._visit)):
            return welcome
        asyncio.get_running_loop().call_later(delay, self._greet_now, welcome)
        return None

    def _greet_now(self, welcome: Reply) -> None:
        """Greets a stranger that was kept waiting, to see whether it speaks before it is greeted."""
        if self._gone or self._visit is None or not self._server.asking:
            return
        early = self._reception.door.spoke_early(self._visit) if self._server.talked_early else None
        self.answer(self._said(early) or welcome)

    def _xclient(self, given: XclientGiven) -> Reply:
        claims = given.claims
        self._become(claims.ip or self._ip)
        self._identity, self._known = claims.login, None
        if claims.ip is None and not self._named:
            # The proxy speaks for somebody, and does not say for whom: that is nobody of ours.
            return phrases.OK
        self._named = True
        return self._welcome()

    def _welcome(self) -> Reply:
        """The greeting of whoever is known to be there now, or why there is none."""
        client, reception = self._client(), self._reception
        no = reception.gate.connect(client) or reception.door.connect(client, may_sign_in=self._entrance.auth_offered)
        self._visit = None if no is not None else reception.door.meet(client, self.id)
        return self._said(no) or phrases.OK

    def _become(self, ip: str) -> None:
        """A trusted proxy named the true client: count and judge that one from here on."""
        self._proxy_ip = self._proxy_ip or self._ip
        self._reception.left(self)
        self._ip, self.source, self._known = ip, source_of(ip), None
        self._refusing.ip = ip
        self._reception.entered(self)

    def _mail(self, given: MailGiven) -> Reply | None:
        self._placed.clear()
        self._sender, self._size = given.sender, given.size
        client, reception = self._client(), self._reception
        no = reception.gate.mail(client, given) or reception.door.mail(self._visit, client, given.sender)
        if no is None or isinstance(no, No):
            return self._said(no) or phrases.SENDER_OK
        self._look_up(no, lambda later: self.answer(self._said(later) or phrases.SENDER_OK))
        return None

    def _recipient(self, given: RcptGiven) -> Reply | None:
        verdict = self._reception.gate.recipient(self._client(), given)
        if isinstance(verdict, Placed | No):
            return self._recipient_reply(verdict, given)
        self._look_up(verdict, lambda settled: self.answer(self._recipient_reply(settled, given)))
        return None

    def _recipient_reply(self, verdict: Placed | No, given: RcptGiven) -> Reply:
        no = self._reception.gate.within(self._client(), self._sender, verdict, self._placed, self._size)
        no = no or self._reception.door.recipient(self._visit, self._client(), self._sender, verdict, len(self._placed))
        reply = self._said(no, given.address)
        if reply is None and isinstance(verdict, Placed):
            self._placed.append(verdict)
        return reply or phrases.RECIPIENT_OK

    def _begin_body(self) -> Reply:
        full = self._reception.gate.room()
        if full is not None:
            return self._said(full) or phrases.GO_AHEAD
        self._draft = self._reception.bodies.draft(self._reception.ids.queue_id())
        self._head = b""
        return phrases.GO_AHEAD

    def _chunk(self, data: bytes) -> None:
        draft = self._draft
        if draft is None:
            return
        if len(self._head) < HEAD:
            self._head += data[: HEAD - len(self._head)]
        draft.write(data)
        if draft.backlog > BACKLOG:
            self._link.pause()
            asyncio.ensure_future(draft.drained()).add_done_callback(self._drained)

    def _drained(self, future: "asyncio.Future[None]") -> None:
        # A fault of the disk comes up again when the draft is finished, and is answered there.
        if not future.cancelled():
            future.exception()
        self._link.resume()

    def _take(self, taken: TakeMessage) -> Reply | None:
        draft, self._draft = self._draft, None
        if draft is None:
            return phrases.STORAGE_FULL
        self.ordinal += 1
        refused = self._reception.custody.take(self, taken.transaction, tuple(self._placed), draft, self._head)
        return self._said(refused)

    def _drop_body(self) -> None:
        if self._draft is not None:
            self._draft.abandon()
            self._draft = None

    def _authenticated(self, identity: str | None) -> None:
        self._identity, self._known = identity, None
        self.answer(phrases.AUTHENTICATED if identity else WRONG_CREDENTIALS)

    def _look_up(self, awaited: Awaitable[T], then: Callable[[T], None]) -> None:
        """Answers later: `then` is called with the result, unless the client has gone meanwhile."""
        when_known(awaited, then, gone=lambda: self._gone, broke=lambda: self.answer(LOCAL_ERROR))

    def _client(self) -> Client:
        """The facts of whoever speaks. Where a proxy speaks for him, the interface is the proxy's and tells nothing."""
        installed = self._reception.gate.standing
        if self._known is not None and self._known[0] is installed:
            return self._known[1]
        # Whom the proxy did not name is at no address that could be internal.
        spoken_for = self._proxy_ip is not None
        client = self._reception.client(
            ip=self._ip,
            known_ip=self._ip if self._named or not spoken_for else "",
            local_ip="" if spoken_for else self._peer.local_ip,
            entrance=self._entrance,
            identity=self._identity,
            encrypted=self._server.tls is not None,
        )
        self._known = (installed, client)
        return client

    def _said(self, no: No | None, recipient: Address | None = None) -> Reply | None:
        """The reply of a refusal, noted for the log; None where there is none, or nothing is enforced."""
        return None if no is None else self._refusing.said(no, self._speaking(recipient))

    def _speaking(self, recipient: Address | None = None) -> Speaking:
        return Speaking(self._server.untrusted_helo, self._sender, recipient)

    def _note_time(self) -> None:
        """Moves the deadline: the time for one read, but no more than that for the whole line (RFC 5321, 4.5.3.2)."""
        server, now = self._server, self._reception.clock.steady()
        patience, state = server.patience, server.state
        fresh = state is not self._state
        self._state = state
        if patience.whole is None:
            self._body_since = now if fresh else self._body_since
            self.deadline = now + patience.read
            self._mind_pace(now, patience)
        elif fresh or self._progressed:
            self.deadline = now + patience.whole
        self._progressed = False

    def _mind_pace(self, now: float, patience: Patience) -> None:
        """Gives a body up that trickles in: it would hold its place for days."""
        elapsed = now - self._body_since
        size = self._draft.size if self._draft is not None else 0
        if elapsed > patience.settle and size < elapsed * (patience.floor or 0) and not self._server.asking:
            self._carry_out(self._server.give_up())

"""The server's half of SMTP: octets in, effects out (RFC 5321). No I/O, no clock, no log.

The shell feeds what it read, carries out the effects in their order, and answers the one question that may end the
list. How one drives it is in the docstring of the package. Commands are looked up by state (`server_table`), done by
handlers (`server_hello`, `server_mail`, `server_body`, `server_auth`), and what a session knows is one value
(`session`).
"""

from collections.abc import Callable
from typing import Final

from mailock.core.mail.origin import Tls
from mailock.core.smtp import phrases, server_hello
from mailock.core.smtp.effects import ConnectionGiven, Ending, ServerEffect
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server_commands import STREAMS, shown, take_line, too_long
from mailock.core.smtp.server_table import Patience, State
from mailock.core.smtp.session import Session
from mailock.core.smtp.settings import ServerSettings

# A member of an enumeration is found through its metaclass, ten times as slowly as a name of the module.
_PROXY: Final = State.PROXY
_CONNECTED: Final = State.CONNECTED
_AUTH: Final = State.AUTH
_SKIP: Final = State.SKIP
_CLOSED: Final = State.CLOSED


def _as_it_is(reply: Reply) -> Reply:
    return reply


class Server:
    """One connection, seen from the accepting side."""

    __slots__ = ("_ahead", "_session", "_waiting")

    def __init__(
        self, settings: ServerSettings, *, tls: Tls | None = None, mark: Callable[[Reply], Reply] = _as_it_is
    ) -> None:
        """`tls` is what was negotiated where TLS came first (implicit TLS).

        `mark` may put a code into the final refusals (5yz) that the core gives on its own account.
        """
        self._session = Session(settings, tls, mark)
        self._waiting: list[bytes] = []
        self._ahead = 0

    def connected(self) -> list[ServerEffect]:
        """The connection stands. Call it once, first."""
        s = self._session
        if s.state is _CONNECTED:
            s.ask(ConnectionGiven(None), server_hello.greet)
        return self._take_effects()

    def receive(self, data: bytes) -> list[ServerEffect]:
        """These octets came."""
        s = self._session
        if s.resume is not None:
            return self._wait(data)
        if s.state > _SKIP:
            if s.state is State.TLS and data:
                server_hello.note_injection(s)
            return self._take_effects()
        s.input = s.input + data if s.input else data
        return self._run()

    def answer(self, reply: Reply) -> list[ServerEffect]:
        """The answer to the open question. A session that closed meanwhile takes it in silence."""
        s = self._session
        resume = s.resume
        if resume is None:
            if s.state is _CLOSED:
                return []
            raise RuntimeError("no question is open")
        s.resume = None
        if self._waiting:
            s.input = s.input[s.at :] + b"".join(self._waiting)
            s.at = 0
            self._waiting.clear()
            self._ahead = 0
        resume(s, reply)
        return self._run()

    def tls_started(self, tls: Tls) -> list[ServerEffect]:
        """The handshake that `StartTls` asked for is done; `receive` takes decrypted octets from here on."""
        if self._session.state is State.TLS:
            server_hello.tls_started(self._session, tls)
        return self._take_effects()

    def peer_closed(self) -> list[ServerEffect]:
        """The client is gone. A body that was under way is dropped; an open question needs no answer any more."""
        if self._session.state is not State.CLOSED:
            self._session.out.clear()
            self._session.close(Ending.LOST, None)
        return self._take_effects()

    def stop(self, reply: Reply = phrases.CLOSING) -> list[ServerEffect]:
        """Ends the session at the next command; what is under way is finished first."""
        self._session.stopping = reply
        return self._take_effects()

    def give_up(self, reply: Reply = phrases.TIMED_OUT) -> list[ServerEffect]:
        """Ends the session now: nothing came in time, or the place is needed."""
        s = self._session
        if s.state is not State.CLOSED:
            s.close(Ending.STOPPED, None if s.state in (State.TLS, State.PROXY) else reply)
        return self._take_effects()

    @property
    def state(self) -> State:
        """Where the session stands."""
        return self._session.state

    @property
    def patience(self) -> Patience:
        """How long to wait for the client in this state. Not for an open question, which waits for us."""
        return self._session.settings.patience[self._session.state]

    @property
    def asking(self) -> bool:
        """Whether a question is open."""
        return self._session.resume is not None

    @property
    def wants_pause(self) -> bool:
        """Whether so much waits behind the open question that the shell should stop reading until it is answered."""
        s = self._session
        return s.resume is not None and self._ahead + len(s.input) - s.at >= s.settings.limits.pause

    @property
    def talked_early(self) -> bool:
        """Whether the client spoke before it was greeted, as no honest one does."""
        return self._session.talked_early

    @property
    def untrusted_helo(self) -> str:
        """The name that the client gave itself; empty before EHLO, and again after TLS started."""
        return self._session.helo

    @property
    def tls(self) -> Tls | None:
        """What was negotiated."""
        return self._session.tls

    @property
    def authenticated_as(self) -> str | None:
        """Who the client proved to be."""
        return self._session.authenticated

    @property
    def protocol(self) -> str:
        """The `with` keyword of the trace header (RFC 3848; RFC 6531 section 4.3 while a UTF-8 transaction is open)."""
        s = self._session
        if not s.extended:
            return "SMTP"
        name = "UTF8SMTP" if s.mail is not None and s.mail.smtputf8 else "ESMTP"
        return name + ("S" if s.tls else "") + ("A" if s.authenticated is not None else "")

    def _wait(self, data: bytes) -> list[ServerEffect]:
        s = self._session
        s.talked_early = s.talked_early or s.state is State.CONNECTED
        self._waiting.append(data)
        self._ahead += len(data)
        if self._ahead > s.settings.limits.ahead:
            self._waiting.clear()
            s.close(Ending.LIMIT, phrases.TOO_MUCH_AT_ONCE)
        return self._take_effects()

    def _run(self) -> list[ServerEffect]:
        s = self._session
        limit = s.settings.limits.line
        while s.resume is None:
            state = s.state
            if state > _AUTH:
                stream = STREAMS.get(state)
                if stream is None or not stream(s):
                    break
            elif state is _PROXY:
                if not server_hello.read_proxy(s):
                    break
            else:
                begin, end = s.at, s.input.find(b"\n", s.at)
                octets = (end if end >= 0 else len(s.input)) + 1 - begin
                if octets > limit and too_long(s, octets):
                    reply = phrases.AUTH_LINE_TOO_LONG if state is _AUTH else phrases.LINE_TOO_LONG
                    s.violate(shown(s, s.input[begin : begin + limit]), reply, Ending.LIMIT)
                    break
                if end < 0:
                    break
                s.at = end + 1
                take_line(s, s.input[begin:end])
        if s.resume is None:
            s.flush()
            s.input, s.at = s.input[s.at :], 0
        return self._take_effects()

    def _take_effects(self) -> list[ServerEffect]:
        s = self._session
        effects, s.effects = s.effects, []
        return effects

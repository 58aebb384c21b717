"""The client's half of SMTP and LMTP: octets in, effects out (RFC 5321, RFC 2920, RFC 2033). No I/O, no clock, no log.

The shell writes what `Send` holds, and waits for `Ready`; then it starts TLS, sends, or quits. Whatever happens to
the connection, a transaction that was begun ends in one `Done`, in which every recipient has an answer: theirs, or
one that we made up (`ours`) where they gave none. `Broken` says that the connection is of no more use. The replies
themselves are understood in `client_replies`.
"""

from typing import Final

from mailock.core.mail.envelope import Envelope
from mailock.core.smtp import client_replies
from mailock.core.smtp.client_effects import ClientEffect, Fault, Unsendable
from mailock.core.smtp.client_table import PATIENCE, ClientSettings, Phase
from mailock.core.smtp.conversation import Conversation
from mailock.core.smtp.effects import Close, Ending, Send
from mailock.core.smtp.extensions import NONE, Extensions
from mailock.core.smtp.mailing import Mailing, lack
from mailock.core.smtp.server_table import Patience

# A member of an enumeration is found through its metaclass, ten times as slowly as a name of the module.
_READY: Final = Phase.READY
_BODY: Final = Phase.BODY
_FINAL: Final = Phase.FINAL
_QUIT: Final = Phase.QUIT
_CLOSED: Final = Phase.CLOSED


class Client:
    """One connection, seen from the sending side."""

    __slots__ = ("_talk",)

    def __init__(self, settings: ClientSettings) -> None:
        self._talk = Conversation(settings)

    @property
    def phase(self) -> Phase:
        """What the client waits for."""
        return self._talk.phase

    @property
    def idle(self) -> bool:
        """Whether `start_tls`, `send`, `reset` and `quit` may be called."""
        return self._talk.phase is _READY

    @property
    def extensions(self) -> Extensions:
        """What the next hop offered last."""
        return self._talk.extensions

    @property
    def patience(self) -> Patience:
        """How long to wait for the next hop now."""
        return PATIENCE[self._talk.phase]

    def receive(self, data: bytes) -> list[ClientEffect]:
        """These octets came."""
        talk = self._talk
        talk.reader.feed(data)
        while talk.phase is not _CLOSED:
            reply = talk.reader.next()
            if reply is None:
                break
            if isinstance(reply, Fault):
                client_replies.break_off(talk, reply, None)
            else:
                client_replies.take(talk, reply)
        return self._take_effects()

    def start_tls(self) -> list[ClientEffect]:
        """Asks for TLS. `StartTls` or `TlsRefused` follows."""
        self._begin(Phase.STARTTLS, b"STARTTLS\r\n")
        return self._take_effects()

    def tls_started(self) -> list[ClientEffect]:
        """The handshake is done; says EHLO again (RFC 3207 section 4.2), and `Ready` follows."""
        if self._talk.phase is Phase.TLS:
            self._talk.extensions = NONE
            client_replies.say_hello(self._talk)
        return self._take_effects()

    def send(self, envelope: Envelope, *, size: int, eight_bit: bool) -> list[ClientEffect]:
        """Begins a transaction. `size` is that of the body, `eight_bit` whether it holds octets over 127.

        `Unsendable` comes back where the next hop lacks what the message needs. Where it lacks 8BITMIME only, the
        message goes as it is: whether it may is the shell's to say, who can read `extensions.eight_bit` before.
        Raises ValueError for an envelope that holds a line end, or no recipient.
        """
        talk = self._talk
        if talk.phase is not _READY:
            raise RuntimeError("the connection is not idle")
        if not envelope.recipients:
            raise ValueError("an envelope without recipients")
        missing = lack(envelope, size, talk.extensions)
        if missing is not None:
            return [Unsendable(missing)]
        talk.probing = False
        talk.mailing = Mailing(envelope, size, eight_bit, talk.extensions)
        talk.chunked = talk.settings.chunking and talk.extensions.chunking and not talk.settings.lmtp
        client_replies.say_envelope(talk, talk.mailing)
        return self._take_effects()

    def ask(self, envelope: Envelope) -> list[ClientEffect]:
        """Asks whether the recipients would be taken, and ends before DATA. `Done` follows, at stage RCPT."""
        talk = self._talk
        if talk.phase is not _READY:
            raise RuntimeError("the connection is not idle")
        missing = lack(envelope, 0, talk.extensions)
        if missing is not None:
            return [Unsendable(missing)]
        talk.probing, talk.chunked = True, False
        talk.mailing = Mailing(envelope, 0, eight_bit=False, extensions=talk.extensions)
        client_replies.say_envelope(talk, talk.mailing)
        return self._take_effects()

    def body(self, data: bytes) -> list[ClientEffect]:
        """More of the body, after `BodyWanted`. What comes when it is not wanted any more is dropped."""
        talk = self._talk
        if talk.phase is _BODY:
            wire = talk.framer.feed(data)
            if wire is None:
                client_replies.break_off(talk, Fault.UNLAWFUL_BODY, None)
            elif wire:
                talk.effects.append(Send(wire))
        return self._take_effects()

    def body_end(self, last: bytes = b"") -> list[ClientEffect]:
        """The body is whole, with this last piece: it leaves together with the end mark, in one write."""
        talk = self._talk
        if talk.phase is not _BODY:
            return []
        piece = talk.framer.feed(last)
        end = talk.framer.finish() if piece is not None else None
        if piece is None or end is None:
            client_replies.break_off(talk, Fault.UNLAWFUL_BODY, None)
        else:
            talk.phase = _FINAL
            talk.effects.append(Send(piece + end))
        return self._take_effects()

    def reset(self) -> list[ClientEffect]:
        """Asks whether the connection still lives; `Ready` follows."""
        self._begin(Phase.RESET, b"RSET\r\n")
        return self._take_effects()

    def quit(self) -> list[ClientEffect]:
        """Says goodbye; `Close` follows. The shell need not wait for it."""
        self._begin(_QUIT, b"QUIT\r\n")
        return self._take_effects()

    def peer_closed(self) -> list[ClientEffect]:
        """The next hop is gone."""
        talk = self._talk
        if talk.phase is _QUIT:
            talk.phase = _CLOSED
            talk.effects.append(Close(Ending.QUIT))
        elif talk.phase is not _CLOSED:
            client_replies.break_off(talk, Fault.LOST, None)
        return self._take_effects()

    def timed_out(self) -> list[ClientEffect]:
        """Nothing came in time, or the shell has to give the connection up."""
        if self._talk.phase is not _CLOSED:
            client_replies.break_off(self._talk, Fault.TIMED_OUT, None)
        return self._take_effects()

    def _begin(self, phase: Phase, command: bytes) -> None:
        if self._talk.phase is not _READY:
            raise RuntimeError("the connection is not idle")
        self._talk.phase = phase
        self._talk.effects.append(Send(command))

    def _take_effects(self) -> list[ClientEffect]:
        talk = self._talk
        effects, talk.effects = talk.effects, []
        return effects

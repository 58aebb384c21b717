"""What the client makes of each reply, by phase (RFC 5321 section 4.3.2, RFC 2920, RFC 2033, RFC 3030).

A next hop that leaves the protocol is not argued with: the transaction ends, deferred, and the connection with it.
What it says before it leaves counts where it can: 421 anywhere is its answer to all that is open, and a refusal in
the middle of the body is the answer to the body.
"""

from typing import Final

from mailock.core.smtp.client_effects import BodyWanted, Broken, Fault, Ready, Stage, TlsRefused
from mailock.core.smtp.client_table import STAGES, Phase
from mailock.core.smtp.conversation import Conversation
from mailock.core.smtp.data import ChunkFramer, DotStuffer
from mailock.core.smtp.effects import Close, Ending, Send, StartTls
from mailock.core.smtp.extensions import NONE, Extensions
from mailock.core.smtp.mailing import Mailing
from mailock.core.smtp.reply import Reply

LOST: Final = Reply.of(451, "4.4.2", "The connection to the next hop was lost")
TIMED_OUT: Final = Reply.of(451, "4.4.2", "The next hop did not answer in time")
NONSENSE: Final = Reply.of(451, "4.5.0", "The next hop left the protocol")
UNLAWFUL: Final = Reply.of(554, "5.6.0", "The stored message holds a bare CR or LF")
EXISTS: Final = Reply.of(250, "2.1.5", "The next hop takes this recipient")
"""The last word on a recipient that was only asked about."""

_OURS: Final = {Fault.LOST: LOST, Fault.TIMED_OUT: TIMED_OUT, Fault.UNLAWFUL_BODY: UNLAWFUL}

# A member of an enumeration is found through its metaclass, ten times as slowly as a name of the module.
_READY: Final = Phase.READY
_ENVELOPE: Final = Phase.ENVELOPE
_BODY: Final = Phase.BODY
_FINAL: Final = Phase.FINAL
_QUIT: Final = Phase.QUIT
_CLOSED: Final = Phase.CLOSED
_LONE_DOT: Final = Phase.LONE_DOT


def take(talk: Conversation, reply: Reply) -> None:
    """One reply."""
    phase = talk.phase
    if reply.code == 421 and phase is not _QUIT:
        break_off(talk, Fault.CLOSING, reply)
    elif phase is _ENVELOPE:
        _take_envelope(talk, _mailing(talk), reply)
    elif phase is _FINAL or phase is _BODY:
        _take_body(talk, _mailing(talk), reply)
    elif phase is _LONE_DOT:
        _finish(talk, _mailing(talk))
    elif phase is _QUIT:
        talk.phase = _CLOSED
        talk.effects.append(Close(Ending.QUIT))
    elif phase is Phase.STARTTLS:
        _take_starttls(talk, reply)
    elif phase is Phase.RESET:
        _take_reset(talk, reply)
    elif phase is _READY or phase is Phase.TLS:
        break_off(talk, Fault.UNEXPECTED, reply)
    else:
        _take_hello(talk, reply)


def say_hello(talk: Conversation) -> None:
    """EHLO, or LHLO."""
    verb = "LHLO" if talk.settings.lmtp else "EHLO"
    talk.phase = Phase.HELLO
    talk.effects.append(Send(f"{verb} {talk.settings.hostname}\r\n".encode("ascii")))


def say_envelope(talk: Conversation, mailing: Mailing) -> None:
    """MAIL and the rest: all at once where the next hop takes it, else the first command."""
    talk.phase = _ENVELOPE
    talk.answered = talk.acknowledged = 0
    talk.resets = 1 if talk.left_open else 0
    talk.pipelined = talk.extensions.pipelining
    commands = mailing.commands
    if not talk.pipelined:
        talk.effects.append(Send(b"RSET\r\n" if talk.resets else commands[0]))
        return
    first = b"RSET\r\n" if talk.resets else b""
    last = b"" if talk.chunked or talk.probing else b"DATA\r\n"
    talk.effects.append(Send(b"%b%b%b" % (first, b"".join(commands), last)))


def break_off(talk: Conversation, fault: Fault, reply: Reply | None) -> None:
    """The connection is of no more use; a transaction that is open ends here."""
    stage = _stage(talk)
    mailing = talk.mailing
    if mailing is not None:
        theirs = reply is not None and reply.code >= 400
        in_doubt = talk.phase is _FINAL and not theirs and mailing.accepted > 0
        word = reply if reply is not None and theirs else _OURS.get(fault, NONSENSE)
        mailing.take_rest(word, stage, ours=not theirs)
        talk.effects.append(mailing.done(in_doubt=in_doubt))
        talk.mailing = None
    talk.effects.append(Broken(fault, stage, reply))
    talk.phase = _CLOSED


def _take_hello(talk: Conversation, reply: Reply) -> None:
    if not 200 <= reply.code < 300:
        if talk.phase is Phase.HELLO and reply.code >= 500 and not talk.settings.lmtp:
            # RFC 5321 section 3.2: a server that does not know EHLO is greeted with HELO.
            talk.phase = Phase.HELO
            talk.effects.append(Send(f"HELO {talk.settings.hostname}\r\n".encode("ascii")))
        else:
            break_off(talk, Fault.REFUSED, reply)
    elif talk.phase is Phase.GREETING:
        say_hello(talk)
    else:
        talk.extensions = Extensions.read(reply) if talk.phase is Phase.HELLO else NONE
        _ready(talk)


def _ready(talk: Conversation) -> None:
    talk.phase = _READY
    talk.effects.append(Ready(talk.extensions))


def _take_starttls(talk: Conversation, reply: Reply) -> None:
    if reply.code != 220:
        talk.phase = _READY
        talk.effects.append(TlsRefused(reply))
    elif not talk.reader.empty:
        break_off(talk, Fault.INJECTED, reply)
    else:
        talk.phase = Phase.TLS
        talk.effects.append(StartTls())


def _take_reset(talk: Conversation, reply: Reply) -> None:
    if 200 <= reply.code < 300:
        talk.left_open = False
        _ready(talk)
    else:
        break_off(talk, Fault.UNEXPECTED, reply)


def _take_envelope(talk: Conversation, mailing: Mailing, reply: Reply) -> None:
    index = talk.answered - talk.resets
    last = len(mailing.commands) - 1
    if index > last:
        _take_data(talk, mailing, reply)
        return
    if 300 <= reply.code < 400:
        break_off(talk, Fault.UNEXPECTED, reply)
        return
    talk.answered += 1
    if index == 0:
        talk.left_open = mailing.take_mail(reply)
        if not (talk.left_open or talk.pipelined):
            _finish(talk, mailing)
            return
    elif index > 0:
        mailing.take_rcpt(index - 1, reply)
    if index < last:
        if not talk.pipelined:
            talk.effects.append(Send(mailing.commands[index + 1]))
    elif talk.chunked or talk.probing or not talk.pipelined:
        _after_recipients(talk, mailing)


def _after_recipients(talk: Conversation, mailing: Mailing) -> None:
    """Every RCPT was answered, and DATA not yet said."""
    if talk.probing:
        mailing.take_rest(EXISTS, Stage.RCPT)
    if not mailing.accepted:
        _finish(talk, mailing)
    elif talk.chunked:
        talk.framer = ChunkFramer()
        talk.phase = _BODY
        talk.effects.append(BodyWanted(chunked=True))
    else:
        talk.effects.append(Send(b"DATA\r\n"))


def _take_data(talk: Conversation, mailing: Mailing, reply: Reply) -> None:
    if reply.code >= 400:
        mailing.take_rest(reply, Stage.DATA)
        _finish(talk, mailing)
    elif reply.code < 300:
        break_off(talk, Fault.UNEXPECTED, reply)
    elif mailing.accepted:
        talk.framer = DotStuffer()
        talk.phase = _BODY
        talk.effects.append(BodyWanted(chunked=False))
    elif talk.settings.lmtp or mailing.contradicted:
        # RFC 2033 section 4.2 forbids it, and an empty message would get no reply at all; or it would be delivered.
        break_off(talk, Fault.UNEXPECTED, reply)
    else:
        # RFC 2920 section 3.1: 354 although no recipient was taken; the way out is an empty message.
        talk.left_open = False
        talk.phase = _LONE_DOT
        talk.effects.append(Send(b".\r\n"))


def _take_body(talk: Conversation, mailing: Mailing, reply: Reply) -> None:
    framer = talk.framer
    if isinstance(framer, ChunkFramer):
        talk.acknowledged += 1
        _take_chunk(talk, mailing, reply, framer.frames - talk.acknowledged)
    elif talk.phase is _BODY or 300 <= reply.code < 400:
        break_off(talk, Fault.UNEXPECTED, reply)
    elif talk.settings.lmtp:
        mailing.take_first(reply)
        if not mailing.accepted:
            talk.left_open = False
            _finish(talk, mailing)
    else:
        talk.left_open = False
        mailing.take_rest(reply, Stage.BODY)
        _finish(talk, mailing)


def _take_chunk(talk: Conversation, mailing: Mailing, reply: Reply, owed: int) -> None:
    """The reply to a BDAT; so many more are owed. The first refusal is the answer to the whole body."""
    last = talk.phase is _FINAL and owed == 0
    if owed < 0 or 300 <= reply.code < 400:
        break_off(talk, Fault.UNEXPECTED, reply)
        return
    if mailing.accepted and (last or reply.code >= 400):
        talk.left_open = reply.code >= 400
        mailing.take_rest(reply, Stage.BODY)
        talk.phase = _FINAL
    if talk.phase is _FINAL and not mailing.accepted and owed == 0:
        _finish(talk, mailing)


def _finish(talk: Conversation, mailing: Mailing) -> None:
    talk.effects.append(mailing.done())
    talk.mailing = None
    talk.phase = _READY


def _mailing(talk: Conversation) -> Mailing:
    assert talk.mailing is not None
    return talk.mailing


def _stage(talk: Conversation) -> Stage:
    """Which command is open."""
    if talk.phase is not _ENVELOPE or talk.mailing is None:
        return STAGES[talk.phase]
    index = talk.answered - talk.resets
    if index <= 0:
        return Stage.MAIL
    return Stage.RCPT if index < len(talk.mailing.commands) else Stage.DATA

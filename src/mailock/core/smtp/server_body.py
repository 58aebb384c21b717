"""The body: DATA (RFC 5321 section 4.1.1.4) and BDAT (RFC 3030), with the size limit and the smuggling law.

A body that will not be taken is still read to its true end, for nothing else tells where the next command starts. Two
things can be wrong with it, and a bare CR or LF outranks the size, so that the verdict does not depend on how the
octets were cut into reads. The octets of a BDAT that is refused are counted off all the same (RFC 3030 section 2):
they come anyhow. A BDAT whose size cannot be read leaves no way to tell body from commands, so there the connection
ends.
"""

from mailock.core.smtp import phrases
from mailock.core.smtp.data import DotReader, NewlineLaw, normalised
from mailock.core.smtp.effects import Attack, Attacked, Chunk, DataGiven, Ending, TakeMessage
from mailock.core.smtp.extensions import Extension
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server_table import State
from mailock.core.smtp.session import Session
from mailock.core.smtp.settings import BareNewlines


def data(s: Session, argument: bytes) -> None:
    """DATA."""
    if argument.strip():
        s.refuse(b"DATA " + argument, phrases.NO_ARGUMENT)
    elif not s.recipients:
        s.refuse(b"DATA", _why_not(s))
    else:
        s.ask(DataGiven(s.transaction(), chunked=False), _data_answered)


def _data_answered(s: Session, reply: Reply) -> None:
    if not reply.positive:
        s.say_no(reply)
        s.reset()
        return
    s.out.append(phrases.GO_AHEAD.wire)
    s.flush()
    s.reader = DotReader(normalise=s.settings.bare_newlines is BareNewlines.NORMALISE)
    s.body_open = True
    s.state = State.DATA


def stream_data(s: Session) -> bool:
    """Takes what there is of a DATA body. Whether there may be more to do."""
    octets = s.input[s.at :] if s.at else s.input
    s.input, s.at = b"", 0
    if not octets:
        return False
    reader = s.reader
    assert reader is not None
    content = reader.feed(octets)
    _deliver(s, content, reader.bare)
    if not reader.ended:
        return False
    s.input = reader.rest
    _finish(s, reader.bare)
    return True


def bdat(s: Session, argument: bytes) -> None:
    """BDAT size [LAST]."""
    size = _read_size(s, argument)
    if size is None:
        s.violate(b"BDAT " + argument, phrases.SYNTAX, Ending.VIOLATION)
        return
    s.chunk_left = size
    s.chunk_last = len(argument.split()) == 2
    if s.state is State.BETWEEN:
        s.state = State.CHUNK
    elif s.recipients:
        s.ask(DataGiven(s.transaction(), chunked=True), _bdat_answered)
    else:
        reply = _why_not(s)
        back, s.state = s.state, State.SKIP

        def refused(s: Session) -> None:
            s.state = back
            s.refuse(b"BDAT " + argument, reply)

        s.after_skip = refused


def _why_not(s: Session) -> Reply:
    """The reply to a body for which no recipient was taken."""
    if s.state is State.GREETED:
        return phrases.HELLO_FIRST
    if s.state is State.HELLO:
        return phrases.MAIL_FIRST
    return phrases.NO_RECIPIENTS if s.tried else phrases.RECIPIENT_FIRST


def _read_size(s: Session, argument: bytes) -> int | None:
    words = argument.split()
    sound = (
        Extension.CHUNKING in s.settings.extensions
        and 1 <= len(words) <= 2
        and len(words[0]) <= 18
        and words[0].isdigit()
        and (len(words) == 1 or words[1].upper() == b"LAST")
    )
    return int(words[0]) if sound else None


def _bdat_answered(s: Session, reply: Reply) -> None:
    if reply.positive:
        s.law = NewlineLaw()
        s.body_open = True
        s.state = State.CHUNK
        return

    def refused(s: Session) -> None:
        s.say_no(reply)
        s.reset()

    s.state = State.SKIP
    s.after_skip = refused


def stream_chunk(s: Session) -> bool:
    """Takes what there is of a BDAT chunk. Whether there may be more to do."""
    law = s.law
    assert law is not None
    octets = _count_off(s)
    if octets:
        bare = law.watch(octets)
        if s.settings.bare_newlines is BareNewlines.NORMALISE:
            octets = s.content + octets
            s.content = b"\r" if octets.endswith(b"\r") else b""
            octets = normalised(octets[:-1] if s.content else octets) if bare else octets.removesuffix(b"\r")
        _deliver(s, octets, bare)
    if s.chunk_left:
        return False
    if s.chunk_last:
        bare = law.ended()
        _deliver(s, normalised(s.content), bare)
        _finish(s, bare)
    elif _spoiled(s, law.broken):
        _finish(s, law.broken)
    else:
        s.state = State.BETWEEN
        s.out.append(phrases.CHUNK_OK.wire)
    return True


def stream_skip(s: Session) -> bool:
    """Counts off the octets of a refused BDAT. Whether there may be more to do."""
    _count_off(s)
    if s.chunk_left:
        return False
    after = s.after_skip
    assert after is not None
    s.after_skip = None
    after(s)
    return True


def _count_off(s: Session) -> bytes:
    octets = s.input[s.at : s.at + s.chunk_left]
    s.at += len(octets)
    s.chunk_left -= len(octets)
    return octets


def _deliver(s: Session, content: bytes, bare: bool) -> None:
    s.size += len(content)
    if _spoiled(s, bare):
        s.drop_body()
    elif content:
        s.effects.append(Chunk(content))


def _spoiled(s: Session, bare: bool) -> bool:
    if bare and s.settings.bare_newlines is BareNewlines.REFUSE:
        return True
    return 0 < s.settings.size_limit < s.size


def _finish(s: Session, bare: bool) -> None:
    if bare:
        s.effects.append(Attacked(Attack.BARE_NEWLINE))
    if not _spoiled(s, bare):
        s.body_open = False
        s.ask(TakeMessage(s.transaction(), s.size), _taken)
        return
    s.drop_body()
    verb = b"DATA" if s.state is State.DATA else b"BDAT"
    refuse_bare = bare and s.settings.bare_newlines is BareNewlines.REFUSE
    s.refuse(verb, phrases.BARE_IN_DATA if refuse_bare else phrases.TOO_LARGE)
    s.reset()


def _taken(s: Session, reply: Reply) -> None:
    if reply.positive:
        s.transactions += 1
        s.errors = s.idle_commands = 0
        s.out.append(reply.wire)
    else:
        s.say_no(reply)
    s.urgent = True
    s.reset()

"""What the SMTP properties share: conversations to draw, ways to cut them, and what to compare.

A conversation is a list of segments. Where one ends the shell does what it was asked (a TLS handshake); inside, the
octets may come in any pieces, and the answers late. Everything observable is then the same: what was sent, and what was
noted, in order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import get_args

from hypothesis import strategies as st

from mailock.core.mail.origin import Tls
from mailock.core.smtp import effects as fx
from mailock.core.smtp import phrases
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server import Server
from mailock.core.smtp.settings import BareNewlines, Limits, ServerSettings

TLS = Tls(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384")
QUESTIONS = get_args(fx.Question)

LINES = (
    b"EHLO c.example",
    b"HELO c.example",
    b"MAIL FROM:<a@x.example>",
    b"MAIL FROM:<> SIZE=9 BODY=8BITMIME",
    b"MAIL FROM:<\xc3\xbc@x.example> SMTPUTF8",
    b"RCPT TO:<b@x.example>",
    b"RCPT TO:<no@x.example>",
    b"RCPT TO:<later@x.example> NOTIFY=NEVER",
    b"DATA",
    b"RSET",
    b"NOOP",
    b"QUIT",
    b"STARTTLS",
    b"AUTH PLAIN",
    b"AUTH PLAIN AGJvYgBwdw==",
    b"AUTH LOGIN",
    b"AGJvYgBwdw==",
    b"*",
    b"XCLIENT ADDR=192.0.2.1",
    b"BDAT 4",
    b"BDAT 7 LAST",
    b"BDAT 0 LAST",
    b"BDAT",
    b"VRFY x",
    b"FROB",
    b".",
    b"..",
    b"Subject: x",
    b"",
    b"text",
    b".text",
)
RAW = (b"\r", b"\n", b".", b"\r\n.\r\n", b"\r\n..", b"\n.\n", b"\r.\r", b"\0", b"\r\r\n", b"abcd", b"x" * 70, b"\xff")

pieces_of_talk = st.one_of(
    st.sampled_from(LINES).map(lambda line: line + b"\r\n"), st.sampled_from(RAW), st.binary(max_size=8)
)
OPENING = b"EHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\n"
segments = st.lists(pieces_of_talk, max_size=12).map(b"".join)
conversations = st.lists(
    st.one_of(
        segments, segments.map(lambda talk: OPENING + talk), segments.map(lambda talk: OPENING + b"DATA\r\n" + talk)
    ),
    min_size=1,
    max_size=3,
)

settings = st.builds(
    ServerSettings,
    hostname=st.just("mx.example"),
    size_limit=st.sampled_from((0, 5, 1000)),
    recipients_limit=st.sampled_from((1, 2, 100)),
    tls_offered=st.booleans(),
    auth_mechanisms=st.sampled_from(((), ("PLAIN", "LOGIN"))),
    xclient_allowed=st.booleans(),
    bare_newlines=st.sampled_from(BareNewlines),
    limits=st.builds(
        Limits,
        line=st.sampled_from((40, 2048)),
        errors=st.sampled_from((2, 100)),
        unknown=st.sampled_from((2, 100)),
        idle_commands=st.sampled_from((3, 100)),
        transactions=st.sampled_from((0, 1)),
    ),
)


@dataclass(slots=True)
class Seen:
    """What can be observed of a conversation."""

    sent: bytearray = field(default_factory=bytearray)
    notes: list[object] = field(default_factory=list)
    """All effects but Send and Chunk; a body stands as its octets where it was taken."""
    body: bytearray = field(default_factory=bytearray)

    def compare(self) -> tuple[bytes, list[object]]:
        """What must not depend on how the octets were cut."""
        return bytes(self.sent), self.notes


def answer_to(question: object) -> Reply:
    """What the shell says; it follows from the question alone."""
    match question:
        case fx.RcptGiven(address) if address.local == "no":
            return Reply.of(550, "5.1.1", "No")
        case fx.RcptGiven(address) if address.local == "later":
            return Reply.of(450, "4.2.0", "Later")
        case fx.TakeMessage(_, size) if size == 7:
            return Reply.of(451, "4.3.0", "Not seven")
        case _:
            return phrases.OK


def converse(server: Server, talk: Sequence[Iterable[bytes]], lateness: Callable[[], int]) -> Seen:
    """Plays a conversation. `lateness` says how many more pieces come before the open question is answered."""
    seen = Seen()
    question = _see(seen, server.connected())
    for segment in talk:
        wait = lateness()
        for piece in segment:
            question = _see(seen, server.receive(piece)) or question
            while question is not None and server.asking:
                if wait > 0:
                    wait -= 1
                    break
                question = _see(seen, server.answer(answer_to(question)))
                wait = lateness()
        while question is not None and server.asking:
            question = _see(seen, server.answer(answer_to(question)))
        _see(seen, server.tls_started(TLS))
    _see(seen, server.peer_closed())
    return seen


def _see(seen: Seen, effects: list[fx.ServerEffect]) -> object | None:
    """Takes note of effects; the question that ends them, if one does."""
    for effect in effects:
        match effect:
            case fx.Send(data):
                seen.sent += data
            case fx.Chunk(data):
                assert data, "an empty chunk"
                seen.body += data
            case fx.TakeMessage(_, size):
                assert size == len(seen.body)
                seen.notes += [bytes(seen.body), effect]
                seen.body.clear()
            case fx.DropBody():
                seen.notes.append(effect)
                seen.body.clear()
            case _:
                seen.notes.append(effect)
    last = effects[-1] if effects else None
    return last if isinstance(last, QUESTIONS) else None


def whole(octets: bytes) -> Iterator[bytes]:
    """In one piece."""
    yield octets


def one_by_one(octets: bytes) -> Iterator[bytes]:
    """In as many as there are octets."""
    for octet in octets:
        yield bytes((octet,))


def cut_at(octets: bytes, places: Sequence[int]) -> list[bytes]:
    """At these places, taken modulo the length."""
    edges = sorted({0, len(octets), *(place % (len(octets) + 1) for place in places)})
    return [octets[start:end] for start, end in pairwise(edges)]

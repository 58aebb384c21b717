"""The messages of a long log: what is drawn of each, its events, and the rows that the log's writer makes of them.

`rows` makes straight what `story.chunk` and `index.indexed_row` make of the events of `life`; `compared` says whether.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from bench.track import WORDS

from mailock.core.lifecycle.events import Accepted, Event, Outline, Scan
from mailock.telemetry.index import indexed_row
from mailock.telemetry.schema import BITS
from mailock.telemetry.story import chunk, pack
from mailock.telemetry.words import address_key
from tests.parts.stories import LATER, NEVER, NOON, OK, attempted, deferred, failed, judged, message

RARE: Final = "quixotic"
"""A word that one subject of 800,000 has, the newest some way back."""
LISTENERS: Final = ("main", "submission", "partners")
_encode = msgspec.msgpack.Encoder().encode
Row = tuple[Any, ...]


class Facts(NamedTuple):
    """What is drawn of a message."""

    number: int
    at: float
    to: int
    sender: int
    domain: int
    subject: str
    id: str
    size: int
    ip: str
    file: int
    digest: str
    site: int
    page: int

    @property
    def bad(self) -> bool:
        """One of five hundred."""
        return self.number % 500 == 0

    @property
    def spam(self) -> bool:
        """One of ten."""
        return self.number % 10 == 0

    @property
    def files(self) -> tuple[str, ...]:
        """One of four has one."""
        return (f"report{self.file}.pdf",) if self.number % 4 == 0 else ()

    @property
    def listener(self) -> str:
        """Each a third."""
        return LISTENERS[self.number % 3]


def drawn(first: int, last: int, step: float) -> Iterator[Facts]:
    """The facts of the messages of a chunk."""
    chance = random.Random(first)
    draw, bits, choices = chance.random, chance.getrandbits, chance.choices
    for n in range(first, last + 1):
        words = " ".join(choices(WORDS, k=4))
        if n % 800_000 == 400_007:
            words += f" {RARE}"
        yield Facts(
            n,
            NOON + n * step,
            int(draw() * 2000),
            int(draw() * 50_000),
            int(draw() * 3000),
            f"{words} {n}",
            f"{bits(96):024x}",
            50_000_000 if n % 5000 == 0 else 900 + int(draw() * 89_000),
            f"198.51.{bits(8)}.{bits(8)}",
            int(draw() * 5000),
            f"{bits(256):064x}",
            int(draw() * 5000),
            bits(30),
        )


def life(f: Facts) -> list[Event]:
    """A message's events. Of a hundred one is deferred, of 333 one is given up."""
    of = message(
        f.number,
        to=(f"user{f.to}@dest.test",),
        sender=f"someone{f.sender}@sender{f.domain}.test",
        from_="Some One <someone@sender.test>",
        subject=f.subject,
        message_id=f"<{f.id}@sender.test>",
        session=f"{f.number:09X}",
        at=f.at,
        size=f.size,
        ip=f.ip,
    )
    of = replace(of, origin=replace(of.origin, listener=f.listener))
    outline = Outline(
        kind="program" if f.bad else "html",
        attachments=len(f.files),
        links=1,
        detections=("office.macro",) if f.bad else (),
        unfinished=(),
        files=f.files,
        hashes=(f.digest,),
        urls=(f"https://site{f.site}.example/{f.page:x}",),
    )
    scan = Scan(confidence="high", mail_class="spam" if f.spam else "ham", score=1.0, document=b"", outline=outline)
    verdict = judged(of, verdict="malicious" if f.bad else "benign")
    rule = "no programs" if f.bad else "everything else"
    decided = replace(verdict, scan=scan, decisions=tuple(replace(one, rule=rule) for one in verdict.decisions))
    return [Accepted(message=of), decided, attempted(of, *_outcome(f.number))]


def _outcome(number: int) -> list[Any]:
    return [deferred(0)] if number % 100 == 0 else [failed(0)] if number % 333 == 0 else []


@cache
def _first() -> tuple[list[Any], list[Any], list[Any]]:
    """The packed events of some message, in which the facts of another are put."""
    facts = next(drawn(1, 1, 1.0))
    accepted, decided, tried = (list(pack(event)) for event in life(facts))
    return accepted, decided, tried


@cache
def _outcomes(kind: int) -> tuple[list[Any], int, str]:
    """Of a message with this remainder: its packed outcomes, its bit, and the words of its reply."""
    of = message()
    packed: Any = pack(attempted(of, *_outcome(kind)))
    reply = (LATER, "deferred") if kind == 100 else (NEVER, "bounced") if kind == 333 else (OK, "delivered")
    bit = next(bit for status, bit in BITS.items() if status.value == reply[1])
    r = reply[0]
    return packed[8], bit, " ".join(sorted({str(r.code), str(r.enhanced), r.text})).lower()


def rows(f: Facts) -> tuple[Row, Row]:
    """The row of the record, and that of the index over words."""
    n, at = f.number, f.at
    kind = 100 if n % 100 == 0 else 333 if n % 333 == 0 else 1
    outcomes, bit, _ = _outcomes(kind)
    to, sender, domain = f"user{f.to}", f"someone{f.sender}", f"sender{f.domain}.test"
    message_id, session, url = f"<{f.id}@sender.test>", f"{n:09X}", f"https://site{f.site}.example/{f.page:x}"
    bad, verdict, rule = f.bad, "malicious" if f.bad else "benign", "no programs" if f.bad else "everything else"
    mail_class, files = "spam" if f.spam else "ham", f.files
    accepted, decided, tried = _first()
    a = accepted.copy()
    a[1], a[2], a[6], a[10], a[12] = n, session, at, n, f.size
    a[14], a[15], a[17], a[19], a[23] = message_id, f.subject, f"{to}@dest.test", f.ip, f.listener
    a[28], a[29] = (sender, domain), [(to, "dest.test", a[29][0][2])]
    j = decided.copy()
    seen = (
        "program" if bad else "html",
        len(files),
        1,
        ("office.macro",) if bad else (),
        (),
        files,
        (f.digest,),
        (url,),
    )
    who, disposition, _, because, kept = j[6][0]
    j[1], j[2], j[3], j[5] = n, at + 0.1, at + 0.3, verdict
    j[6], j[8] = [(who, disposition, rule, because, kept)], ("high", mail_class, 1.0, b"", seen)
    t = tried.copy()
    t[1], t[2], t[3], t[8] = n, at + 0.5 - 0.1, at + 0.5, outcomes
    body = _encode([a, j, t])
    story = len(body).to_bytes(4, "big") + body
    return (n, n, n, at, at + 0.5, bit, f.size, "default", story), _words(f, kind)


def _words(f: Facts, kind: int) -> Row:
    digest, verdict, mail_class = "ab" * 32, "malicious" if f.bad else "benign", "spam" if f.spam else "ham"
    rule = "r0no r0programs" if f.bad else "r0everything r0else"
    files = f"f0report{f.file} f0pdf" if f.files else ""
    fact = (
        f"s{b'default'.hex()} h0{digest} v{verdict} {rule} c0{mail_class} {'k0office k0macro' if f.bad else ''} "
        f"{files} h0{f.digest} u0https u0site{f.site} u0example u0{f.page:x}"
    )
    to = f"user{f.to}@dest.test"
    return (
        f.number,
        f.subject,
        f"someone{f.sender}@sender{f.domain}.test some one <someone@sender.test>",
        f"{to} {to} carol <carol@dest.test>",
        f"<{f.id}@sender.test>",
        address_key(f.ip),
        f"{f.number:09x}",
        "192.0.2.25 mail.dest.test",
        f"nothing was found. {_outcomes(kind)[2]}",
        fact,
    )


def compared(f: Facts, record: Row, words: Row) -> None:
    """Raises AssertionError where the writer's own functions make something else of a message."""
    story = chunk(life(f))
    assert record[8] == story, (f, record[8], story)
    theirs = indexed_row(f.number, story)
    for ours, other in zip(words, theirs, strict=True):
        alike = ours == other if isinstance(ours, int) else sorted(_split(ours)) == sorted(_split(str(other)))
        assert alike, (f, ours, other)


def _split(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()

"""Mutated conversations against both sides of SMTP, octets without end: no exception may escape, and memory is bounded.

    python tests/fuzz/fuzz_smtp.py --bytes 10_000_000 --seed 1

The seeds are the playbooks' own conversations. A conversation is mutated (octets flipped, dropped, doubled, spliced
with another, tokens put in), cut at random, and played; the questions are answered with yes, no, later, or late.
Besides that nothing is raised, this holds: a session keeps no more than its limits say, each question is answered
once, a message's chunks add up to its size, replies are lines, and every transaction of the client ends in one
account. A failure prints what reproduces it.
"""

import argparse
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.mail.origin import Tls
from mailock.core.smtp import client_effects as cx
from mailock.core.smtp import effects as sx
from mailock.core.smtp import phrases
from mailock.core.smtp.client import Client
from mailock.core.smtp.client_table import ClientSettings, Phase
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server import Server
from mailock.core.smtp.settings import BareNewlines, Limits, ServerSettings
from tests.playbooks.script import read

STORIES: Final = Path(__file__).resolve().parents[1] / "playbooks"
TOKENS: Final = (
    b"\r\n",
    b"\r",
    b"\n",
    b".",
    b"\0",
    b" ",
    b"<",
    b">",
    b"@",
    b'"',
    b"\\",
    b"[",
    b"=",
    b"\r\n.\r\n",
    b"\r\n..\r\n",
    b"\n.\n",
    b"DATA\r\n",
    b"BDAT 5 LAST\r\n",
    b"BDAT 99999999\r\n",
    b"RSET\r\n",
    b"STARTTLS\r\n",
    b"EHLO x\r\n",
    b"QUIT\r\n",
    b"RCPT TO:<b@x.example>\r\n",
    b"MAIL FROM:<>\r\n",
    b"AUTH PLAIN\r\n",
    b"250 ok\r\n",
    b"250-",
    b"354 go\r\n",
    b"421 bye\r\n",
    b"550 5.1.1 no\r\n",
    b"\xc3\xbc",
    b"\xff",
    b"x" * 3000,
    b"A" * 13000,
    b" SIZE=9",
    b" SMTPUTF8",
    b";" * 40,
    b"+2B",
)
ANSWERS: Final = (phrases.OK,) * 8 + (Reply.of(550, "5.7.1", "No"), Reply.of(451, "4.3.0", "Later"), phrases.CLOSING)
TLS: Final = Tls(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384")
LIMITS: Final = Limits(ahead=20_000, pause=4_000, idle_commands=30)
KEPT: Final = 64_000
"""The most octets that a session may hold: what waits, a line, a chunk that was just given."""
GROWTH: Final = 64 << 20


class Failure(AssertionError):
    """A conversation that broke a promise."""


def seeds() -> tuple[list[bytes], list[bytes]]:
    """What clients say, and what servers say, in the playbooks."""
    stories = [read(path) for path in sorted(STORIES.glob("*/*.txt"))]
    talks = {
        side: [b"".join(turn.octets for turn in story.turns) for story in stories if story.side == side]
        for side in ("server", "client")
    }
    return talks["server"], talks["client"]


def mutate(chance: random.Random, talk: bytes, others: list[bytes]) -> bytes:
    """The conversation with a few things wrong."""
    octets = bytearray(talk)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(octets) + 1)
        end = min(len(octets), at + chance.choice((1, 1, 2, 8, 40)))
        match chance.randrange(6):
            case 0:
                octets[at:end] = chance.randbytes(end - at)
            case 1:
                del octets[at:end]
            case 2:
                octets[at:at] = octets[at:end] * chance.choice((1, 2, 20))
            case 3:
                other = chance.choice(others)
                octets[at:] = other[chance.randrange(len(other) + 1) :]
            case _:
                octets[at:at] = chance.choice(TOKENS)
    return bytes(octets)


def cut(chance: random.Random, octets: bytes) -> Iterator[bytes]:
    """The octets in pieces: large, small, single ones."""
    at, step = 0, chance.choice((1, 7, 60, 1000, 100_000))
    while at < len(octets):
        size = chance.randint(1, step)
        yield octets[at : at + size]
        at += size


class ServerRun:
    """One conversation against the server."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.server = Server(_settings(chance))
        self.body = 0
        self.closed = False

    def play(self, octets: bytes) -> None:
        """All of it. Raises Failure, or whatever escapes."""
        self._take(self.server.connected())
        for piece in cut(self.chance, octets):
            self._take(self.server.receive(piece))
            if self.server.asking and self.chance.random() < 0.9:
                self._answer()
            self._check_kept(len(piece))
        self._answer()
        self._take(self.chance.choice((self.server.peer_closed, self.server.give_up, self.server.stop))())
        self._take(self.server.peer_closed())
        if not self.closed:
            raise Failure("not closed at the end")

    def _answer(self) -> None:
        while self.server.asking:
            self._take(self.server.answer(self.chance.choice(ANSWERS)))

    def _take(self, effects: list[sx.ServerEffect]) -> None:
        for number, effect in enumerate(effects):
            if self.closed:
                raise Failure(f"{effect} after the end")
            match effect:
                case sx.Send(data):
                    _check_lines(data)
                case sx.Chunk(data):
                    self.body += len(data)
                case sx.DropBody():
                    self.body = 0
                case sx.TakeMessage(_, size):
                    if size != self.body:
                        raise Failure(f"a message of {size} octets in {self.body} octets of chunks")
                    self.body = 0
                case sx.Close():
                    self.closed = True
                case sx.StartTls():
                    if self.chance.random() < 0.9:
                        self._take_later()
                case _:
                    if (
                        self.server.asking
                        and number != len(effects) - 1
                        and not isinstance(effect, sx.Refused | sx.Attacked)
                    ):
                        raise Failure(f"{effect} does not end its list")

    def _take_later(self) -> None:
        # The handshake is done at once; what was pipelined behind STARTTLS is gone by then.
        self.server.tls_started(TLS)

    def _check_kept(self, piece: int) -> None:
        session = self.server._session
        kept = len(session.input) - session.at + self.server._ahead
        if kept > KEPT + piece:
            raise Failure(f"{kept} octets are kept")


class ClientRun:
    """One conversation against the client."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.client = Client(ClientSettings("c.example", lmtp=chance.random() < 0.2, chunking=chance.random() < 0.3))
        self.begun = self.done = 0

    def play(self, octets: bytes) -> None:
        """All of it. Raises Failure, or whatever escapes."""
        for piece in cut(self.chance, octets):
            self._take(self.client.receive(piece))
            self._act()
        self._take(self.chance.choice((self.client.peer_closed, self.client.timed_out))())
        if self.begun != self.done or self.client.phase is not Phase.CLOSED:
            raise Failure(f"{self.begun} begun, {self.done} done, {self.client.phase.name}")

    def _act(self) -> None:
        if self.client.idle and self.chance.random() < 0.9:
            envelope = _envelope(self.chance)
            self.begun += 1
            effects = self.client.send(
                envelope, size=self.chance.choice((9, 10**9)), eight_bit=self.chance.random() < 0.5
            )
            self.begun -= any(isinstance(effect, cx.Unsendable) for effect in effects)
            self._take(effects)
        elif self.client.idle:
            self._take(self.chance.choice((self.client.start_tls, self.client.reset, self.client.quit))())
        if self.client.phase is Phase.BODY and self.chance.random() < 0.8:
            data = self.chance.choice((b"", b"text\r\n", b".\r\n", b"\r\n.\r\n", b"x", b"\r", b"\n"))
            self._take(self.client.body(data) if self.chance.random() < 0.5 else self.client.body_end(data))
        if self.client.phase is Phase.TLS and self.chance.random() < 0.5:
            self._take(self.client.tls_started())

    def _take(self, effects: list[cx.ClientEffect]) -> None:
        for effect in effects:
            if isinstance(effect, cx.Done):
                self.done += 1
                if not effect.answers:
                    raise Failure("an account without an answer")


def _settings(chance: random.Random) -> ServerSettings:
    return ServerSettings(
        hostname="mx.example",
        size_limit=chance.choice((0, 10, 1_000_000)),
        recipients_limit=chance.choice((1, 100)),
        tls_offered=chance.random() < 0.7,
        auth_mechanisms=("PLAIN", "LOGIN"),
        xclient_allowed=chance.random() < 0.5,
        proxy_expected=chance.random() < 0.1,
        bare_newlines=chance.choice(tuple(BareNewlines)),
        limits=LIMITS,
    )


def _envelope(chance: random.Random) -> Envelope:
    names = chance.choices(("b", "c", "ü", "a b"), k=chance.randint(1, 4))
    recipients = tuple(Recipient(Address(name, "y.example"), Direction.OUTGOING) for name in names)
    return Envelope(sender=None, recipients=recipients)


def _check_lines(data: bytes) -> None:
    if not (
        data.endswith(b"\r\n") and data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n") and data.isascii()
    ):
        raise Failure(f"{data!r} are no reply lines")


def fuzz(total: int, seed: int) -> tuple[int, int]:
    """Plays until so many octets were fed. How many conversations it were, and by how many octets memory grew."""
    clients_say, servers_say = seeds()
    fed = conversations = 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while fed < total:
        number = f"{seed}:{conversations}"
        chance = random.Random(number)
        against_server = chance.random() < 0.7
        talks = clients_say if against_server else servers_say
        octets = mutate(chance, chance.choice(talks), talks)
        run = ServerRun(chance) if against_server else ClientRun(chance)
        try:
            run.play(octets)
        except Exception as error:
            error.add_note(f"conversation {number}: {octets[:2000]!r}")
            raise
        fed += len(octets)
        conversations += 1
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    if growth > GROWTH:
        raise Failure(f"memory grew by {growth >> 20} MiB")
    return conversations, growth


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=lambda text: int(text.replace("_", "")), default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.monotonic()
    conversations, growth = fuzz(options.bytes, options.seed)
    seconds = time.monotonic() - start
    print(
        f"{options.bytes:,} bytes in {conversations:,} conversations, {seconds:.0f} s: "
        f"no exception escaped, memory grew by {growth / 1048576:.1f} MiB"
    )


if __name__ == "__main__":
    main()

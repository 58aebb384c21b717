"""How long the SMTP core takes for one message, in Python alone: no sockets, no disk.

`python bench/smtp_core.py` prints microseconds for a conversation (EHLO, MAIL, RCPT, DATA, a body of 10 KiB, QUIT),
on each side, and the throughput of the two body paths. `--profile server` or `--profile client` prints where it goes.
"""

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable
from typing import Final, get_args

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.smtp import phrases
from mailock.core.smtp.client import Client
from mailock.core.smtp.client_table import ClientSettings
from mailock.core.smtp.data import DotReader, DotStuffer
from mailock.core.smtp.effects import Question, ServerEffect
from mailock.core.smtp.server import Server
from mailock.core.smtp.settings import ServerSettings

SETTINGS: Final = ServerSettings(hostname="mx.example", size_limit=50_000_000, tls_offered=True)
BODY: Final = (b"Subject: hello\r\n\r\n" + b"The quick brown fox jumps over the lazy dog, again and again.\r\n" * 200)[
    :10238
]
ENVELOPE: Final = Envelope(
    sender=Address("sender", "client.example"),
    recipients=(Recipient(Address("rcpt", "mx.example"), Direction.INCOMING),),
)
MAIL: Final = b"MAIL FROM:<sender@client.example> SIZE=10240\r\n"
RCPT: Final = b"RCPT TO:<rcpt@mx.example>\r\n"
STEPS: Final = (b"EHLO client.example\r\n", MAIL, RCPT, b"DATA\r\n", BODY + b"\r\n.\r\n", b"QUIT\r\n")
GROUPS: Final = (STEPS[0], MAIL + RCPT + b"DATA\r\n", BODY + b"\r\n.\r\n", b"QUIT\r\n")
HELLO_REPLY: Final = b"250-mx.example\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n250 DSN\r\n"
ENVELOPE_REPLY: Final = b"250 2.1.0 Sender ok\r\n250 2.1.5 Recipient ok\r\n354 Go ahead\r\n"
_QUESTIONS: Final = get_args(Question)


def serve(pieces: tuple[bytes, ...]) -> None:
    """One conversation on the server's side; every question is answered at once, with yes."""
    server = Server(SETTINGS)
    _settle(server, server.connected())
    for piece in pieces:
        _settle(server, server.receive(piece))


def _settle(server: Server, effects: list[ServerEffect]) -> None:
    while effects and type(effects[-1]) in _QUESTIONS:
        effects = server.answer(phrases.OK)


def deliver(number: int) -> None:
    """One conversation on the client's side. The last reply is another each time, as queue ids are."""
    client = Client(ClientSettings("client.example"))
    client.receive(b"220 mx.example ESMTP\r\n")
    client.receive(HELLO_REPLY)
    client.send(ENVELOPE, size=10240, eight_bit=False)
    client.receive(ENVELOPE_REPLY)
    client.body_end(BODY)
    client.receive(b"250 2.0.0 Queued as %d\r\n" % number)
    client.quit()
    client.receive(b"221 2.0.0 Bye\r\n")


def microseconds(action: Callable[[int], object], rounds: int) -> float:
    """Of the processor, a round: the best of five runs."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for number in range(rounds):
            action(number)
        best = min(best, time.process_time() - start)
    return best / rounds * 1e6


def throughput(action: Callable[[bytes], object], chunk: bytes) -> float:
    """MiB a second."""
    return len(chunk) / 1.048576 / microseconds(lambda _: action(chunk), 200)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5000)
    parser.add_argument("--profile", choices=("server", "client"))
    options = parser.parse_args()
    if options.profile:
        profile = cProfile.Profile()
        action = deliver if options.profile == "client" else lambda _: serve(STEPS)
        profile.runcall(microseconds, action, options.rounds)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    print(f"server, a command at a time   {microseconds(lambda _: serve(STEPS), options.rounds):8.1f} µs")
    print(f"server, pipelined             {microseconds(lambda _: serve(GROUPS), options.rounds):8.1f} µs")
    print(f"client, pipelined             {microseconds(deliver, options.rounds):8.1f} µs")
    chunk = ((BODY + b"\r\n") * 30)[:262144]
    print(f"body in, 256 KiB reads        {throughput(DotReader(normalise=False).feed, chunk):8.0f} MiB/s")
    print(f"body out, 256 KiB pieces      {throughput(DotStuffer().feed, chunk):8.0f} MiB/s")


if __name__ == "__main__":
    main()

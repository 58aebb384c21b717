"""A plain SMTP client on blocking sockets, for what smtp-source cannot do: TLS, idle connections, one huge message.

It pipelines nothing, as smtp-source does not. It trusts any certificate: what is measured is the server.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from mailock.testing.bench.load import Load
from mailock.testing.bench.programs import LOOPBACK, CannotMeasureError

SENDER, DOMAIN = "sender@bench.test", "dest.test"
_REPLY_SECONDS = 60.0
_LINE = b"X" * 78 + b"\r\n"


@dataclass(slots=True)
class Talk:
    """One connection. Every method that sends waits for the reply and raises CannotMeasureError when it is another."""

    socket: socket.socket

    @classmethod
    def begin(cls, port: int, tls: ssl.SSLContext | None) -> Self:
        """Connects, greets, and with a context starts TLS and greets again."""
        plain = socket.create_connection((LOOPBACK, port), timeout=_REPLY_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        talk = cls(plain)
        talk._expect(b"220")
        talk.say(b"EHLO client.bench.test\r\n", b"250")
        if tls is not None:
            talk.say(b"STARTTLS\r\n", b"220")
            talk.socket = tls.wrap_socket(plain)
            talk.say(b"EHLO client.bench.test\r\n", b"250")
        return talk

    def say(self, line: bytes, code: bytes) -> None:
        """One command, or one part of the data, and the reply that it has to get."""
        self.socket.sendall(line)
        self._expect(code)

    def open_message(self, recipient: str) -> None:
        """Everything up to the 354."""
        self.say(f"MAIL FROM:<{SENDER}>\r\n".encode(), b"250")
        self.say(f"RCPT TO:<{recipient}>\r\n".encode(), b"250")
        self.say(b"DATA\r\n", b"354")

    def close(self) -> None:
        """QUIT, its reply, and the end of the connection."""
        self.say(b"QUIT\r\n", b"221")
        self.socket.close()

    def _expect(self, code: bytes) -> None:
        reply = b""
        # The last line of a reply has a space behind its code (RFC 5321 4.2.1).
        while not (reply.endswith(b"\r\n") and reply.rpartition(b"\r\n")[0].rpartition(b"\r\n")[2][3:4] == b" "):
            got = self.socket.recv(4096)
            if not got:
                raise CannotMeasureError(f"the server closed the connection where {code.decode()} was due")
            reply += got
        if not reply.startswith(code):
            raise CannotMeasureError(f"the server said {reply[:200]!r} where {code.decode()} was due")


def trusting_context() -> ssl.SSLContext:
    """TLS as an opportunistic client does it. Sessions are never resumed: each connection shakes hands in full."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def message(size: int) -> bytes:
    """A header, `size` bytes of text below it, and the end of the data."""
    header = f"From: <{SENDER}>\r\nTo: <recipient@{DOMAIN}>\r\nSubject: bench\r\nMessage-Id: <bench@bench.test>\r\n\r\n"
    lines, rest = divmod(size, len(_LINE))
    return header.encode() + _LINE * lines + (_LINE[-rest:] if rest >= 2 else b"") + b".\r\n"


def send_over_tls(load: Load, port: int, within: float) -> None:
    """`load` with a new connection and a new handshake per message. Raises CannotMeasureError when one gets no 250.

    Threads do it: the handshake, which is what costs, runs without the interpreter's lock.
    """
    context, body = trusting_context(), message(load.size)
    numbers = iter(range(load.messages))
    failures: list[Exception] = []
    end = time.monotonic() + within

    def one_session() -> None:
        try:
            for number in numbers:
                if failures or time.monotonic() > end:
                    return
                talk = Talk.begin(port, context)
                talk.open_message(f"{number}recipient@{DOMAIN}")
                talk.say(body, b"250")
                talk.close()
        except (OSError, CannotMeasureError) as failure:
            failures.append(failure)

    threads = [threading.Thread(target=one_session) for _ in range(load.sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise CannotMeasureError(f"the TLS client stopped: {failures[0]}") from failures[0]
    if next(numbers, None) is not None:
        raise CannotMeasureError(f"the TLS client did not get {load.messages} messages through in {within:.0f} s")


@contextmanager
def idle_connections(count: int, port: int, tls: ssl.SSLContext | None) -> Iterator[None]:
    """`count` connections that have greeted and now say nothing, until the block ends."""
    held: list[socket.socket] = []
    try:
        for _ in range(count):
            held.append(Talk.begin(port, tls).socket)
        yield
    finally:
        for one in held:
            one.close()


def send_one(size: int, port: int, *, piece: int = 65_536) -> None:
    """One message of about `size` bytes, `piece` by piece."""
    talk = Talk.begin(port, None)
    talk.open_message(f"recipient@{DOMAIN}")
    talk.socket.sendall(f"From: <{SENDER}>\r\nSubject: bench\r\n\r\n".encode())
    block = _LINE * (piece // len(_LINE))
    for _ in range(size // len(block)):
        talk.socket.sendall(block)
    talk.say(b".\r\n", b"250")
    talk.close()

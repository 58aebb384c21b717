"""A next hop that notes the moment at which each message had come whole: for waiting times, not for load."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailock.testing.bench.programs import LOOPBACK, CannotMeasureError

_END = b"\r\n.\r\n"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came to `port`, in the order in which it came."""

    port: int
    _moments: "queue.Queue[float]" = field(default_factory=queue.Queue)

    def next(self, *, within: float) -> float:
        """The steady time at which the next message ended. Raises CannotMeasureError when none comes."""
        try:
            return self._moments.get(timeout=within)
        except queue.Empty:
            raise CannotMeasureError(f"a message did not come out within {within:.0f} s") from None

    def note(self) -> None:
        """A message ended now."""
        self._moments.put(time.monotonic())


@contextmanager
def arrivals() -> Iterator[Arrivals]:
    """Listens until the block ends."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        hop = Arrivals(listener.getsockname()[1])
        threading.Thread(target=_accept, args=(listener, hop), daemon=True).start()
        try:
            yield hop
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, hop: Arrivals) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            # The block has ended.
            return
        threading.Thread(target=_serve, args=(connection, hop), daemon=True).start()


def _serve(connection: socket.socket, hop: Arrivals) -> None:
    """One connection. The commands of a relaying server are all that it understands."""
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"220 hop.bench.test ESMTP\r\n")
        lines = connection.makefile("rb")
        try:
            while line := lines.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    connection.sendall(b"250-hop.bench.test\r\n250-8BITMIME\r\n250 SIZE 0\r\n")
                elif verb == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    _take(connection)
                    hop.note()
                    connection.sendall(b"250 2.0.0 taken\r\n")
                elif verb == b"QUIT":
                    connection.sendall(b"221 2.0.0 bye\r\n")
                    return
                else:
                    connection.sendall(b"250 2.0.0 ok\r\n")
        except OSError:
            # A sender that goes without a word has nothing to be told.
            return


def _take(connection: socket.socket) -> None:
    """The data, up to its end. Nothing was read ahead: who sends DATA waits for the 354."""
    last = b""
    while not last.endswith(_END):
        received = connection.recv(1 << 18)
        if not received:
            raise ConnectionResetError("the sender went in the middle of the data")
        last = (last + received)[-len(_END) :]

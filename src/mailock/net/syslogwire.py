"""Where syslog messages go: over UDP a datagram each (RFC 5426), over TCP and TLS counted (RFC 6587, RFC 5425).

It blocks, and is used by a thread that may. A stream is kept open between messages, and looked at before each: what is
sent to a server that has already hung up would be lost without a word.
"""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from mailock.core.notices.syslog import counted

SECONDS: Final = 10.0
LARGEST_DATAGRAM: Final = 65_000
PORTS: Final = {"udp": 514, "tcp": 601, "tls": 6514}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """A server that takes messages. `protocol`: udp, tcp or tls."""

    protocol: str
    host: str
    port: int

    def __str__(self) -> str:
        """As settings write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}://{host}:{self.port}"


def collector(address: str) -> Collector:
    """From `tls://logs.example.com:6514`, as the settings checked it."""
    parts = urlsplit(address)
    return Collector(protocol=parts.scheme, host=parts.hostname or "", port=parts.port or PORTS[parts.scheme])


class TooLarge(ValueError):
    """A message does not fit into a datagram, and never will; the text is a sentence."""


class SyslogWire:
    """The way to one collector. Used by one thread at a time; made without touching the network."""

    def __init__(self, to: Collector, *, authorities: Path | None = None, seconds: float = SECONDS) -> None:
        """`authorities`: a PEM file that a TLS server has to be known by; without it, whom the machine trusts."""
        self.to = to
        self._authorities = authorities
        self._seconds = seconds
        self._socket: socket.socket | None = None

    def send(self, message: bytes) -> None:
        """Sends one message. Raises OSError with a sentence, and then the next call begins anew; or TooLarge."""
        if self.to.protocol == "udp" and len(message) > LARGEST_DATAGRAM:
            raise TooLarge(f"{self.to}: a message of {len(message)} octets does not fit into a datagram")
        try:
            connected = self._connected()
            connected.sendall(message if self.to.protocol == "udp" else counted(message))
        except OSError as fault:
            self.close()
            raise OSError(f"{self.to}: {_why(fault)}") from fault

    def close(self) -> None:
        """Hangs up."""
        connected, self._socket = self._socket, None
        if connected is not None:
            connected.close()

    def _connected(self) -> socket.socket:
        if self._socket is not None and self.to.protocol != "udp" and _hung_up(self._socket):
            self.close()
        if self._socket is None:
            self._socket = self._datagrams() if self.to.protocol == "udp" else self._stream()
        return self._socket

    def _datagrams(self) -> socket.socket:
        family, kind, number, _, address = socket.getaddrinfo(self.to.host, self.to.port, type=socket.SOCK_DGRAM)[0]
        made = socket.socket(family, kind, number)
        with contextlib.ExitStack() as undo:
            undo.callback(made.close)
            # A connected socket hears that nobody listens there, at the next message.
            made.connect(address)
            undo.pop_all()
        return made

    def _stream(self) -> socket.socket:
        plain = socket.create_connection((self.to.host, self.to.port), timeout=self._seconds)
        if self.to.protocol == "tcp":
            return plain
        try:
            context = ssl.create_default_context(cafile=str(self._authorities) if self._authorities else None)
            return context.wrap_socket(plain, server_hostname=self.to.host)
        except BaseException:
            plain.close()
            raise


def _hung_up(stream: socket.socket) -> bool:
    """Whether the other side has ended: a collector says nothing else."""
    stream.settimeout(0)
    try:
        return stream.recv(1) == b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    finally:
        stream.settimeout(SECONDS)


def _why(fault: OSError) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"its certificate is not good ({fault.verify_message})"
    if isinstance(fault, TimeoutError):
        return "it does not answer in time"
    return fault.strerror or str(fault)

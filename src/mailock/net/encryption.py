"""TLS as a machine without a socket: encrypted bytes in, plain bytes out, and the reverse.

The link owns the socket and feeds this; so TLS begins exactly at the byte where the link starts to feed it, and what a
peer sent in the clear can never be taken for something that came encrypted (CVE-2011-0411). The event loop's own TLS is
not used for a second reason: here an idle connection costs what OpenSSL wants, and no buffers beside that.
"""

import ssl
from typing import Final, cast

from mailock.core.mail.origin import Tls

RECORD: Final = 16_384
"""The largest plain text of one TLS record (RFC 8446 section 5.1)."""
BITE: Final = RECORD // 2
"""How many bytes of the peer are fed at a time: OpenSSL's memory buffers never shrink, so this is kept for good."""

_PLAIN: Final = bytearray(8 * RECORD)
_PLAIN_VIEW: Final = memoryview(_PLAIN)
# One buffer for all connections: it is filled and copied out within one call on the event loop.


class Channel:
    """One TLS connection, in the role and with the settings of its context. Raises ssl.SSLError where the peer errs."""

    __slots__ = ("_in", "_object", "_out", "ended", "host", "server_side")

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        host: str | None = None,
    ) -> None:
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._in, self._out, server_side, host)
        self.ended = False
        """Whether the peer said that nothing more will come (close_notify)."""
        self.host = host
        self.server_side = server_side

    def feed(self, untrusted_record: bytes | memoryview) -> None:
        """Takes bytes from the peer, at most BITE of them; `handshake` or `decrypt` has to follow each time."""
        self._in.write(untrusted_record)

    def handshake(self) -> bool:
        """Goes on with the handshake as far as the bytes that came allow; whether it is done."""
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def decrypt(self) -> tuple[bytes, bool]:
        """What can be read now, and whether there may be more: 128 KiB are given at a time."""
        filled = 0
        read, size = self._object.read, len(_PLAIN)
        try:
            while filled < size:
                # With a buffer given, `read` returns a count, which its annotation does not tell.
                count: int = read(size - filled, _PLAIN_VIEW[filled:])  # type: ignore[assignment]
                if count == 0:
                    self.ended = True
                    break
                filled += count
                if not self._in.pending and not self._object.pending():
                    break
        except ssl.SSLWantReadError:
            pass  # what is missing of the next record comes with the next bytes
        return bytes(_PLAIN_VIEW[:filled]), filled == size

    def encrypt(self, record: bytes | memoryview) -> bytes:
        """The bytes to send for this plain text, RECORD at most."""
        self._object.write(record)
        return self._out.read()

    def outgoing(self) -> bytes:
        """Bytes that the protocol itself wants sent: handshake, alerts, tickets; often none."""
        return self._out.read() if self._out.pending else b""

    def farewell(self) -> bytes:
        """The bytes that say we send nothing more (close_notify)."""
        try:
            self._object.unwrap()
        except ssl.SSLError:
            pass  # we do not wait for the peer's own farewell; an unfinished handshake has none
        return self._out.read()

    def facts(self) -> Tls:
        """What was negotiated; after the handshake."""
        cipher = self._object.cipher()
        return Tls(
            version=self._object.version() or "",
            cipher=cipher[0] if cipher else "",
            client_name=self._client_name() if self.server_side else None,
        )

    def peer_certificate(self) -> bytes | None:
        """The peer's certificate (DER), verified or not; None where it has none. DANE will compare it (RFC 7672)."""
        return self._object.getpeercert(binary_form=True)

    def _client_name(self) -> str | None:
        # The dictionary is filled only for a certificate that was verified.
        certificate = self._object.getpeercert()
        if not certificate:
            return None
        subject = cast(tuple[tuple[tuple[str, str], ...], ...], certificate.get("subject", ()))
        return ", ".join(f"{key}={value}" for names in subject for key, value in names) or None

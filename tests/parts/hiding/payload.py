"""What is hidden, and the pieces that the messages are made of.

The payload is the industry's test file for scanners: harmless, and put together here so that no scanner of a
developer's disk finds it.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

PAYLOAD: Final = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"
NAME: Final = "evil-invoice.exe"
FILE_NAME: Final = NAME.encode()
EOL: Final = b"\r\n"


@dataclass(frozen=True, slots=True)
class Packed:
    """The payload in one encoding."""

    encoding: str
    declared: bytes
    """What stands behind Content-Transfer-Encoding."""
    body: bytes


def packed() -> tuple[Packed, ...]:
    """The payload in each encoding."""
    return (
        Packed("base64", b"base64", base64.b64encode(PAYLOAD)),
        Packed("quoted-printable", b"quoted-printable", b"".join(b"=%02X" % octet for octet in PAYLOAD)),
        Packed("uuencode", b"x-uuencode", _uuencoded(PAYLOAD)),
        Packed("7bit", b"7bit", PAYLOAD),
    )


def _uuencoded(content: bytes) -> bytes:
    lines = [binascii.b2a_uu(content[place : place + 45]) for place in range(0, len(content), 45)]
    return b"begin 644 " + FILE_NAME + b"\n" + b"".join(lines) + b"`\nend"


def fields(*lines: bytes) -> bytes:
    """Header lines, and the empty line behind them."""
    return b"".join(line + EOL for line in lines) + EOL


def top(content_type: bytes, *more: bytes) -> bytes:
    """The header block of a message."""
    return fields(
        b"From: a@example.org", b"To: b@example.org", b"Subject: hello", b"MIME-Version: 1.0", *more, content_type
    )


def typed(value: bytes = b"application/octet-stream") -> bytes:
    """A Content-Type line with the name."""
    return b"Content-Type: " + value + b'; name="' + FILE_NAME + b'"'


def disposed() -> bytes:
    """A Content-Disposition line with the name."""
    return b'Content-Disposition: attachment; filename="' + FILE_NAME + b'"'


def attachment(pack: Packed) -> bytes:
    """The entity that is to be hidden, well-formed."""
    return fields(typed(), b"Content-Transfer-Encoding: " + pack.declared, disposed()) + pack.body + EOL


TEXT: Final = fields(b"Content-Type: text/plain") + b"Hello.\r\n"
MIXED: Final = b'Content-Type: multipart/mixed; boundary="foo"'

Trick = Callable[[Packed], bytes | None]
"""Makes the message; None where the trick makes no sense for an encoding."""


def mixed(*parts: bytes, boundary: bytes = b"foo", close: bool = True) -> bytes:
    """The body of a multipart."""
    body = b"".join(b"--" + boundary + EOL + part for part in parts)
    return body + (b"--" + boundary + b"--" + EOL if close else b"")

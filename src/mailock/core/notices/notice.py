"""Notices to people: a subject and a text, with the fields that keep machines from answering (RFC 3834).

A file may be enclosed: a report, which somebody ordered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType
from mailock.core.mime.compose import ascii_line, base64_part, field, part
from mailock.core.notices.compose import Letterhead, Written, date


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A file that goes with a notice. `name` and `media` are ours: ASCII, without quotes."""

    name: str
    media: str
    content: bytes


def write_notice(
    letterhead: Letterhead, *, to: Sequence[Address], subject: str, text: str, enclosed: Enclosed | None = None
) -> Written:
    """A notice to some people, each of whom sees the others. Sent from the null path, so nothing bounces back.

    Whatever stands in subject and text, it stays there. Raises ValueError where there is nobody to write to.
    """
    if not to:
        raise ValueError("a notice needs somebody to go to")
    utf8 = not all(address.is_ascii for address in (*to, letterhead.from_))
    written = part("text/plain; charset=utf-8", text.encode("utf-8", "replace"))
    content = b"".join(
        (
            field("Date", date(letterhead.at)),
            field("From", f"Mail gateway <{letterhead.from_}>", utf8=utf8),
            field("To", ", ".join(f"<{address}>" for address in to), utf8=utf8),
            field("Subject", subject, utf8=utf8),
            field("Message-ID", f"<{letterhead.message_id}>"),
            field("Auto-Submitted", "auto-generated"),
            field("MIME-Version", "1.0"),
            written if enclosed is None else _mixed(letterhead.boundary, written, enclosed),
        )
    )
    body_type = BodyType.SEVEN_BIT if content.isascii() else BodyType.EIGHT_BIT
    return Written(content=content, body_type=body_type, smtputf8=utf8)


def _mixed(boundary: str, written: bytes, enclosed: Enclosed) -> bytes:
    """The text and the file. Base64 has no hyphens, so only the text could hold the boundary."""
    boundary = ascii_line(boundary)
    while f"--{boundary}".encode() in written:
        boundary += "x"
    name = ascii_line(enclosed.name)
    file = field("Content-Disposition", f'attachment; filename="{name}"')
    file += base64_part(f'{ascii_line(enclosed.media)}; name="{name}"', enclosed.content)
    delimiter = f"--{boundary}\r\n".encode()
    top = field("Content-Type", f'multipart/mixed; boundary="{boundary}"') + b"\r\n"
    return top + delimiter + written + delimiter + file + f"--{boundary}--\r\n".encode()

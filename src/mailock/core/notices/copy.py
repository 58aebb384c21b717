"""A copy for those who watch: what was found and decided in words, and the message itself attached, as it came.

It is outgoing mail of ours, from the null path, so nothing that comes of it comes back. The attached message keeps all
of its octets but its Bcc fields; where it cannot travel as a message (lines that are too long, bare line ends, NUL) it
is attached as a file, and where it is too large only its header is.
"""

from collections.abc import Sequence

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType
from mailock.core.mail.message import Message, show_id
from mailock.core.mime.compose import ascii_line, base64_part, crlf, field, part
from mailock.core.mime.headers import header_block
from mailock.core.notices.compose import Letterhead, Written, date
from mailock.core.notices.returned import is_utf8, whole_message, without_blind


def write_copy(
    message: Message,
    letterhead: Letterhead,
    *,
    to: Sequence[Address],
    subject: str,
    text: str,
    original: bytes,
    whole: bool,
) -> Written:
    """A copy to some people, each of whom sees the others. `original`: the message, or (not `whole`) its beginning.

    Raises ValueError where there is nobody to write to.
    """
    if not to:
        raise ValueError("a copy needs somebody to go to")
    utf8 = not all(address.is_ascii for address in (*to, letterhead.from_))
    parts = [part("text/plain; charset=utf-8", text.encode("utf-8", "replace")), _original(message, original, whole)]
    boundary = ascii_line(letterhead.boundary)
    while any(f"--{boundary}".encode() in content for content in parts):
        boundary += "x"
    top = [
        field("Date", date(letterhead.at)),
        field("From", f"Mail gateway <{letterhead.from_}>", utf8=utf8),
        field("To", ", ".join(f"<{address}>" for address in to), utf8=utf8),
        field("Subject", subject),
        field("Message-ID", f"<{letterhead.message_id}>"),
        field("Auto-Submitted", "auto-generated"),
        field("X-Mailock-Queue-Id", show_id(message.queue_id)),
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/mixed; boundary="{boundary}"'),
        b"\r\n",
    ]
    delimiter = f"--{boundary}\r\n".encode()
    content = b"".join(top) + b"\r\n".join(delimiter + each for each in parts) + f"\r\n--{boundary}--\r\n".encode()
    return Written(
        content=content,
        body_type=BodyType.SEVEN_BIT if content.isascii() else BodyType.EIGHT_BIT,
        smtputf8=utf8,
    )


def _original(message: Message, original: bytes, whole: bool) -> bytes:
    if not whole:
        header = crlf(without_blind(header_block(original)))
        kind = "message/global-headers" if not header.isascii() and is_utf8(header) else "text/rfc822-headers"
        return part(kind, header)
    attached = field("Content-Disposition", 'attachment; filename="original.eml"')
    as_message = whole_message(original, message, smtputf8=False)
    if as_message is not None:
        return attached + as_message
    return attached + base64_part('application/octet-stream; name="original.eml"', without_blind(original))

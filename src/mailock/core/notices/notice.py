"""Notices to people: a subject and a text, with the fields that keep machines from answering (RFC 3834)."""

from collections.abc import Sequence

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType
from mailock.core.mime.compose import field, part
from mailock.core.notices.compose import Letterhead, Written, date


def write_notice(letterhead: Letterhead, *, to: Sequence[Address], subject: str, text: str) -> Written:
    """A notice to some people, each of whom sees the others. Sent from the null path, so nothing bounces back.

    Whatever stands in subject and text, it stays there. Raises ValueError where there is nobody to write to.
    """
    if not to:
        raise ValueError("a notice needs somebody to go to")
    utf8 = not all(address.is_ascii for address in (*to, letterhead.from_))
    content = b"".join(
        (
            field("Date", date(letterhead.at)),
            field("From", f"Mail gateway <{letterhead.from_}>", utf8=utf8),
            field("To", ", ".join(f"<{address}>" for address in to), utf8=utf8),
            field("Subject", subject, utf8=utf8),
            field("Message-ID", f"<{letterhead.message_id}>"),
            field("Auto-Submitted", "auto-generated"),
            field("MIME-Version", "1.0"),
            part("text/plain; charset=utf-8", text.encode("utf-8", "replace")),
        )
    )
    body_type = BodyType.SEVEN_BIT if content.isascii() else BodyType.EIGHT_BIT
    return Written(content=content, body_type=body_type, smtputf8=utf8)

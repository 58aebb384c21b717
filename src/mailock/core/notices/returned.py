"""A message as a part of one of ours: whole where that can be, and never with who was to stay unseen (DECISIONS 14)."""

from typing import Final

from mailock.core.mail.message import Message
from mailock.core.mime.compose import base64_part, is_short, part_as_is
from mailock.core.mime.headers import fields

_BLIND: Final = frozenset((b"bcc", b"resent-bcc"))


def whole_message(content: bytes, message: Message, *, smtputf8: bool) -> bytes | None:
    """The whole message as a part, or None where it cannot be one."""
    clean = without_blind(content)
    if not is_short(clean):
        return None
    if message.envelope.smtputf8 and not clean.isascii() and is_utf8(clean):
        make = part_as_is if smtputf8 else base64_part
        return make("message/global", clean)
    return part_as_is("message/rfc822", clean)


def without_blind(content: bytes) -> bytes:
    """Content without Bcc fields in its header block."""
    header_end = content.find(b"\r\n\r\n") + 2
    block, rest = (content[:header_end], content[header_end:]) if header_end > 1 else (content, b"")
    kept = [found.raw for found in fields(block) if found.name.strip().lower() not in _BLIND]
    return b"".join(kept) + rest


def is_utf8(content: bytes) -> bool:
    """Whether octets are UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

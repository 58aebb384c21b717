"""The service extensions: what our EHLO offers, and what theirs does (RFC 5321 section 4.1.1.1).

`offer` renders the list that our server gives; `Extensions.read` takes the list that a next hop gave. What we do not
know is kept by name only, for the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.smtp.reply import Reply


class Extension(Enum):
    """Those that our server can be told to leave out."""

    PIPELINING = "PIPELINING"
    """RFC 2920."""
    SIZE = "SIZE"
    """RFC 1870."""
    EIGHT_BIT = "8BITMIME"
    """RFC 6152."""
    SMTPUTF8 = "SMTPUTF8"
    """RFC 6531."""
    CHUNKING = "CHUNKING"
    """RFC 3030, without BINARYMIME."""
    DSN = "DSN"
    """RFC 3461."""
    ENHANCED = "ENHANCEDSTATUSCODES"
    """RFC 2034."""


ALL: Final = frozenset(Extension)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """What a next hop offers. `size` is its limit in octets: None where SIZE is not offered, 0 where it names no
    limit.
    """

    pipelining: bool = False
    size: int | None = None
    eight_bit: bool = False
    smtputf8: bool = False
    chunking: bool = False
    dsn: bool = False
    enhanced: bool = False
    starttls: bool = False
    auth: tuple[str, ...] = ()
    keywords: frozenset[str] = frozenset()
    """Every keyword that was offered, upper-case, known to us or not."""

    @classmethod
    def read(cls, reply: Reply) -> "Extensions":
        """The offer in a reply to EHLO or LHLO; its first line is the greeting. Malformed lines offer nothing."""
        offered: dict[str, tuple[str, ...]] = {}
        for line in reply.lines[1:]:
            words = line.upper().replace("AUTH=", "AUTH ").split()
            if words and words[0].isascii():
                offered.setdefault(words[0], tuple(words[1:]))
        return cls(
            pipelining="PIPELINING" in offered,
            size=_size(offered["SIZE"]) if "SIZE" in offered else None,
            eight_bit="8BITMIME" in offered,
            smtputf8="SMTPUTF8" in offered,
            chunking="CHUNKING" in offered,
            dsn="DSN" in offered,
            enhanced="ENHANCEDSTATUSCODES" in offered,
            starttls="STARTTLS" in offered,
            auth=offered.get("AUTH", ()),
            keywords=frozenset(offered),
        )


NONE: Final = Extensions()
"""What a server offers that knows HELO only."""


def offer(hostname: str, lines: Iterable[str]) -> bytes:
    """The reply to EHLO, rendered: our name, then a line for each extension."""
    return Reply.of(250, "", hostname, *lines).wire


def _size(words: tuple[str, ...]) -> int:
    text = words[0] if words else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0

"""Replies: three digits, an enhanced status code, and short text (RFC 5321 section 4.2, RFC 2034, RFC 3463).

Both codes carry one severity in their first digit, and it stands here once: an enhanced code of another class than
the three digits cannot be built. `softened` moves both together. What a foreign server sends may contradict itself;
there the three digits hold (RFC 5321 section 4.2.1) and an enhanced code of another class is left in the text.
"""

import re
from dataclasses import field, replace
from enum import Enum
from typing import Final

from mailock.core.mail.value import value

LINE_OCTETS: Final = 512
"""The longest reply line that we write, with its CRLF (RFC 5321 section 4.5.3.1.5)."""

_ENHANCED: Final = re.compile(r"[245](?:\.[0-9]{1,3}){2}")
_PRINTABLE: Final = {**dict.fromkeys(range(0x20), "?"), 0x7F: "?"}


class Outcome(Enum):
    """What a final reply means for one recipient."""

    SENT = "sent"
    """2yz: the other side took custody."""
    DEFERRED = "deferred"
    """4yz, or a reply that makes no sense here: try again."""
    FAILED = "failed"
    """5yz: never, as it stands."""


@value(frozen=True, slots=True)
class Reply:
    """One reply, ours or theirs. `enhanced` is empty where there is none (220, 221 greetings, EHLO, 334, 354)."""

    code: int
    enhanced: str
    lines: tuple[str, ...]
    _wire: bytes = field(default=b"", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError where the two codes disagree, or the code is none."""
        if not 200 <= self.code <= 599:
            raise ValueError(f"{self.code} is not a reply code")
        if self.enhanced and not (self.enhanced[0] == str(self.code)[0] and is_enhanced(self.enhanced)):
            raise ValueError(f"{self.code} and {self.enhanced} are of two severities")

    @classmethod
    def of(cls, code: int, enhanced: str, *lines: str) -> "Reply":
        """A reply from its parts: `Reply.of(550, "5.1.1", "No such mailbox")`."""
        return cls(code, enhanced, lines or ("",))

    @property
    def wire(self) -> bytes:
        """The reply as octets: ASCII only, control characters as `?`, no line over 512 octets."""
        if not self._wire:
            object.__setattr__(self, "_wire", _render(self))
        return self._wire

    @property
    def positive(self) -> bool:
        """Whether the command did, or may go on (2yz, 3yz)."""
        return self.code < 400

    @property
    def outcome(self) -> Outcome:
        """What it means as the last word on a recipient."""
        if self.code >= 500:
            return Outcome.FAILED
        return Outcome.SENT if self.code < 300 else Outcome.DEFERRED

    @property
    def text(self) -> str:
        """The lines as one, for people."""
        return " ".join(line for line in self.lines if line)

    def softened(self) -> "Reply":
        """The same refusal as a transient one: 550 5.7.1 becomes 450 4.7.1."""
        if self.code < 500:
            return self
        return replace(self, code=self.code - 100, enhanced="4" + self.enhanced[1:] if self.enhanced else "")

    def __str__(self) -> str:
        """`550 5.1.1 No such mailbox`."""
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


def is_enhanced(text: str) -> bool:
    """Whether the text is a status code: class, subject of one to three digits, detail alike (RFC 3463 section 2)."""
    return _ENHANCED.fullmatch(text) is not None


def _render(reply: Reply) -> bytes:
    status = f"{reply.enhanced} " if reply.enhanced else ""
    room = LINE_OCTETS - 2 - 4 - len(status)
    lines = [f"{reply.code}-{status}{_clean(line)[:room]}".rstrip(" ") for line in reply.lines]
    lines[-1] = f"{reply.code} {lines[-1][4:]}"
    return ("\r\n".join(lines) + "\r\n").encode("ascii", "replace")


def _clean(line: str) -> str:
    return line if line.isascii() and line.isprintable() else line.translate(_PRINTABLE)

"""Syslog messages (RFC 5424): one line that says how grave something is, who says it, and what.

Where several travel over one stream, each is preceded by the count of its octets (RFC 6587 section 3.4.1), so that no
text can end one and begin another.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

ENTERPRISE: Final = 32473
"""The number that IANA keeps for examples (RFC 5612); Mailock has none of its own."""
_MAIL: Final = 2
"""The facility "mail system" (RFC 5424 section 6.2.1)."""
_NIL: Final = "-"


class Severity(IntEnum):
    """RFC 5424 section 6.2.1, those that we use."""

    ALERT = 1
    WARNING = 4
    NOTICE = 5
    INFORMATIONAL = 6


def syslog_line(
    *,
    severity: Severity,
    at: float,
    node: str,
    kind: str,
    text: str,
    facts: Mapping[str, str] | None = None,
) -> bytes:
    """One message. `at`: Unix seconds; `kind`: its MSGID; `facts`: its structured data, by names without spaces.

    Whatever `text` and the values hold, it stays in its place: of control characters only tabs remain, and in `text`.
    """
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = f"<{_MAIL * 8 + severity}>1 {moment} {_name(node, 255)} mailock - {_name(kind, 32)}"
    # RFC 5424 section 6.4: a text in UTF-8 begins with the mark that says so.
    told = "\t".join(flat(part) for part in text.split("\t"))
    return f"{head} {_structured(facts or {})} \ufeff{told}".encode()


def counted(message: bytes) -> bytes:
    """A message as it travels over a stream: octet counting, RFC 6587 section 3.4.1."""
    return b"%d %s" % (len(message), message)


def flat(text: str) -> str:
    """A text in one line, without half characters or what steers a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _name(text: str, most: int) -> str:
    """A field of the head: printable ASCII without spaces (section 6)."""
    return "".join(c for c in text if "!" <= c <= "~")[:most] or _NIL


def _structured(facts: Mapping[str, str]) -> str:
    """Section 6.3: quotes, backslashes and closing brackets are escaped."""
    if not facts:
        return _NIL
    told = (f'{_name(name, 32)}="{_escaped(value)}"' for name, value in facts.items())
    return f"[mailock@{ENTERPRISE} {' '.join(told)}]"


def _escaped(value: str) -> str:
    return flat(value).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")

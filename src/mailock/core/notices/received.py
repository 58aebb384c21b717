"""The trace header that we put in front of a message (RFC 5321 section 4.4, RFC 3848, RFC 6531 section 3.7.3).

A client whose name could be one stands there with it. Any other name goes into a comment, made harmless, so that it can
neither end the field nor look like another part of it. The recipient is named only where there is exactly one, since
all of them get to see the field (DECISIONS 14: no Bcc is revealed).
"""

from typing import Final

from mailock.core.mail.address import Address
from mailock.core.mail.origin import Origin
from mailock.core.notices.compose import date

_HELO_LENGTH: Final = 255
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
_LITERAL: Final = frozenset("0123456789abcdefABCDEF:.")
_CONTROLS: Final = dict.fromkeys([*range(32), *range(127, 160)], "?")


def received(origin: Origin, *, by: str, shown_id: str, recipient: Address | None, at: float) -> bytes:
    """The Received field with its final CRLF. `by`: our name. `recipient`: the only one, or None. `at`: Unix time."""
    address = literal(origin.ip)
    helo = origin.untrusted_helo
    if not _could_be_a_name(helo):
        helo = f"{address} (HELO {_comment(helo)})" if helo else address
    tls = ""
    if origin.tls is not None:
        tls = f"\r\n\t(using {_comment(origin.tls.version)} with {_comment(origin.tls.cipher)})"
    whom = "" if recipient is None else f"\r\n\tfor <{str(recipient).translate(_CONTROLS)}>"
    way = f"from {helo} ({address}){tls}\r\n\tby {by} with {origin.protocol} id {shown_id}{whom}"
    text = f"Received: {way};\r\n\t{date(at)}\r\n"
    return text.encode("utf-8", "replace")


def literal(ip: str) -> str:
    """An address as a literal (RFC 5321 section 4.1.3)."""
    return f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"


def _could_be_a_name(helo: str) -> bool:
    """Whether HELO gave what the grammar allows: a domain, or an address literal."""
    if not 0 < len(helo) <= _HELO_LENGTH:
        return False
    if helo[0] == "[" and helo[-1] == "]":
        return _LITERAL.issuperset(helo[1:-1].removeprefix("IPv6:"))
    return _NAME.issuperset(helo)


def _comment(text: str) -> str:
    """Text that may stand inside a comment: printable ASCII, without what would end it."""
    return "".join(c if " " <= c <= "~" and c not in "()\\" else "?" for c in text[:_HELO_LENGTH])

"""Domains and address literals as RFC 5321 section 4.1.2 has them in a mailbox, brought to one spelling.

A domain comes out lower-case and as A-labels (RFC 5890). A label that is not ASCII is taken as a U-label by the core
rule of IDNA2008 (RFC 5892 section 2: letters, digits and marks that are stable under NFKC and case folding, and the
few exceptions), after NFC and lower-casing, and is then Punycode. The older mapping of the standard library's codec
(IDNA2003) is not used: it sends `straße` to another domain than its owner registered. What the rule does not admit is
refused, never mapped: a fullwidth `ｅ` or an ideographic full stop names no domain here. Joiners that nobody sees stand
only where a script needs them (RFC 5892 appendix A.1 and A.2; the joining types are simplified to Arabic letters). The
other contextual rules and those for right-to-left scripts are left to whoever registers names.

Generous where the world is: an underscore may stand in a label.
"""

import codecs
import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from mailock.core.mail.unseen import UNSEEN

DOMAIN_OCTETS: Final = 255
LABEL_OCTETS: Final = 63

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_CATEGORIES: Final = frozenset(("Ll", "Lo", "Lm", "Mn", "Mc", "Nd"))
_EXCEPTIONS: Final = frozenset("-\u00df\u03c2\u06fd\u06fe\u0f0b\u3007\u00b7\u0375\u05f3\u05f4\u30fb\u200c\u200d")
_JOINERS: Final = "\u200c\u200d"
_VIRAMA: Final = 9
_PUNYCODE: Final = codecs.lookup("punycode")
"""Looked up beforehand: a jail without a file system could not load it later."""
_REFUSED: Final = frozenset("\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b")


def read_domain(text: str) -> str | None:
    """The domain in its one spelling, or None where the text is none."""
    # An A-label is never shorter than its U-label, so what is too long now stays so.
    if len(text) > DOMAIN_OCTETS:
        return None
    if not text.isascii():
        labels = [_a_label(label) for label in unicodedata.normalize("NFC", text).lower().split(".")]
        text = ".".join(label or "" for label in labels)
    text = text.lower()
    return text if len(text) <= DOMAIN_OCTETS and _DOMAIN.fullmatch(text) else None


def is_shown_as_written(domain: str) -> bool:
    """Whether no A-label of a domain that was read is shown as another name has it: with letters that nobody sees, or
    with such as are read as others.
    """
    return all(_is_shown_as_written(label) for label in domain.split(".") if label.startswith("xn--"))


def read_literal(text: str) -> str | None:
    """An address literal in brackets, `[192.0.2.1]` or `[IPv6:2001:db8::1]`, in its canonical spelling; None if it is
    none.
    """
    inner = text[1:-1]
    if text[:1] != "[" or text[-1:] != "]" or len(text) > 64:
        return None
    try:
        if inner[:5].lower() == "ipv6:":
            return f"[IPv6:{IPv6Address(inner[5:])}]" if "%" not in inner else None
        return f"[{IPv4Address(inner)}]"
    except AddressValueError:
        return None


def _is_shown_as_written(label: str) -> bool:
    try:
        shown, _ = _PUNYCODE.decode(label[4:].encode("ascii"), "strict")
    except (UnicodeError, ValueError):
        return False
    seen = unicodedata.normalize("NFKC", shown).lower()
    hides = any(ord(one) in UNSEEN for one in shown if one not in _JOINERS) or not _are_joined(shown)
    return not shown.isascii() and seen == shown and not hides


def _a_label(label: str) -> str | None:
    if label.isascii():
        return label
    if len(label) > LABEL_OCTETS or not all(map(_is_valid, label)):
        return None
    if "-" in (label[0], label[-1]) or label[2:4] == "--":
        return None
    if unicodedata.category(label[0]).startswith("M"):
        return None
    if not _are_joined(label):
        return None
    return "xn--" + _PUNYCODE.encode(label, "strict")[0].decode("ascii")


def _are_joined(label: str) -> bool:
    """Whether all joiners stand behind a virama, or, the one that parts, between Arabic letters."""
    for at, character in enumerate(label):
        if character not in _JOINERS or (at and unicodedata.combining(label[at - 1]) == _VIRAMA):
            continue
        around = {unicodedata.bidirectional(one) for one in (label[at - 1 : at], label[at + 1 : at + 2]) if one}
        if character != "\u200c" or around != {"AL"} or at in (0, len(label) - 1):
            return False
    return True


def _is_valid(character: str) -> bool:
    if character in _EXCEPTIONS:
        return True
    if character in _REFUSED or ord(character) in UNSEEN or unicodedata.category(character) not in _CATEGORIES:
        return False
    folded = unicodedata.normalize("NFKC", character).casefold()
    return unicodedata.normalize("NFKC", folded) == character

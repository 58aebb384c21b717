"""What came from outside, made fit to be shown: on a terminal, in a file, on a page.

Header fields are kept as they stood and are decoded (RFC 2047) only here, for reading. Nothing here raises, whatever
it is given: a message with a broken subject is looked up more often than one without.
"""

import binascii
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

_HARMLESS: Final = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F), "\N{REPLACEMENT CHARACTER}"
) | dict.fromkeys(
    (*range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF, *range(0xD800, 0xE000)), "\N{REPLACEMENT CHARACTER}"
)
"""Controls, line and paragraph separators, marks that turn the direction of text, and surrogates that stand alone."""
_FOLDS: Final = {ord("\r"): None, ord("\n"): None, ord("\t"): " "}


def cleaned(untrusted_text: str) -> str:
    """One line without anything that a terminal would obey; each such character is shown as a replacement mark."""
    if untrusted_text.isascii() and untrusted_text.isprintable():
        return untrusted_text
    return untrusted_text.translate(_FOLDS).translate(_HARMLESS)


def header(untrusted_value: str) -> str:
    """A header field's value, its encoded words decoded (RFC 2047), cleaned. What cannot be decoded stays as it is."""
    if "=?" not in untrusted_value:
        return cleaned(untrusted_value)
    try:
        pieces = decode_header(untrusted_value.translate(_FOLDS))
    except (HeaderParseError, ValueError, binascii.Error):
        return cleaned(untrusted_value)
    return cleaned("".join(_piece(content, charset) for content, charset in pieces)) or cleaned(untrusted_value)


def _piece(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return content
    try:
        return content.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        # An unknown character set, or one that is none: octets are shown as what most of them are.
        return content.decode("latin-1")

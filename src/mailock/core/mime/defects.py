"""The defects of a message: the ways in which its structure contradicts itself, lies, or cannot be read one way only.

A defect is a fact, not a judgement: ordinary broken newsletters have some, and policy decides what each is worth. Only
two groups matter to custody: `CUT_OFF` says that something was *not* looked at, and `AMBIGUOUS` says that there are
more readings than the budget lets us follow. Neither may ever pass in silence.
"""

from enum import StrEnum
from typing import Final


class Defect(StrEnum):
    """One way in which a part, or what is told of it, is wrong. The value is the word that people and rules see."""

    AMBIGUOUS = "ambiguous"
    """More readings than the budget allows: what clients show cannot be listed."""
    TOO_DEEP = "too-deep"
    """Parts within parts beyond the budget's depth; what lies below was not taken apart."""
    TOO_MANY_PARTS = "too-many-parts"
    """More parts than the budget's count; the others were not looked at."""
    TOO_LARGE = "too-large"
    """Decoding would have taken more octets than the budget has; it was not decoded."""
    HEADER_TOO_LONG = "header-too-long"
    """A header block longer than is looked at."""

    NO_BLANK_LINE = "no-blank-line"
    """A header block that no empty line ends."""
    BROKEN_HEADER_LINE = "broken-header-line"
    """A line between header fields that is no field; some clients take it for the body's first."""
    BLANK_LOOKING_LINE = "blank-looking-line"
    """A line of blanks among the fields; some clients end the header there, others go on."""
    BARE_CR = "bare-cr"
    """A CR without LF among the fields; some clients take it for a line end."""
    NUL_IN_HEADER = "nul-in-header"
    """A NUL among the fields; some clients end the value there."""
    MIXED_LINE_ENDS = "mixed-line-ends"
    """Lines that end with LF beside lines that end with CRLF."""
    STRAY_CONTINUATION = "stray-continuation"
    """A line that continues a field where there is none."""
    ODD_FIELD_NAME = "odd-field-name"
    """A MIME field whose name holds blanks, controls or letters beyond ASCII."""

    DUPLICATE_CONTENT_TYPE = "duplicate-content-type"
    """Content-Type more than once, with different values."""
    DUPLICATE_ENCODING = "duplicate-encoding"
    """Content-Transfer-Encoding more than once, with different values."""
    DUPLICATE_DISPOSITION = "duplicate-disposition"
    """Content-Disposition more than once, with different values."""
    DUPLICATE_BOUNDARY = "duplicate-boundary"
    """More than one value that may be read as the boundary."""
    BROKEN_CONTENT_TYPE = "broken-content-type"
    """A Content-Type that is not type/subtype and parameters."""
    BROKEN_PARAMETERS = "broken-parameters"
    """Parameters that clients split differently: quotes, comments, missing semicolons."""
    ENCODED_PARAMETERS = "encoded-parameters"
    """A MIME field or parameter written as encoded words (RFC 2047), which is forbidden there."""
    CONTRADICTING_NAMES = "contradicting-names"
    """File names that differ by more than their spelling."""
    UNKNOWN_ENCODING = "unknown-encoding"
    """A Content-Transfer-Encoding that names no encoding, or more than one."""
    ENCODED_MULTIPART = "encoded-multipart"
    """base64 or quoted-printable around a multipart or a message, which RFC 2045 section 6.4 forbids."""
    UNKNOWN_CHARSET = "unknown-charset"
    """A character set that we cannot decode."""

    NO_BOUNDARY = "no-boundary"
    """A multipart that names no boundary."""
    BOUNDARY_NOT_FOUND = "boundary-not-found"
    """A multipart whose boundary does not stand in its body."""
    NOT_CLOSED = "not-closed"
    """A multipart without its closing delimiter: cut off, or made to look so."""
    PARTS_AFTER_CLOSE = "parts-after-close"
    """Delimiters behind the closing one."""
    ODD_DELIMITER = "odd-delimiter"
    """Delimiter lines that not every client takes for one: more text, blanks or a bare CR beside the boundary."""
    STRAY_PART = "stray-part"
    """Header fields of MIME where a body should be: what may be a part to another client."""
    MULTIPART_BY_BOUNDARY = "multipart-by-boundary"
    """A type that is no multipart, with a boundary that stands in the body."""
    CONTRADICTING_READINGS = "contradicting-readings"
    """A body that clients decode to different contents."""

    BROKEN_BASE64 = "broken-base64"
    """Characters that do not belong there, padding inside, or a missing end."""
    BROKEN_QUOTED_PRINTABLE = "broken-quoted-printable"
    """An equals sign that escapes nothing."""
    BROKEN_UUENCODE = "broken-uuencode"
    """Lines that do not fit their length, or no end."""
    BROKEN_YENC = "broken-yenc"
    """A size that does not fit, or no end."""
    BROKEN_BINHEX = "broken-binhex"
    """A BinHex file that ends early."""
    BROKEN_TNEF = "broken-tnef"
    """A TNEF stream that ends early or whose lengths lie."""

    PARTIAL = "partial-message"
    """message/partial: a piece of a message that a client puts together behind our back (RFC 2046 section 5.2.2)."""
    EXTERNAL_BODY = "external-body"
    """message/external-body: the content lies elsewhere (RFC 2046 section 5.2.3)."""


CUT_OFF: Final = frozenset(
    {Defect.AMBIGUOUS, Defect.TOO_DEEP, Defect.TOO_MANY_PARTS, Defect.TOO_LARGE, Defect.HEADER_TOO_LONG}
)
"""Defects that say that something was left unseen."""

"""Files in the properties of calendars and cards (RFC 5545 section 3.8.1.1, RFC 2426, RFC 6350), which clients show.

Both are lines of `NAME;PARAMETER=…:value`, folded as a header is. A file stands in base64 where a parameter says so, or
in a `data:` URI.
"""

from typing import Final

from mailock.core.mime.base64text import lenient
from mailock.core.mime.uuencode import MOST_FILES, File

_BEGINNINGS: Final = (b"BEGIN:VCALENDAR", b"BEGIN:VCARD")
_ENCODINGS: Final = (b"ENCODING=BASE64", b"ENCODING=B", b"BASE64")
_NAMES: Final = (b"FILENAME=", b"X-FILENAME=", b"X-APPLE-FILENAME=", b"X-ORACLE-FILENAME=", b"LABEL=", b"X-LABEL=")


def files(text: bytes) -> list[File]:
    """The files in a text, in order; none where it is neither a calendar nor cards."""
    start = text[:400].upper()
    if not any(beginning in start for beginning in _BEGINNINGS):
        return []
    unfolded = text.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"")
    found: list[File] = []
    for line in unfolded.split(b"\n"):
        head, colon, value = line.partition(b":")
        parameters = head.split(b";")[1:]
        is_file = any(each.strip().upper() in _ENCODINGS for each in parameters)
        if value[:5].lower() == b"data:":
            kind, _, value = value.partition(b",")
            is_file = b";base64" in kind.lower()
        if not colon or not is_file:
            continue
        content = lenient(value)
        if content and len(found) < MOST_FILES:
            found.append(File(0, len(text), _name(parameters), content, whole=True))
    return found


def _name(parameters: list[bytes]) -> bytes:
    for each in parameters:
        for key in _NAMES:
            if each.strip().upper().startswith(key):
                return each.strip()[len(key) :].strip(b'" ')
    return b""

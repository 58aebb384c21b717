"""Content that stands in text as text: data: URIs, base64, hexadecimal, numbers, percent signs; and its beginnings.

Scripts build files out of such strings (HTML smuggling), documents carry them in their macros. Everything here is
linear, takes no more than it is allowed, and never raises.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4}){10,}[A-Za-z0-9+/]{0,3}={0,2}")
_JOINED: Final = re.compile(r"(?<=[A-Za-z0-9+/])[\"'`]\s{0,200}(?:\+|&|&\s*_|,|\\)\s{0,200}[\"'`](?=[A-Za-z0-9+/=])")
_HEX: Final = re.compile(r"(?<![0-9A-Za-z+/])(?:[0-9a-fA-F]{2}){40,}(?![0-9A-Za-z+/=])")
_ESCAPED: Final = re.compile(r"(?:\\x[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2}|%[0-9a-fA-F]{2}){30,}")
_NUMBERS: Final = re.compile(r"\d{1,3}(?:\s{0,8},\s{0,8}\d{1,3}){39,}")
_HEX_NUMBERS: Final = re.compile(r"0x[0-9a-fA-F]{1,2}(?:\s{0,8},\s{0,8}0x[0-9a-fA-F]{1,2}){39,}")
_BEGINNINGS: Final = (
    (b"MZ", "a Windows program"),
    (b"PK\x03\x04", "a zip archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE file"),
    (b"\x7fELF", "a Linux program"),
    (b"%PDF-", "a PDF"),
    (b"MSCF", "a cabinet"),
    (b"{\\rt", "an RTF document"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "a OneNote file"),
    (b"ITSF", "a compiled help file"),
)
_DISK_IMAGE: Final = b"CD001"
_SMALLEST: Final = 30
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Payload:
    """A content that stood in text."""

    content: bytes
    how: str
    what: str
    """What it begins like, in words: `a zip archive`; empty where it is none of these."""


def kind(content: bytes) -> str:
    """What files of a dangerous kind begin like, in words; empty where it is none."""
    for beginning, what in _BEGINNINGS:
        if content.startswith(beginning) and (
            beginning != b"MZ" or b"PE\0\0" in content[:4096] or b"DOS" in content[:512]
        ):
            return what
    return "a disk image" if content[0x8001:0x8006] == _DISK_IMAGE else ""


def payloads(text: str, octets: int) -> Iterator[Payload]:
    """The contents in a script or a macro, of at most so many octets together."""
    left = octets
    seen: set[int] = set()
    for number, (content, how) in enumerate(_decoded(_JOINED.sub("", text))):
        if number >= _MOST or left <= 0:
            return
        if len(content) < _SMALLEST or len(content) > left or hash(content) in seen:
            continue
        seen.add(hash(content))
        left -= len(content)
        yield Payload(content, how, kind(content))


def data_uri(untrusted: str, octets: int) -> Payload | None:
    """The content of a data: URI (RFC 2397); None where it is none, or larger than allowed."""
    head, comma, body = untrusted.partition(",")
    if not comma or head[:5].lower() != "data:" or len(body) > octets * 4 + 64:
        return None
    raw = unquote_to_bytes(body)
    content = unbase64(raw) if "base64" in head.lower().replace(" ", "") else raw
    return Payload(content, "data: URI", kind(content)) if content and len(content) <= octets else None


def unbase64(raw: bytes) -> bytes:
    """Base64 as browsers read it: blanks are nothing, padding may be missing; empty where it is none."""
    packed = b"".join(raw.split()).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    packed = packed[: len(packed) - 1] if len(packed) % 4 == 1 else packed
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return b""


def _decoded(text: str) -> Iterator[tuple[bytes, str]]:
    for match in _BASE64.finditer(text):
        string = match[0]
        if _is_hex(string):
            continue
        content = unbase64(string.encode("ascii"))
        turned = unbase64(string[::-1].encode("ascii")) if string.startswith("=") or not kind(content) else b""
        yield (turned, "reversed base64") if kind(turned) else (content, "base64")
    for match in _HEX.finditer(text):
        yield bytes.fromhex(match[0]), "hexadecimal"
    for match in _ESCAPED.finditer(text):
        plain = match[0].replace("\\x", "%").replace("\\u00", "%")
        yield unquote_to_bytes(plain), "escapes"
    for pattern, radix in ((_NUMBERS, 10), (_HEX_NUMBERS, 16)):
        for match in pattern.finditer(text):
            numbers = [int(number, radix) for number in match[0].split(",")]
            if max(numbers) < 256:
                yield bytes(numbers), "numbers"


def _is_hex(string: str) -> bool:
    return len(string) % 2 == 0 and not string.strip("0123456789abcdefABCDEF")

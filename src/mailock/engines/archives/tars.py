"""Tar in all its dialects (POSIX.1-2017 pax and ustar, GNU), read so that unpackers which differ are all seen.

A header may state one size, and the pax records before it another; which one counts decides what the next header is.
Both are followed. Blocks that are no header are stepped over, as patient unpackers do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives.names import leads_out
from mailock.engines.archives.opening import Broken, Opening, quoted

_BLOCK: Final = 512
_FILES: Final = frozenset(b"0\x007SV")
_LONGEST_NAME: Final = 1 << 16
_LONGEST_RECORDS: Final = 1 << 20


@dataclass(slots=True)
class _Told:
    """What the entries before a header say about it."""

    name: str = ""
    size: int | None = None
    everywhere: dict[str, str] = field(default_factory=dict)


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file of a tar."""
    content = opening.specimen.content
    seen: set[int] = set()
    names: dict[str, int] = {}
    pending = [0]
    found = False
    while pending:
        # Where two sizes are told there are two next headers.
        at = pending.pop()
        told = _Told()
        while 0 <= at <= len(content) - _BLOCK and at not in seen:
            seen.add(at)
            header = content[at : at + _BLOCK]
            if not _is_header(header):
                at += _BLOCK
                continue
            found = True
            own = _number(header[124:136])
            yield from _entry(opening, at, header, told, names)
            following = at + _BLOCK + _padded(told.size if told.size is not None and _is_file(header) else own)
            if _is_file(header) and told.size is not None and _padded(told.size) != _padded(own):
                what = f"a file has two sizes, {own:,} and {told.size:,}"
                yield from opening.finding("archive.contradiction", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
                pending.append(at + _BLOCK + _padded(own))
            if header[156] not in b"xgXLK":
                told = _Told(everywhere=told.everywhere)
            at = following
    if not found:
        raise Broken("it holds no header of a tar")


def _entry(opening: Opening, at: int, header: bytes, told: _Told, names: dict[str, int]) -> Iterator[Child | Finding]:
    content = opening.specimen.content
    kind = header[156]
    size = _number(header[124:136])
    data = content[at + _BLOCK : at + _BLOCK + min(size, _LONGEST_RECORDS)]
    if kind in b"xX":
        _read_records(data, told)
    elif kind == ord("L"):
        told.name = data[:_LONGEST_NAME].rstrip(b"\0").decode("utf-8", "replace")
    if not _is_file(header):
        if kind in b"12":
            yield from _about_link(opening, header)
        return
    name = told.name or _name(header)
    if kind in b"\x000" and name.endswith("/") and not size:
        return
    if leads_out(name):
        what = f"the name {quoted(name)} leads out of the folder"
        yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
    if names.setdefault(name, at) != at:
        what = f"two files are named {quoted(name)}"
        yield from opening.finding("archive.duplicate", Severity.SUSPICIOUS, Confidence.LOW, what)
    for length in dict.fromkeys((size, size if told.size is None else told.size)):
        file = content[at + _BLOCK : at + _BLOCK + min(length, opening.room + 1)]
        if len(file) < length and at + _BLOCK + length > len(content):
            opening.miss(Why.UNREADABLE, f"{quoted(name)} is cut off")
        yield from opening.child(file, name, "tar")


def _about_link(opening: Opening, header: bytes) -> Iterator[Finding]:
    target = header[157:257].partition(b"\0")[0].decode("utf-8", "replace")
    if leads_out(target):
        what = f"a link in it leads to {quoted(target)}"
        yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.LOW, what)


def _is_file(header: bytes) -> bool:
    return header[156] in _FILES


def _is_header(header: bytes) -> bool:
    if not any(header[:100]) and header[257:262] != b"ustar":
        return False
    stated = header[148:156].strip(b" \0")
    try:
        total = int(stated, 8)
    except ValueError:
        return False
    own = header[148:156]
    plain = sum(header) - sum(own) + 256
    # Some old programs added signed octets.
    signed = plain - 256 * sum(octet > 127 for octet in header[:148] + header[156:])
    return total in (plain, signed)


def _number(octets: bytes) -> int:
    """A size in octal, or in base 256 (GNU)."""
    if octets[0] & 0x80:
        return int.from_bytes(bytes((octets[0] & 0x7F,)) + octets[1:], "big")
    try:
        return int(octets.strip(b" \0").split(b"\0")[0] or b"0", 8)
    except ValueError:
        return 0


def _padded(size: int) -> int:
    return (size + _BLOCK - 1) // _BLOCK * _BLOCK


def _name(header: bytes) -> str:
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _read_records(data: bytes, told: _Told) -> None:
    """Pax records: length, blank, key, equals sign, value, newline."""
    at = 0
    while at < len(data):
        digits = data[at : at + 20].partition(b" ")[0]
        if not digits.isdigit() or not int(digits):
            return
        length = int(digits)
        key, _, value = data[at + len(digits) + 1 : at + length - 1].partition(b"=")
        if key == b"path":
            told.name = value[:_LONGEST_NAME].decode("utf-8", "replace")
        elif key == b"size" and value.isdigit() and len(value) < 20:
            told.size = int(value)
        at += length

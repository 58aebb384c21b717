"""Zip, and everything that is made of it: every content that any unpacker may show, and where the archive lies.

What unpackers disagree about is unpacked in each way: both descriptions of a file where they differ, every directory of
several, files that no directory lists, streams that are longer than they are said to be, files that are said to be
locked and are not. A document (OOXML, ODF) gives what is embedded in it; its own XML is for the engine of documents.
"""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives import system, ziplocks
from mailock.engines.archives.names import leads_out
from mailock.engines.archives.opening import Opening, quoted
from mailock.engines.archives.zipmap import LATER_SIZES, STRONG, UNICODE, Map, Member, Record, drawn, fields_of
from mailock.engines.archives.zipmethods import Unpacked, Unreadable, unpack

_AES: Final = 99
_AES_FIELD, _UNICODE_NAME = 0x9901, 0x7075
_LONG_LOCKED: Final = 1 << 19
_SMALLEST_GAP: Final = 16
_MOST_LONGER: Final = 64
"""Streams that are read beyond their stated end, of one archive."""
_HEAD: Final = 512
_FILES: Final = (b"\xd0\xcf\x11\xe0", b"PK", b"MZ", b"%PDF", b"{\\rt", b"<", b"\x7fELF", b"Rar!", b"7z", b"L\0\0\0")
"""What a file of its own begins with, that somebody hid under the name of a document's part."""
_SIGNING_BLOCK: Final = b"APK Sig Block 42"
Seen = Iterator[Child | Finding]


def opened(opening: Opening, *, document: bool = False) -> Seen:
    """Everything in a zip; of a document only what is embedded."""
    content = opening.specimen.content
    found = drawn(content, opening.files_left + 1)
    if found.too_many:
        sizes = sum(record.size for member in found.members for record in list(member.records)[:1])
        opening.too_many(max(found.records, len(found.members)), empty=sizes < 16 * len(found.members))
    yield from _structure(opening, found)
    unpacking = _Unpacking(opening, document=document)
    for member in found.members:
        yield from unpacking.member(member)
    if not document:
        yield from _gaps(opening, found, unpacking.covered)


def _structure(opening: Opening, found: Map) -> Seen:
    """Findings that need no unpacking."""
    if found.archives > 1:
        what = f"{found.archives} archives stand one behind the other"
        yield from opening.finding("archive.concatenated", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
    if found.two_starts or found.miscounted:
        what = "its directory is not where, or not as long as, its end record says"
        yield from opening.finding("archive.contradiction", Severity.SUSPICIOUS, Confidence.LOW, what)
    ranges = sorted(
        (member.start, member.start + next(iter(member.records)).packed) for member in found.members if member.records
    )
    reach = 0
    for start, end in ranges:
        if start < reach and end > start:
            opening.suspected = True
        reach = max(reach, end)
    if opening.suspected:
        what = "files in it share their octets"
        yield from opening.finding("archive.overlap", Severity.SUSPICIOUS, Confidence.HIGH, what)


class _Unpacking:
    """Unpacks member by member, and remembers names and the ranges that belong to something."""

    def __init__(self, opening: Opening, *, document: bool) -> None:
        self._opening = opening
        self._document = document
        self._view = memoryview(opening.specimen.content)
        self._names: dict[str, int] = {}
        self._longer = 0
        self._unfit = False
        self.covered: list[tuple[int, int]] = []

    def member(self, member: Member) -> Seen:
        """Its contents, under each of its names."""
        views = _views(member)
        names = _names_of(member)
        yield from self._about_names(member, names)
        yield from self._about_contradictions(member, views)
        if all(name.endswith("/") for name in names) and not any(view.packed or view.size for view in views):
            self.covered.append((member.header, member.start))
            return
        contents: list[tuple[bytes, bool]] = []
        self._unfit = False
        for view in views:
            for content, encrypted in self._contents(member, view):
                if all(content != other for other, _ in contents):
                    contents.append((content, encrypted))
        if len(contents) > 1:
            what = f"{quoted(names[0])} unpacks to {len(contents)} different contents"
            yield from self._opening.finding("archive.contradiction", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
        elif self._unfit:
            what = f"{quoted(names[0])} does not fit its checksum"
            yield from self._opening.finding("archive.broken", Severity.NOTE, Confidence.HIGH, what)
        for content, encrypted in contents:
            for name in names:
                if not content and name.endswith("/"):
                    continue
                yield from self._opening.child(content, name, "zip", encrypted=encrypted)

    def _about_names(self, member: Member, names: list[str]) -> Seen:
        opening = self._opening
        for name in names:
            if leads_out(name):
                what = f"the name {quoted(name)} leads out of the folder"
                yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
            known = self._names.setdefault(name.casefold(), member.header)
            if known != member.header and not name.endswith("/"):
                what = f"two files are named {quoted(name)}"
                yield from opening.finding("archive.duplicate", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
        if member.archive < 0:
            what = f"no directory lists {quoted(names[0])}"
            yield from opening.finding("archive.hidden", Severity.SUSPICIOUS, Confidence.MEDIUM, what)

    def _about_contradictions(self, member: Member, views: list[Record]) -> Seen:
        told = [record for record in (*member.records, member.local) if record is not None]
        if member.local is None:
            what = f"there is no header before {quoted(_name(told[0]))}"
        elif len({_plain(_name(record)) for record in told}) > 1:
            what = f"{quoted(_name(told[0]))} is named {quoted(_name(told[-1]))} elsewhere in it"
        elif len({record.method for record in told}) > 1:
            what = f"{quoted(_name(told[0]))} is packed by two methods, it says"
        elif len({record.encrypted for record in told}) > 1:
            what = f"{quoted(_name(told[0]))} is locked and not locked, it says"
        else:
            return
        yield from self._opening.finding("archive.contradiction", Severity.SUSPICIOUS, Confidence.MEDIUM, what)

    def _contents(self, member: Member, view: Record) -> Iterator[tuple[bytes, bool]]:
        """What one description makes of the data: at best one content, at worst none and a miss."""
        data = self._data(member, view)
        if self._document and not view.encrypted and self._belongs_to_document(view, data):
            self.covered.append((member.header, member.start + view.packed))
            return
        if view.encrypted or view.method == _AES:
            yield from self._locked(member, view, data)
            return
        try:
            unpacked = self._unpacked(view.method, data, view.size)
        except Unreadable as error:
            yield from self._otherwise(member, view, data, str(error))
            return
        self.covered.append((member.header, member.start + max(unpacked.used, 0)))
        yield unpacked.content, False
        yield from self._further(member, view, data, unpacked)

    def _data(self, member: Member, view: Record) -> memoryview:
        end = member.start + view.packed if view.packed >= 0 else len(self._view)
        data = self._view[member.start : end]
        if len(data) < view.packed:
            self._opening.miss(Why.UNREADABLE, f"{quoted(_name(view))} is cut off")
        return data

    def _unpacked(self, method: int, data: memoryview, size: int) -> Unpacked:
        unpacked = unpack(method, data, self._opening.room, size)
        self._opening.fit(unpacked.content)
        return unpacked

    def _further(
        self, member: Member, view: Record, data: memoryview, unpacked: Unpacked
    ) -> Iterator[tuple[bytes, bool]]:
        """Other contents of the same data, where the description does not fit it."""
        fits = zlib.crc32(unpacked.content) == view.crc
        if fits and unpacked.whole:
            return
        self._unfit = not fits
        if not fits and view.method == 0 and view.packed != view.size:
            # "Stored", but of two sizes: some unpackers inflate it.
            yield from self._if_whole(8, data)
        if not unpacked.whole and view.method == 8:
            if self._longer < _MOST_LONGER:
                self._longer += 1
                yield from self._if_whole(8, self._view[member.start :])
            self._opening.miss(Why.UNREADABLE, f"{quoted(_name(view))} is damaged or cut off")

    def _if_whole(self, method: int, data: memoryview) -> Iterator[tuple[bytes, bool]]:
        try:
            unpacked = self._unpacked(method, data, -1)
        except Unreadable:
            return
        if unpacked.whole and unpacked.content:
            yield unpacked.content, False

    def _otherwise(self, member: Member, view: Record, data: memoryview, why: str) -> Iterator[tuple[bytes, bool]]:
        """The method is unknown or a lie. What another method makes of it counts where the checksum agrees."""
        self.covered.append((member.header, member.start + max(0, view.packed)))
        for method in (0, 8):
            if method == view.method:
                continue
            try:
                unpacked = self._unpacked(method, data, view.size)
            except Unreadable:
                continue
            if (zlib.crc32(unpacked.content) == view.crc and view.crc) or (
                method == 8 and unpacked.whole and unpacked.content
            ):
                yield unpacked.content, False
                return
        yield bytes(data), False
        self._opening.miss(Why.UNREADABLE, f"{quoted(_name(view))} cannot be unpacked: {why}")

    def _locked(self, member: Member, view: Record, data: memoryview) -> Iterator[tuple[bytes, bool]]:
        self.covered.append((member.header, member.start + max(0, view.packed)))
        if view.method != _AES:
            # Said to be locked; unpackers that do not believe it just unpack.
            try:
                unpacked = self._unpacked(view.method, data, view.size)
            except Unreadable:
                unpacked = Unpacked(b"", 0, whole=False)
            if unpacked.content and zlib.crc32(unpacked.content) == view.crc:
                yield unpacked.content, False
                return
        content = None if view.flags & STRONG else self._unlocked(view, data)
        if content is None:
            self._opening.locked(_name(view))
        else:
            yield content, True

    def _unlocked(self, view: Record, data: memoryview) -> bytes | None:
        for word in self._opening.passwords():
            for password in ziplocks.spellings(word):
                content = self._aes(view, data, password) if view.method == _AES else self._old(view, data, password)
                if content is not None:
                    self._opening.opened_with.add(word)
                    return content
        return None

    def _old(self, view: Record, data: memoryview, password: bytes) -> bytes | None:
        keys = ziplocks.old_keys(password)
        checks = frozenset((view.crc >> 24, view.time >> 8))
        if not ziplocks.old_fits(data, keys, checks):
            return None
        if len(data) > _LONG_LOCKED and system.there():
            told = (view.flags, view.method, view.time, view.crc, view.size)
            one = system.only_file(ziplocks.alone(data, told), password, self._opening.room)
            if one is not None and zlib.crc32(self._opening.fit(one)) == view.crc:
                return one
            return None
        try:
            unpacked = self._unpacked(view.method, memoryview(ziplocks.old_decrypted(data, keys))[12:], view.size)
        except Unreadable:
            return None
        return unpacked.content if zlib.crc32(unpacked.content) == view.crc else None

    def _aes(self, view: Record, data: memoryview, password: bytes) -> bytes | None:
        told = next((field for identity, field in fields_of(view.extra) if identity == _AES_FIELD), b"")
        if len(told) < 7:
            return None
        plain = ziplocks.aes_decrypted(data, password, told[4])
        if plain is None:
            return None
        try:
            return self._unpacked(int.from_bytes(told[5:7], "little"), memoryview(plain), view.size).content
        except Unreadable:
            return None

    def _belongs_to_document(self, view: Record, data: memoryview) -> bool:
        """Whether it is the document's own XML, or its macros, which the engine of documents reads."""
        name = _name(view).lower()
        try:
            head = unpack(view.method, data, _HEAD, view.size).content
        except Unreadable:
            return False
        if name.endswith("vbaproject.bin"):
            return head.startswith(b"\xd0\xcf\x11\xe0")
        if name.endswith(".bin") and "embeddings/" not in name and "activex" not in name:
            # The parts of a binary workbook, and settings of printers.
            return not head.startswith(_FILES)
        if name == "mimetype":
            return head.startswith(b"application/") and len(head) < 100
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
        wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        markup = name.endswith((".xml", ".rels", ".vml", ".rdf")) and (wide or start.startswith(b"<") or not start)
        return markup and b"<html" not in start.lower() and b"<script" not in start.lower()


def _views(member: Member) -> list[Record]:
    """The descriptions that lead to different readings of the data."""
    views: dict[tuple[int, int, bool], Record] = {}
    for record in member.records:
        views.setdefault((record.method, record.packed, record.encrypted), record)
    local = member.local
    if local is not None:
        central = next(iter(member.records), None)
        if local.flags & LATER_SIZES and not local.packed:
            # Sizes stand behind the data; where a directory tells them they are taken from there.
            packed, size, crc = (central.packed, central.size, central.crc) if central else (-1, -1, 0)
            local = replace(local, crc=crc, packed=packed, size=size)
        views.setdefault((local.method, local.packed, local.encrypted), local)
    return list(views.values())


def _names_of(member: Member) -> list[str]:
    """The names under which unpackers show a file."""
    names: dict[str, str] = {}
    for record in (*member.records, member.local):
        if record is not None:
            names.setdefault(_plain(_name(record)), _name(record))
            for identity, data in fields_of(record.extra):
                if identity == _UNICODE_NAME and len(data) > 5:
                    other = data[5:].decode("utf-8", "replace")
                    names.setdefault(_plain(other), other)
    return list(names.values())


def _name(record: Record) -> str:
    try:
        return record.name.decode("utf-8")
    except UnicodeDecodeError:
        return record.name.decode("cp437" if not record.flags & UNICODE else "latin-1", "replace")


def _plain(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")


def _gaps(opening: Opening, found: Map, covered: list[tuple[int, int]]) -> Seen:
    """Octets that belong to nothing, as files of their own. What stands before a zip that something else holds is
    looked at as that.
    """
    content = opening.specimen.content
    starts = min((member.header for member in found.members), default=len(content))
    reach = starts if opening.specimen.type.name not in ("zip", "jar", "opc") else 0
    for start, end in sorted([*covered, *found.covered, (len(content), len(content))]):
        gap = content[reach:start] if start > reach else b""
        gap = _without_descriptor(gap) if reach else gap
        if (
            len(gap) >= _SMALLEST_GAP
            and gap.strip(gap[:1])
            and gap.strip(b"\r\n \0")
            and not gap.endswith(_SIGNING_BLOCK)
        ):
            what = f"{len(gap):,} octets at offset {reach:,} belong to no file"
            yield from opening.finding("archive.gap", Severity.SUSPICIOUS, Confidence.LOW, what)
            yield from opening.child(gap, "", "zip")
        reach = max(reach, end)


def _without_descriptor(gap: bytes) -> bytes:
    """A gap without the checksum and sizes that may follow a file's data (APPNOTE.TXT 4.3.9), and without fill."""
    if gap.startswith(b"PK\x07\x08"):
        gap = gap[24:] if len(gap) in (24,) or (gap[12:16] == b"\0\0\0\0" and len(gap) >= 24) else gap[16:]
    elif len(gap) in (12, 20):
        return b""
    return gap

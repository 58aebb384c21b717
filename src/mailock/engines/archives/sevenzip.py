"""7z, with a password where it needs one.

libarchive comes first, since it is fast and gives file by file. What it does not read (locked files and headers, rarer
filters) 7-Zip's own library does, and where that is not installed, or does not know a method (Zstandard), py7zr: it
pushes what it unpacks into writers of ours, which stop it at the limit; the files come out only when all are unpacked,
so the limit is also what is in memory.
"""

import io
from collections.abc import Iterator
from typing import Final

import py7zr
from py7zr.compressor import ISevenZipDecompressor, algorithm_class_map
from py7zr.io import Py7zIO, WriterFactory

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives import system, zstd
from mailock.engines.archives.names import leads_out
from mailock.engines.archives.once import Once
from mailock.engines.archives.opening import Broken, Cut, Opening, each, quoted
from mailock.engines.archives.seven import reading, theirs

_AES: Final = b"\x06\xf1\x07\x01"
_MOST_TURNS: Final = 21
"""7-Zip writes 19."""


class _Zstandard(ISevenZipDecompressor):
    """Zstandard within the limit that it is given; the library's own unpacks without one."""

    def __init__(self, properties: bytes, blocksize: int) -> None:
        del properties, blocksize  # they name the version that packed it, and a hint
        self._decoder = zstd.decoder()

    def decompress(self, data: bytes | bytearray | memoryview, max_length: int = -1) -> bytes:
        """What the octets unpack to, at most so many; the rest comes with the next call."""
        if self._decoder.eof:
            data = self._decoder.unused_data + bytes(data)
            self._decoder = zstd.decoder()
        return self._decoder.decompress(data, max_length) if data or not self._decoder.needs_input else b""


# The library's decoder of PPMd dies of damaged streams, and that of Brotli unpacks without a limit: to the library they
# are unknown from here on, by its own convention. What libarchive could read of PPMd it has read before.
for _method, _decoder in ((py7zr.FILTER_PPMD, None), (py7zr.FILTER_BROTLI, None), (py7zr.FILTER_ZSTD, _Zstandard)):
    algorithm_class_map[_method] = (algorithm_class_map[_method][0], _decoder)


class _Full(Exception):
    """More came out than there is room for."""


class _Sheet(Py7zIO):
    """Takes one file, up to the limit that all share."""

    def __init__(self, tray: "_Tray", name: str) -> None:
        self.tray = tray
        self.name = name
        self.pieces: list[bytes] = []
        self.length = 0

    def write(self, s: bytes | bytearray) -> int:
        """Takes a piece."""
        self.tray.got += len(s)
        if self.tray.got > self.tray.limit:
            raise _Full
        self.pieces.append(bytes(s))
        self.length += len(s)
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        """Gives all back; the library reads nothing."""
        del size
        return b"".join(self.pieces)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Nothing is sought."""
        del whence
        return offset

    def flush(self) -> None:
        """Nothing waits."""

    def size(self) -> int:
        """Octets taken."""
        return self.length


class _Tray(WriterFactory):
    """Gives out sheets."""

    def __init__(self, limit: int, most: int) -> None:
        self.limit = limit
        self.most = most
        self.got = 0
        self.sheets: list[_Sheet] = []

    def create(self, filename: str) -> Py7zIO:
        """A sheet for one file."""
        if len(self.sheets) >= self.most:
            raise _Full
        sheet = _Sheet(self, filename)
        self.sheets.append(sheet)
        return sheet


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file of a 7z, wherever in the content it begins."""
    yield from each(opening, "7z", _one)


def _one(opening: Opening, content: bytes) -> Iterator[Child | Finding]:
    once = Once()
    if system.there():
        misses = len(opening.misses)
        yield from once.fresh(system.entries(opening, "7zip", "none", "7z", content))
        if len(opening.misses) == misses:
            return
        # The other reader has its own word on it.
        del opening.misses[misses:]
    if theirs.there():
        misses = len(opening.misses)
        yield from once.fresh(_by_the_library(opening, content))
        if len(opening.misses) == misses:
            return
        del opening.misses[misses:]
    tray, encrypted = _unpacked(opening, content)
    for sheet in tray.sheets:
        name = sheet.name
        file = sheet.read()
        sheet.pieces.clear()
        if not once.first(name, file):
            continue
        if leads_out(name):
            what = f"the name {quoted(name)} leads out of the folder"
            yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
        yield from opening.child(file, name, "7z", encrypted=encrypted)


def _by_the_library(opening: Opening, content: bytes) -> Iterator[Child | Finding]:
    locked = len(opening.locked_names)
    try:
        yield from reading.opened(opening, kind="7z", content=content)
    except Broken as broken:
        opening.miss(Why.UNREADABLE, str(broken))
    # What is locked the last reader says, which looks at it anew.
    del opening.locked_names[locked:]


def _unpacked(opening: Opening, content: bytes) -> tuple[_Tray, bool]:
    """What came out, and whether a password was needed. Raises Broken."""
    try:
        with py7zr.SevenZipFile(io.BytesIO(content)) as archive:
            needs = archive.needs_password()
            turns = _turns(archive)
        if not needs:
            return _extracted(opening, content, None), False
    except py7zr.exceptions.PasswordRequired:
        at = content.find(_AES)
        turns = content[at + 5] & 0x3F if 0 <= at < len(content) - 5 else 0
    except Cut:
        raise
    except Exception as error:  # the library, and the decoders behind it, raise whatever a broken header leads to
        raise Broken(f"the 7z is damaged: {_told(error)}") from error
    if turns > _MOST_TURNS:
        opening.miss(Why.TOO_COSTLY, f"each try of a password takes two to the power of {turns} turns")
        return _Tray(0, 0), False
    for word in opening.passwords():
        try:
            tray = _extracted(opening, content, word)
        except Cut:
            raise
        except Exception:
            # A wrong password shows as damage of any kind.
            continue
        opening.opened_with.add(word)
        return tray, True
    for name in _names(content) or ["its list of files"]:
        opening.locked(name)
    return _Tray(0, 0), False


def _turns(archive: py7zr.SevenZipFile) -> int:
    """Turns of the hash for one password, as a power of two."""
    streams = archive.header.main_streams
    coders = [coder for folder in streams.unpackinfo.folders for coder in folder.coders] if streams else []
    told = [coder["properties"][0] & 0x3F for coder in coders if coder["method"] == _AES[:4] and coder["properties"]]
    return max(told, default=0)


def _extracted(opening: Opening, content: bytes, password: str | None) -> _Tray:
    tray = _Tray(opening.room, opening.files_left)
    with py7zr.SevenZipFile(io.BytesIO(content), password=password) as archive:
        files = len(archive.files)
        if files > opening.files_left:
            opening.too_many(files, empty=False)
        try:
            archive.extractall(factory=tray)
        except _Full:
            opening.overflow(tray.got)
    return tray


def _names(content: bytes) -> list[str]:
    try:
        with py7zr.SevenZipFile(io.BytesIO(content)) as archive:
            return [str(name) for name in archive.getnames()[:1000]]
    except Exception:  # the names are for a sentence only
        return []


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__

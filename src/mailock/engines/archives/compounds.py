"""Compound files: attachments and bodies of an Outlook message, streams of an installer, embedded objects of a
document; and documents behind a password.

Sources: [MS-CFB], [MS-OXMSG], [MS-OLEDS], [MS-OFFCRYPTO].
"""

import io
from collections.abc import Iterator
from typing import Final

import msoffcrypto
import olefile

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives import packages
from mailock.engines.archives.opening import Broken, Opening

_FAULTS: Final = Exception
"""The libraries raise whatever a broken structure leads to, struct.error too. Nothing of ours is called where this is
caught.
"""
_DEFAULT_PASSWORDS: Final = ("VelvetSweatshop", "/01Hannes Ruescher/01")
"""With these Excel and PowerPoint open a document without asking: it looks locked and is open to everybody."""
_ATTACHED, _BODY_TEXT, _BODY_HTML = "37010102", "1000", "1013"
_NAMES: Final = ("3707", "3704", "3001")
_MOST_STREAMS: Final = 20_000
_MOST_TURNS: Final = 1_000_000
"""Turns of the hash for one password; programs write 100,000, the format allows ten millions."""
_LOCKABLE: Final = frozenset({"doc", "xls", "ppt", "encrypted-office"})


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """What is embedded in a compound file, or what it is behind its password."""
    kind = opening.specimen.type.name
    try:
        file = olefile.OleFileIO(io.BytesIO(opening.specimen.content), raise_defects=olefile.DEFECT_FATAL)
        paths = file.listdir(streams=True, storages=False)
    except _FAULTS as error:
        raise Broken(f"the compound file is damaged: {error}") from error
    honest = _bounded(opening, file)
    if honest and kind in _LOCKABLE and (unlocked := _unlocked(opening)) is not None:
        yield from _behind_password(opening, unlocked)
        if kind == "encrypted-office":
            return
    if len(paths) > _MOST_STREAMS:
        opening.too_many(len(paths))
    if kind == "msg":
        yield from _message(opening, file, paths)
    elif kind == "msi":
        yield from _installer(opening, file, paths)
    else:
        yield from _embedded(opening, file, paths)


def _bounded(opening: Opening, file: olefile.OleFileIO) -> bool:
    """Lets no stream be longer than the file that it is in: the library would fill up gigabytes with one sector.
    Whether all were honest.
    """
    most = len(opening.specimen.content)
    long = [entry for entry in file.direntries if entry is not None and entry.size > most]
    for entry in long:
        entry.size = most
    if long:
        opening.miss(Why.UNREADABLE, "a stream in the compound file is said to be longer than the file")
    return not long


def _unlocked(opening: Opening) -> "list[tuple[bytes, str]] | None":
    """The document without its password, with the word that opened it; an empty list where none did; None where it has
    none.
    """
    try:
        document = msoffcrypto.OfficeFile(io.BytesIO(opening.specimen.content))
        if not document.is_encrypted():
            return None
        turns = int((getattr(document, "info", None) or {}).get("spinValue", 0))
    except _FAULTS:
        return None
    if turns > _MOST_TURNS:
        opening.miss(Why.TOO_COSTLY, f"each try of a password takes {turns:,} turns")
        return []
    words = [*_DEFAULT_PASSWORDS, *opening.specimen.whole.words]
    for word in words:
        if not opening.may_try():
            break
        plain = _decrypted(opening, word)
        if len(plain) > opening.room:
            opening.overflow(len(plain))
        if plain:
            return [(plain, word)]
    return []


def _decrypted(opening: Opening, word: str) -> bytes:
    sheet = io.BytesIO()
    try:
        document = msoffcrypto.OfficeFile(io.BytesIO(opening.specimen.content))
        # The library's check of the password refuses right ones; that a zip comes out is the better check.
        document.load_key(password=word)
        document.decrypt(sheet)
    except _FAULTS:
        # A wrong password, or a document that no password opens.
        return b""
    return sheet.getvalue()


def _behind_password(opening: Opening, unlocked: list[tuple[bytes, str]]) -> Iterator[Child | Finding]:
    name = next(iter(opening.specimen.untrusted_names), "")
    if not unlocked:
        opening.locked(name)
        return
    for plain, word in unlocked:
        if word not in _DEFAULT_PASSWORDS:
            opening.opened_with.add(word)
        else:
            what = "the document is locked with the password that the program tries by itself"
            yield from opening.finding("archive.default-password", Severity.SUSPICIOUS, Confidence.LOW, what)
        yield from opening.child(plain, name, "office", encrypted=True)


def _stream(opening: Opening, file: olefile.OleFileIO, path: list[str]) -> bytes:
    """A stream, at most as long as the file that it is in. Empty where it is damaged, which is noted."""
    try:
        with file.openstream(path) as stream:
            octets: bytes = stream.read(len(opening.specimen.content))
            return octets
    except _FAULTS as error:
        opening.miss(Why.UNREADABLE, f"a stream of the compound file is damaged: {error}")
        return b""


def _message(opening: Opening, file: olefile.OleFileIO, paths: list[list[str]]) -> Iterator[Child | Finding]:
    """Attachments at any depth, and the bodies: a message within a message is a storage like any other."""
    for path in paths:
        last = path[-1].lower()
        if last.endswith(_ATTACHED):
            name = _property_text(opening, file, path[:-1], _NAMES)
            yield from opening.child(_stream(opening, file, path), name, "msg")
        elif last.startswith(f"__substg1.0_{_BODY_TEXT}00"):
            text = _text(_stream(opening, file, path), wide=last.endswith("1f"))
            yield from opening.child(text, "body.txt", "msg")
        elif last.startswith(f"__substg1.0_{_BODY_HTML}"):
            yield from opening.child(_stream(opening, file, path), "body.html", "msg")
        elif last == "contents" or last.endswith("ole10native"):
            yield from packages.unwrapped(opening, path[-1], _stream(opening, file, path))


def _text(octets: bytes, *, wide: bool) -> bytes:
    return octets.decode("utf-16-le", "replace").encode() if wide else octets


def _property_text(opening: Opening, file: olefile.OleFileIO, storage: list[str], tags: tuple[str, ...]) -> str:
    for tag in tags:
        for ending, charset in (("001F", "utf-16-le"), ("001E", "latin-1")):
            path = [*storage, f"__substg1.0_{tag}{ending}"]
            if file.exists(path):
                text = _stream(opening, file, path)[:1024].decode(charset, "replace").rstrip("\0")
                if text:
                    return text
    return ""


def _installer(opening: Opening, file: olefile.OleFileIO, paths: list[list[str]]) -> Iterator[Child | Finding]:
    """Files and programs in the installer's streams; its tables hold text only."""
    for path in paths:
        name = "/".join(_unmangled(part) for part in path)
        if not name.startswith("!"):
            octets = _stream(opening, file, path)
            if octets:
                yield from opening.child(octets, name, "msi")


def _unmangled(name: str) -> str:
    """Stream names of installers pack two letters into one; a table's name begins with a mark, given here as "!"."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
    found: list[str] = []
    for letter in name:
        code = ord(letter)
        if code == 0x4840:
            found.append("!")
        elif 0x3800 <= code < 0x4800:
            found.append(letters[(code - 0x3800) & 0x3F] + letters[(code - 0x3800) >> 6])
        elif 0x4800 <= code < 0x4840:
            found.append(letters[code - 0x4800])
        else:
            found.append(letter)
    return "".join(found)


def _embedded(opening: Opening, file: olefile.OleFileIO, paths: list[list[str]]) -> Iterator[Child | Finding]:
    """Objects in a document: packages, and streams that are a file of their own."""
    for path in paths:
        last = path[-1]
        if last.lower().endswith("ole10native") or last in ("CONTENTS", "Package", "EmbeddedOdf", "\x01Ole10ItemName"):
            yield from packages.unwrapped(opening, last, _stream(opening, file, path))
        elif last == "PowerPoint Document":
            yield from packages.presentation(opening, _stream(opening, file, path))

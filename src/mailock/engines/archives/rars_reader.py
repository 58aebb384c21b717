"""RAR of every age, with a password where it needs one.

Limits are given to each call: those given when an archive is opened do not hold for what is read from it.
"""

from collections.abc import Iterator
from typing import Any, Final

import rars

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives.names import leads_out
from mailock.engines.archives.opening import Broken, Opening, each, quoted

_DICTIONARY: Final = 256 << 20
_WORKSPACE: Final = 512 << 20
_FAULTS: Final = (rars.Error, ValueError, OSError, RuntimeError)


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file of a RAR, wherever in the content it begins."""
    yield from each(opening, "rar", _one)


def _one(opening: Opening, content: bytes) -> Iterator[Child | Finding]:
    try:
        archive, password = _archive(opening, content)
        infos = archive.infolist() if archive is not None else []
    except _FAULTS as error:
        # libarchive would read on where this one stops; but its reader of RAR dies of damaged archives.
        raise Broken(f"the RAR is damaged: {error}") from error
    if archive is None:
        opening.locked("the list of files")
        return
    if len(infos) > opening.files_left:
        opening.too_many(len(infos))
    yield from _about_names(opening, infos)
    files = [info for info in infos if not info.is_dir()]
    solid = any(info.is_solid for info in files)
    if solid and password is None and not any(info.is_encrypted for info in files):
        yield from _at_once(opening, archive, files)
        return
    for info in files:
        yield from _file(opening, archive, info, password)


def _archive(opening: Opening, content: bytes) -> "tuple[Any, str | None]":
    """The archive, and the password that its list needed; None for the archive where none was found."""
    try:
        return rars.RarFile.from_bytes(content, options=_options(opening)), None
    except rars.PasswordRequired:
        pass
    for word in opening.passwords():
        try:
            archive = rars.RarFile.from_bytes(content, word, options=_options(opening))
        except rars.BadPassword:
            continue
        opening.opened_with.add(word)
        return archive, word
    return None, None


def _options(opening: Opening) -> Any:
    return rars.ReadOptions(
        max_member_output_bytes=opening.room,
        max_total_output_bytes=opening.room,
        max_reader_workspace_bytes=_WORKSPACE,
        rar50_dictionary_size_limit=_DICTIONARY,
        max_header_count=opening.files_left * 2 + 1000,
    )


def _about_names(opening: Opening, infos: list[Any]) -> Iterator[Finding]:
    names: set[str] = set()
    for info in infos:
        name = str(info.filename)
        if leads_out(name):
            what = f"the name {quoted(name)} leads out of the folder"
            yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
        if name in names:
            what = f"two files are named {quoted(name)}"
            yield from opening.finding("archive.duplicate", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
        names.add(name)
    if any(info.is_split_before or info.is_split_after for info in infos):
        yield from opening.piece("a file in it goes on in another volume")


def _file(opening: Opening, archive: Any, info: Any, password: str | None) -> Iterator[Child | Finding]:
    name = str(info.filename)
    words: Iterator[str | None] = iter((password,)) if password or not info.is_encrypted else opening.passwords()
    for word in words:
        try:
            file = archive.read(info, pwd=word, options=_options(opening))
        except (rars.BadPassword, rars.PasswordRequired):
            continue
        except MemoryError:
            # The limit was met before it was unpacked; what it states is what it would cost.
            opening.overflow(max(opening.room + 1, min(int(info.file_size), 1 << 40)))
        except _FAULTS as error:
            opening.miss(Why.UNREADABLE, f"{quoted(name)} cannot be unpacked: {error}")
            return
        if word is not None:
            opening.opened_with.add(word)
        yield from opening.child(bytes(file), name, "rar", encrypted=bool(info.is_encrypted or password))
        return
    opening.locked(name)


def _at_once(opening: Opening, archive: Any, files: list[Any]) -> Iterator[Child | Finding]:
    """All files of a solid archive, which would be unpacked from the start for each of them."""
    try:
        contents = archive.read_many(files, options=_options(opening))
    except MemoryError:
        opening.overflow(opening.room + 1)
    except _FAULTS:
        for info in files:
            yield from _file(opening, archive, info, None)
        return
    for info, content in zip(files, contents, strict=False):
        yield from opening.child(bytes(content), str(info.filename), "rar")

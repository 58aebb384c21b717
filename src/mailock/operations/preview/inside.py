"""The half of a preview that opens the message: runs in the jail, once a message, and says what it sees in frames."""

from collections.abc import Callable, Iterator
from typing import Final

from mailock.core.mime.charsets import texts
from mailock.core.mime.headers import first
from mailock.core.mime.parse import parse
from mailock.core.mime.part import Anatomy, Part
from mailock.operations.preview.flowing import blocks
from mailock.operations.preview.pixels import pixels
from mailock.operations.preview.wire import (
    MOST_LETTERS,
    MOST_PASSAGES,
    MOST_PICTURES,
    MOST_PIECES,
    Pixels,
    Text,
    encode,
)
from mailock.ports.viewer import Block, BlockKind, Passage, Piece, Run

_MOST_NAME: Final = 300
_MOST_PAGE: Final = 4 << 20
"""Characters of HTML that are read."""
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_LARGEST_PICTURE: Final = 32 << 20


def preview(octets: bytes, emit: Callable[[bytes], None]) -> None:
    """Says what a message says: its text first, so that a picture on which the job dies costs pictures alone."""
    anatomy = parse(octets)
    passages, more = _passages(anatomy)
    pieces = tuple(_piece(part) for part in anatomy.parts[:MOST_PIECES])
    more = more or len(anatomy.parts) > MOST_PIECES
    emit(encode(Text(pieces=pieces, passages=passages, more=more)))
    shown = [part for part in anatomy.parts if _is_picture(part)]
    for part in shown[:MOST_PICTURES]:
        emit(encode(pixels(part.path, part.readings[0].content)))
    for part in shown[MOST_PICTURES:MOST_PIECES]:
        emit(encode(Pixels(part=part.path, unreadable=f"only {MOST_PICTURES} pictures are shown")))


def _passages(anatomy: Anatomy) -> tuple[tuple[Passage, ...], bool]:
    """What the parts say that are text, and whether some were left out."""
    pictures = dict(_content_ids(anatomy))
    found: list[Passage] = []
    letters, more = MOST_LETTERS, False
    for part in anatomy.parts:
        if not part.readings or not part.types or not part.types[0].startswith(("text/", "application/xhtml")):
            continue
        if len(found) >= MOST_PASSAGES or letters <= 0:
            more = True
            break
        text = texts(part.readings[0].content, part.charsets)[0]
        if part.types[0] in _HTML:
            said, spent, cut = blocks(text[:_MOST_PAGE], letters, pictures)
            cut = cut or len(text) > _MOST_PAGE
        else:
            said = (Block(kind=BlockKind.PLAIN, runs=(Run(text=text[:letters]),)),)
            spent, cut = min(len(text), letters), len(text) > letters
        letters -= spent
        differs = len(part.readings) > 1
        found.append(Passage(part=part.path, media=part.types[0], blocks=said, cut=cut, differs=differs))
    return tuple(found), more


def _content_ids(anatomy: Anatomy) -> Iterator[tuple[str, str]]:
    for part in anatomy.parts:
        name = first(anatomy.raw_header(part), b"content-id")
        if name is not None and _is_picture(part):
            yield name.decode("utf-8", "replace").strip().strip("<>"), part.path


def _is_picture(part: Part) -> bool:
    if not part.readings or not 0 < len(part.readings[0].content) <= _LARGEST_PICTURE:
        return False
    return any(media.startswith("image/") or media == "application/pdf" for media in part.types)


def _piece(part: Part) -> Piece:
    return Piece(
        part=part.path,
        media=part.types[0] if part.types else "",
        name=part.untrusted_names[0][:_MOST_NAME] if part.untrusted_names else "",
        size=len(part.readings[0].content) if part.readings else 0,
        other=part.alternate,
    )

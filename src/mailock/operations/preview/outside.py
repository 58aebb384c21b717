"""Our half of a preview: hears the job out, believes nothing, and makes PNG files of bare pixels.

Text is bounded again and freed of whatever could turn its direction; pixels are counted against what was announced.
No decoder of ours ever sees the picture that came with the mail.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import msgspec

from mailock.core.mail.shown import cleaned
from mailock.operations.preview import wire
from mailock.ports.jail import End, Ended
from mailock.ports.viewer import Block, BlockKind, CannotView, Passage, Picture, Piece, Preview, Run

SECONDS: Final = 20.0
"""For one message."""
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOUR: Final = 2
_LONGEST: Final = 300
"""Characters of a name, a type, or a reason."""
_MORE: Final = "There is more than is shown: its whole list of parts stands on the message's page."


def heard(ended: Ended) -> Preview:
    """The preview that a job told of. Raises CannotView where it told of none."""
    frames = ended.untrusted_frames
    if not frames:
        raise CannotView(f"the jail could not read it: {ended.detail or ended.end.value}")
    try:
        text = wire.decode_text(frames[0])
        told = [wire.decode_pixels(frame) for frame in frames[1 : wire.MOST_PIECES]]
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise CannotView(f"what came out of the jail is no preview: {fault}") from None
    notes = [_MORE] if text.more else []
    notes += [f"Part {_short(one.part)} is not shown: {_short(one.unreadable)}." for one in told if one.unreadable]
    if ended.end is not End.DONE:
        notes.append(f"Reading it was cut short: {cleaned(ended.detail or ended.end.value)}.")
    shown = [one for one in told if not one.unreadable][: wire.MOST_PICTURES]
    return Preview(
        pieces=tuple(_piece(one) for one in text.pieces[: wire.MOST_PIECES]),
        passages=tuple(_passages(text.passages[: wire.MOST_PASSAGES])),
        pictures=tuple(_picture(one) for one in shown),
        notes=tuple(notes),
    )


def png(width: int, height: int, rgb: bytes) -> bytes:
    """A PNG file of pixels, three octets each, row by row (W3C PNG, sections 5 and 11.2)."""
    row = width * 3
    raw = b"".join(b"\0" + rgb[start : start + row] for start in range(0, row * height, row))
    head = struct.pack(">IIBBBBB", width, height, 8, _TRUE_COLOUR, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(raw, level=3)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _picture(told: wire.Pixels) -> Picture:
    bounds = range(1, wire.LONGEST_SIDE + 1)
    if told.width not in bounds or told.height not in bounds or len(told.rgb) != told.width * told.height * 3:
        raise CannotView("what came out of the jail is no picture")
    content = png(told.width, told.height, told.rgb)
    return Picture(part=_short(told.part), width=told.width, height=told.height, png=content)


def _piece(told: Piece) -> Piece:
    return replace(told, part=_short(told.part), media=_short(told.media), name=_short(told.name))


def _passages(told: tuple[Passage, ...]) -> Iterator[Passage]:
    """The passages as far as all of them may go: blocks, and characters with those of links."""
    blocks, letters = wire.MOST_BLOCKS, 2 * wire.MOST_LETTERS
    for one in told:
        kept: list[Block] = []
        for block in one.blocks:
            blocks -= 1
            letters -= sum(1 + len(run.text) + len(run.leads) for run in block.runs)
            if blocks < 0 or letters < 0:
                break
            kept.append(_block(block))
        cut = one.cut or len(kept) < len(one.blocks)
        yield replace(one, part=_short(one.part), media=_short(one.media), blocks=tuple(kept), cut=cut)


def _block(told: Block) -> Block:
    several = told.kind is BlockKind.PLAIN
    runs = tuple(
        Run(text=_lines(run.text) if several else cleaned(run.text), strong=run.strong, leads=cleaned(run.leads))
        for run in told.runs
    )
    return replace(told, runs=runs, part=_short(told.part))


def _short(untrusted_text: str) -> str:
    return cleaned(untrusted_text[:_LONGEST])


def _lines(untrusted_text: str) -> str:
    return "\n".join(cleaned(line) for line in untrusted_text.replace("\r\n", "\n").split("\n"))

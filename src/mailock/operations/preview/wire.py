"""What a preview's job says: first one frame of text, then a frame for each picture. All of it is untrusted outside."""

from dataclasses import dataclass
from typing import Final

import msgspec

from mailock.ports.viewer import Passage, Piece

TASK: Final = "preview"
"""What the jail is asked to do."""
MOST_PIECES: Final = 500
MOST_PASSAGES: Final = 20
MOST_LETTERS: Final = 200_000
"""Of all passages together."""
MOST_BLOCKS: Final = 20_000
MOST_PICTURES: Final = 12
LONGEST_SIDE: Final = 800
"""Pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What the parts are, and what they say."""

    pieces: tuple[Piece, ...]
    passages: tuple[Passage, ...]
    more: bool
    """Whether there were more parts or passages than are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """A picture: three octets a pixel, row by row. With a sentence instead where it could not be read."""

    part: str
    width: int = 0
    height: int = 0
    rgb: bytes = b""
    unreadable: str = ""


encode: Final = msgspec.msgpack.Encoder().encode
decode_text: Final = msgspec.msgpack.Decoder(Text).decode
decode_pixels: Final = msgspec.msgpack.Decoder(Pixels).decode

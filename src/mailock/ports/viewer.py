"""Seeing what a message says without opening it: what a preview is made of, and who makes one.

A preview is not a page. It is blocks of text, which whoever shows them writes as text, and pictures that were encoded
on our side from bare pixels: nothing in it could load anything, run, or lead anywhere when it is shown.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class BlockKind(StrEnum):
    """What a block of text is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"
    PLAIN = "plain"
    """Text whose line ends and blanks count."""
    PICTURE = "picture"
    """A picture of the message stands here; its part is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Letters of one block that look the same."""

    text: str
    strong: bool = False
    leads: str = ""
    """Where a click on them would lead, as it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, or what is like one."""

    kind: BlockKind
    runs: tuple[Run, ...] = ()
    part: str = ""
    """Of a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What one part says."""

    part: str
    media: str
    blocks: tuple[Block, ...]
    cut: bool = False
    """Whether there was more than is shown."""
    differs: bool = False
    """Whether mail programs may read the part otherwise too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part, as a line of a list."""

    part: str
    media: str
    name: str
    size: int
    """Octets of its content; 0 for what only holds others."""
    other: bool
    """Whether only another reading of the message has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture, encoded anew."""

    part: str
    width: int
    height: int
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a message says."""

    pieces: tuple[Piece, ...]
    passages: tuple[Passage, ...]
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...] = field(default=())
    """What is not shown, and why, a sentence each."""


class CannotView(Exception):
    """Nothing can be shown: the sentence says why."""


class Viewer(Protocol):
    """Has a body read in the jail."""

    def view(self, body: int) -> Awaitable[Preview]:
        """What the message of a descriptor says; the descriptor stays the caller's. Raises CannotView."""
        ...


class NoViewer:
    """Nobody who could."""

    async def view(self, body: int) -> Preview:
        """Raises CannotView."""
        raise CannotView("there is no jail here to open it in")

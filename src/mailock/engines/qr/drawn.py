"""Codes drawn without a picture: with block letters in text, or with the cells of an HTML table.

Both are turned into a picture, a few pixels a module, with the quiet zone that readers need.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from PIL import Image
from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailock.core.evidence.nesting import parsable

_FULL: Final = "\u2588\u25a0\u2b1b\u25fc\u25fe\u2593"
_UPPER: Final = "\u2580"
_LOWER: Final = "\u2584"
_EMPTY: Final = " \u00a0\u2003\u3000\u2b1c\u25a1\u2591\u25fb\u25fd"
_DRAWING: Final = frozenset(_FULL + _UPPER + _LOWER + _EMPTY)
_FEWEST: Final = 11
"""Lines of half blocks that a code of 21 modules needs."""
_MOST: Final = 400
_SCALE: Final = 4
_QUIET: Final = 4
_MOST_TABLES: Final = 50
_MOST_DRAWINGS: Final = 20
Grid = Sequence[Sequence[bool]]


def in_text(text: str) -> Iterator[Image.Image]:
    """The drawings in a text: lines, one below the other, of block letters."""
    if sum(map(text.count, _FULL + _UPPER + _LOWER)) < _FEWEST * 10:
        return
    lines: list[str] = []
    found = 0
    for line in [*text.splitlines(), "."]:
        if _drawing(line) and len(lines) < _MOST:
            lines.append(line.rstrip("\r\n"))
        else:
            if len(lines) >= _FEWEST:
                found += 1
                yield from (_picture(grid) for grid in _grids(lines))
            lines = []
        if found >= _MOST_DRAWINGS:
            return


def _drawing(line: str) -> bool:
    return len(line) <= _MOST and len(line) >= _FEWEST and _DRAWING.issuperset(line) and not line.isspace()


def _grids(lines: list[str]) -> Iterator[Grid]:
    width = max(map(len, lines))
    padded = [line.ljust(width) for line in lines]
    if any(_UPPER in line or _LOWER in line for line in padded):
        grid: list[list[bool]] = []
        for line in padded:
            grid.append([letter in _FULL or letter == _UPPER for letter in line])
            grid.append([letter in _FULL or letter == _LOWER for letter in line])
        yield grid
        return
    grid = [[letter in _FULL for letter in line] for line in padded]
    # Two letters make a square where letters are half as wide as high; some squares are as wide as two by themselves.
    yield [row for row in grid for _ in (0, 1)] if width > 1.6 * len(lines) else grid


def in_tables(text: str) -> Iterator[Image.Image]:
    """The drawings in the tables of a page: cells, dark and bright."""
    if text.lower().count("<td") < 21 * 8 or not parsable(text):
        return  # what is too deep to parse is said by the engine of HTML
    tree = LexborHTMLParser(text)
    for number, table in enumerate(tree.css("table")):
        if number >= _MOST_TABLES:
            return
        grid = [row for row in map(_row, table.css("tr")[:_MOST]) if row]
        if len(grid) >= _FEWEST and max(map(len, grid)) >= 21 and any(map(any, grid)):
            yield _picture(grid)


def _row(row: LexborNode) -> list[bool]:
    cells: list[bool] = []
    for cell in row.css("td,th")[:_MOST]:
        given = cell.attributes
        told = (given.get("colspan") or "1").strip()
        span = min(int(told), _MOST) if told.isascii() and told.isdecimal() else 1
        cells += [_dark(given.get("bgcolor") or "", given.get("style") or "")] * max(1, span)
        if len(cells) > _MOST:
            break
    return cells[:_MOST]


def _dark(colour: str, style: str) -> bool:
    lowered = style.lower()
    if "background" in lowered:
        colour = lowered.partition("background")[2].partition(":")[2].partition(";")[0]
    colour = colour.strip().lower()
    if colour.startswith("#") and len(colour) in (4, 7):
        try:
            step = (len(colour) - 1) // 3
            shades = [int(colour[at : at + step], 16) * (17 if step == 1 else 1) for at in range(1, len(colour), step)]
        except ValueError:
            return False
        return sum(shades) < 384
    if colour.startswith("rgb"):
        numbers = "".join(letter if letter.isdigit() else " " for letter in colour).split()[:3]
        return len(numbers) == 3 and sum(int(number[:3]) for number in numbers) < 384
    return colour in ("black", "navy", "maroon", "darkblue", "darkred", "darkgreen", "green", "purple", "midnightblue")


def _picture(grid: Grid) -> Image.Image:
    width = max(map(len, grid))
    small = Image.new("L", (width + 2 * _QUIET, len(grid) + 2 * _QUIET), 255)
    for y, row in enumerate(grid):
        for x, dark in enumerate(row):
            if dark:
                small.putpixel((x + _QUIET, y + _QUIET), 0)
    return small.resize((small.width * _SCALE, small.height * _SCALE), Image.Resampling.NEAREST)

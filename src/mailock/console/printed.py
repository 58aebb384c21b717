"""A view as PDF, for paper and for whoever was not at the screen: the same figures, on pages of A4.

Everything is drawn, nothing is set by markup, so no text can break out of its place. Letters come from DejaVu where the
machine has it, which knows most scripts; else from Vera, which comes with the library and knows Latin ones.
"""

import contextlib
import io
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from mailock.console.draw import on_axis, ordered
from mailock.console.figures import OTHERS, Drawn, Figure, Kind, Unit
from mailock.console.measures import TONED
from mailock.console.wording import number, rate, size, span, when, words

WIDTH, HEIGHT = A4
MARGIN: Final = 42.0
INNER: Final = WIDTH - 2 * MARGIN
GAP: Final = 18.0
HALF: Final = (INNER - GAP) / 2
ROW: Final = 14.0
TILE: Final = 46.0
SERIES_HEIGHT: Final = 120.0
RING: Final = 92.0
INK: Final = HexColor("#1b2430")
QUIET: Final = HexColor("#5d6877")
LINE: Final = HexColor("#dfe3e9")
BAR: Final = HexColor("#2b9a8f")
GREY: Final = HexColor("#8ea0b5")
COLOURS: Final = {
    **dict.fromkeys(("delivered", "benign", "ham"), HexColor("#2aa876")),
    **dict.fromkeys(("quarantined", "suspicious", "suspected_spam"), HexColor("#e5a117")),
    **dict.fromkeys(("bounced", "malicious", "phishing"), HexColor("#d64545")),
    **dict.fromkeys(("hold", "unknown", "spam"), HexColor("#8f63d8")),
    **dict.fromkeys(("new", "scan_started", "bulk"), HexColor("#58a6d6")),
    "deferred": HexColor("#e07b39"),
    "rejected": HexColor("#a85a5a"),
    "discarded": HexColor("#8d7b6a"),
    "scan_ended": HexColor("#5b8def"),
    "released": HexColor("#3fb6a8"),
}
DEJAVU: Final = Path("/usr/share/fonts/truetype/dejavu")


def printed(found: Drawn, hostname: str, now: float) -> bytes:
    """The PDF."""
    stream = io.BytesIO()
    paper = _Paper(Canvas(stream, pagesize=A4, invariant=1), f"{found.view.title}, {hostname}")
    paper.canvas.setTitle(f"{found.view.title}, {hostname}")
    paper.canvas.setAuthor("Mailock")
    frame = f"{when(found.frame.since)[:16]} to {when(found.frame.until)[:16]}"
    paper.text(MARGIN, found.view.title, 20, bold=True)
    paper.down(16)
    paper.text(MARGIN, f"{hostname} · {frame} · made {when(now)[:16]}", 9, QUIET)
    paper.down(22)
    _tiles(paper, [one for one in found.figures if one.widget.kind in (Kind.NUMBER, Kind.STATE) and one.slices])
    halves: list[Figure] = []
    for figure in found.figures:
        match figure.widget.kind:
            case Kind.SERIES | Kind.HEAT:
                _series(paper, figure)
            case Kind.NEWEST:
                _newest(paper, figure)
            case Kind.BAR | Kind.PIE | Kind.TABLE | Kind.FLOW if figure.slices:
                halves.append(figure)
            case _:
                pass
    for n in range(0, len(halves), 2):
        _beside(paper, halves[n : n + 2])
    paper.finish()
    return stream.getvalue()


def pictured(pdf: bytes) -> bytes:
    """The pages of a PDF of ours, one below the other, as PNG."""
    # Imported here: of all files only pictures need it.
    import pypdfium2  # type: ignore[import-untyped]  # it ships no types
    from PIL import Image

    with contextlib.closing(pypdfium2.PdfDocument(pdf)) as document:
        pages = [page.render(scale=2).to_pil() for page in document]
    whole = Image.new("RGB", (max(one.width for one in pages), sum(one.height for one in pages)), "white")
    below = 0
    for one in pages:
        whole.paste(one, (0, below))
        below += one.height
    stream = io.BytesIO()
    whole.save(stream, "PNG", optimize=True)
    return stream.getvalue()


class _Paper:
    """A place on a page that goes down, and on to the next page."""

    def __init__(self, canvas: Any, foot: str) -> None:
        self.canvas = canvas
        self._foot = foot
        self._page = 1
        self.y = HEIGHT - MARGIN - 10

    def down(self, points: float) -> None:
        """Goes down."""
        self.y -= points

    def need(self, points: float) -> None:
        """Begins another page where so much has no room on this one."""
        if self.y - points < MARGIN + 14:
            self._end_page()
            self.y = HEIGHT - MARGIN - 10

    def text(
        self, x: float, text: str, points: float, colour: Any = INK, *, bold: bool = False, y: float | None = None
    ) -> None:
        """A line of text, at this height or another."""
        self.canvas.setFont(_fonts()[bold], points)
        self.canvas.setFillColor(colour)
        self.canvas.drawString(x, self.y if y is None else y, text)

    def right(self, x: float, text: str, points: float, colour: Any = INK, *, y: float) -> None:
        """A line of text that ends at x."""
        self.canvas.setFont(_fonts()[False], points)
        self.canvas.setFillColor(colour)
        self.canvas.drawRightString(x, y, text)

    def box(self, x: float, y: float, width: float, height: float, colour: Any) -> None:
        """A filled box."""
        self.canvas.setFillColor(colour)
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)

    def finish(self) -> None:
        """Ends the last page and the file."""
        self._end_page()
        self.canvas.save()

    def _end_page(self) -> None:
        self.text(MARGIN, self._foot, 8, QUIET, y=MARGIN - 14)
        self.right(WIDTH - MARGIN, str(self._page), 8, QUIET, y=MARGIN - 14)
        self.canvas.showPage()
        self._page += 1


def _tiles(paper: _Paper, figures: Sequence[Figure]) -> None:
    """Numbers, four beside each other."""
    width = INNER / 4
    for n in range(0, len(figures), 4):
        paper.need(TILE)
        for place, figure in enumerate(figures[n : n + 4]):
            x = MARGIN + place * width
            paper.text(x, figure.widget.title, 8.5, QUIET)
            paper.text(x, _amount(figure), 18, bold=True, y=paper.y - 20)
        paper.down(TILE)


def _series(paper: _Paper, figure: Figure) -> None:
    paper.need(SERIES_HEIGHT + 56)
    _title(paper, MARGIN, figure, paper.y)
    paper.down(12)
    base, left, inner = paper.y - SERIES_HEIGHT, MARGIN + 30, INNER - 30
    lines = ordered(figure)
    top = max((sum(line[n] for _, line in lines) for n in range(len(figure.columns))), default=0) or 1
    paper.canvas.setStrokeColor(LINE)
    for n in range(3):
        y = base + n / 2 * SERIES_HEIGHT
        paper.canvas.line(left, y, left + inner, y)
        paper.right(left - 5, number(top * n / 2), 7, QUIET, y=y - 2)
    width = inner / max(1, len(figure.columns))
    for n, at in enumerate(figure.columns):
        y = base
        for label, line in lines:
            height = line[n] / top * SERIES_HEIGHT
            if height:
                paper.box(left + n * width + 0.4, y, max(0.5, width - 0.8), height, COLOURS.get(label, GREY))
            y += height
        if n % max(1, -(-len(figure.columns) // 8)) == 0:
            paper.text(left + n * width, on_axis(figure, at), 7, QUIET, y=base - 10)
    x = left
    for label, line in lines:
        said = f"{words(label)} {number(sum(line))}"
        paper.box(x, base - 25, 7, 7, COLOURS.get(label, GREY))
        paper.text(x + 10, said, 8, QUIET, y=base - 25)
        x += 22 + pdfmetrics.stringWidth(said, _fonts()[False], 8)
    paper.y = base - 46


def _beside(paper: _Paper, figures: Sequence[Figure]) -> None:
    """Two figures beside each other."""
    tall = max(RING if one.widget.kind is Kind.PIE else len(one.slices) * ROW for one in figures) + 16
    paper.need(tall + 10)
    for place, figure in enumerate(figures):
        x = MARGIN + place * (HALF + GAP)
        _title(paper, x, figure, paper.y)
        (_ring if figure.widget.kind is Kind.PIE else _bars)(paper, figure, x, paper.y - 12)
    paper.down(tall + 16)


def _bars(paper: _Paper, figure: Figure, x: float, top: float) -> None:
    most = max(one.count for one in figure.slices) or 1
    names, space = HALF * 0.46, HALF * 0.40
    for n, one in enumerate(figure.slices):
        y = top - (n + 1) * ROW + 4
        paper.right(x + names - 6, _cut(_named(figure, one.label), names - 8), 8, y=y)
        paper.box(x + names, y - 1, max(1.0, one.count / most * space), 8, GREY if one.label == OTHERS else BAR)
        paper.text(x + names + one.count / most * space + 5, number(one.count), 8, QUIET, y=y)


def _ring(paper: _Paper, figure: Figure, x: float, top: float) -> None:
    total, angle, radius = figure.total or 1, 90.0, RING / 2
    middle = (x + radius, top - radius)
    for n, one in enumerate(figure.slices):
        share = one.count / total
        paper.canvas.setFillColor(_colour(figure, one.label))
        if share >= 1:
            paper.canvas.circle(*middle, radius, stroke=0, fill=1)
        else:
            corners = (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius)
            paper.canvas.wedge(*corners, angle, -360 * share, stroke=0, fill=1)
        angle -= 360 * share
        y = top - 12 - n * ROW
        paper.box(x + RING + 16, y, 7, 7, _colour(figure, one.label))
        paper.text(x + RING + 28, words(one.label), 8, y=y)
        paper.right(x + HALF, f"{number(one.count)} · {share:.0%}", 8, QUIET, y=y)
    paper.canvas.setFillColor(HexColor("#ffffff"))
    paper.canvas.circle(*middle, radius * 0.62, stroke=0, fill=1)


def _newest(paper: _Paper, figure: Figure) -> None:
    paper.need(60)
    _title(paper, MARGIN, figure, paper.y)
    paper.down(4)
    columns = (
        (0.0, 96.0, "arrival"),
        (96.0, 66.0, "status"),
        (162.0, 140.0, "sender"),
        (302.0, INNER - 302, "subject"),
    )
    for row in figure.rows:
        paper.need(ROW)
        paper.down(ROW)
        for x, width, name in columns:
            told = (
                when(str(row[name]))
                if name == "arrival"
                else words(str(row[name]))
                if name == "status"
                else str(row[name])
            )
            paper.text(MARGIN + x, _cut(told, width - 8), 8, QUIET if name == "arrival" else INK)
    paper.down(24)


def _title(paper: _Paper, x: float, figure: Figure, y: float) -> None:
    paper.text(x, figure.widget.title, 10, bold=True, y=y)


def _amount(figure: Figure) -> str:
    match figure.widget.unit:
        case Unit.COUNT:
            return number(figure.total)
        case Unit.OCTETS:
            return size(figure.amount)
        case Unit.SECONDS:
            return span(figure.amount)
        case Unit.RATE:
            return rate(figure.amount)


def _named(figure: Figure, label: str) -> str:
    return words(label) if figure.widget.by in TONED else label


def _colour(figure: Figure, label: str) -> Any:
    return COLOURS.get(label, GREY) if figure.widget.by in TONED else GREY


def _cut(text: str, width: float) -> str:
    """A text that fits, cut where it does not."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:400])
    if pdfmetrics.stringWidth(text, _fonts()[False], 8) <= width:
        return text
    while text and pdfmetrics.stringWidth(f"{text}…", _fonts()[False], 8) > width:
        text = text[: math.floor(len(text) * 0.95)]
    return f"{text}…"


@cache
def _fonts() -> tuple[str, str]:
    """The names of the plain and the bold letters, registered."""
    vera = Path(reportlab.__file__).parent / "fonts"
    for folder, plain, bold in ((DEJAVU, "DejaVuSans", "DejaVuSans-Bold"), (vera, "Vera", "VeraBd")):
        try:
            for name in (plain, bold):
                pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
        except TTFError:
            continue
        return plain, bold
    raise OSError("there are no letters for PDF: install fonts-dejavu-core")

"""Figures drawn as SVG, on the server: no script computes anything, and the same picture can be printed.

Colours are classes, so that they follow the page's light or dark. Every bar and sector is a link to the messages behind
it and says in words what it is; tables beneath tell the same to whoever does not see pictures.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup, escape

from mailock.console.figures import OTHERS, Figure, Kind
from mailock.console.measures import LOOKS, TONED
from mailock.console.wording import number, words
from mailock.operations.track import moment
from mailock.telemetry import fields

WIDTH: Final = 960
HEIGHT: Final = 210
LEFT: Final = 44
BOTTOM: Final = 24
TOP: Final = 10
TONES: Final = 8
DAY: Final = 86_400
LABELS: Final = 8
ROW: Final = 26
LABEL_WIDTH: Final = 190
BAR_WIDTH: Final = 310


def picture(figure: Figure) -> Markup:
    """The picture of a figure; empty where it is a number or a table."""
    match figure.widget.kind:
        case Kind.SERIES:
            return series(figure)
        case Kind.BAR:
            return bars(figure)
        case Kind.PIE:
            return pie(figure)
        case _:
            return Markup("")


def series(figure: Figure) -> Markup:
    """Columns over time, each parted by what was counted."""
    lines = _ordered(figure)
    heights = [sum(line[n] for _, line in lines) for n in range(len(figure.columns))]
    top = _round_up(max(heights, default=0))
    inner, tall = WIDTH - LEFT, HEIGHT - BOTTOM - TOP
    width = inner / max(1, len(figure.columns))
    parts = [_grid(top, tall)]
    for n, at in enumerate(figure.columns):
        below = 0.0
        for label, line in lines:
            if not line[n]:
                continue
            height = line[n] / top * tall
            y = TOP + tall - below - height
            below += height
            rect = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="t-{}"/>').format(
                LEFT + n * width + 1, y, max(1.0, width - 2), max(1.0, height), _tone(figure, label)
            )
            said = f"{_at(at, figure.step)}: {number(line[n])} {words(label)}"
            parts.append(_linked(rect, _within(figure, label, at), said))
    parts += list(_times(figure, width))
    return _svg(Markup("").join(parts), WIDTH, HEIGHT, f"{figure.widget.title}: columns over time")


def bars(figure: Figure) -> Markup:
    """Bars beside their names, the longest first."""
    most = max((one.count for one in figure.slices), default=0) or 1
    parts = []
    for n, one in enumerate(figure.slices):
        y = n * ROW
        width = max(2.0, one.count / most * BAR_WIDTH)
        name = one.label if len(one.label) <= 30 else f"{one.label[:29]}…"
        drawn = Markup(
            '<text x="{}" y="{}" class="name">{}</text>'
            '<rect x="{}" y="{}" width="{:.1f}" height="14" rx="3" class="t-{}"/>'
            '<text x="{:.1f}" y="{}" class="count">{}</text>'
        ).format(
            LABEL_WIDTH - 8,
            y + 17,
            words(name) if one.tone else name,
            LABEL_WIDTH,
            y + 6,
            width,
            _tone(figure, one.label),
            LABEL_WIDTH + width + 8,
            y + 17,
            number(one.count),
        )
        parts.append(_linked(drawn, one.query, f"{one.label}: {number(one.count)}"))
    height = max(ROW, len(figure.slices) * ROW)
    return _svg(Markup("").join(parts), LABEL_WIDTH + BAR_WIDTH + 90, height, f"{figure.widget.title}: bars")


def pie(figure: Figure) -> Markup:
    """Sectors of a ring, with their names beside it."""
    total, angle = figure.total or 1, 0.0
    parts, key = [], []
    for n, one in enumerate(figure.slices):
        share = one.count / total
        tone = _tone(figure, one.label)
        said = f"{words(one.label)}: {number(one.count)} ({share:.0%})"
        parts.append(_linked(_sector(angle, share, tone), one.query, said))
        angle += share
        y = 34 + n * 26
        entry = Markup(
            '<rect x="230" y="{}" width="12" height="12" rx="3" class="t-{}"/>'
            '<text x="252" y="{}" class="key">{}</text>'
            '<text x="560" y="{}" class="share">{}  ·  {}</text>'
        ).format(y - 10, tone, y + 1, words(one.label), y + 1, number(one.count), f"{share:.0%}")
        key.append(_linked(entry, one.query, said))
    middle = Markup(
        '<text x="105" y="104" class="sum">{}</text><text x="105" y="124" class="sum-of">in all</text>'
    ).format(number(figure.total))
    return _svg(Markup("").join([*parts, middle, *key]), 580, 206, f"{figure.widget.title}: a ring")


def _sector(start: float, share: float, tone: str) -> Markup:
    """A part of a ring around (105, 105), from outside radius 92 to inside 60."""
    if share >= 0.9999:
        return Markup('<circle cx="105" cy="105" r="76" fill="none" stroke-width="32" class="r-{}"/>').format(tone)
    a, b = start * 2 * math.pi - math.pi / 2, (start + share) * 2 * math.pi - math.pi / 2
    points = [(105 + r * math.cos(w), 105 + r * math.sin(w)) for r, w in ((92, a), (92, b), (60, b), (60, a))]
    large = 1 if share > 0.5 else 0
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    path = (
        f"M{x1:.2f} {y1:.2f}A92 92 0 {large} 1 {x2:.2f} {y2:.2f}L{x3:.2f} {y3:.2f}A60 60 0 {large} 0 {x4:.2f} {y4:.2f}Z"
    )
    return Markup('<path d="{}" class="t-{}"/>').format(path, tone)


def _grid(top: int, tall: int) -> Markup:
    """Lines with their numbers."""
    lines = []
    for n in range(5):
        y = TOP + tall - n / 4 * tall
        lines.append(
            Markup(
                '<line x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}" class="grid"/>'
                '<text x="{}" y="{:.1f}" class="scale">{}</text>'
            ).format(LEFT, y, WIDTH, y, LEFT - 8, y + 4, number(top * n / 4) if top * n % 4 == 0 else "")
        )
    return Markup("").join(lines)


def _times(figure: Figure, width: float) -> Iterator[Markup]:
    every = max(1, -(-len(figure.columns) // LABELS))
    for n in range(0, len(figure.columns), every):
        yield Markup('<text x="{:.1f}" y="{}" class="time">{}</text>').format(
            LEFT + n * width, HEIGHT - 6, _at(figure.columns[n], figure.step)
        )


def _ordered(figure: Figure) -> list[tuple[str, Sequence[int]]]:
    """What is stacked, from the bottom up."""
    order = () if figure.widget.field else LOOKS[figure.widget.by].order
    labels = [one for one in order if one in figure.lines] or [
        one.label for one in figure.slices if one.label in figure.lines
    ]
    return [(label, figure.lines[label]) for label in labels]


def _tone(figure: Figure, label: str) -> str:
    """The name of a label's colour: its own where it has one, else one by its place."""
    if not figure.widget.field and figure.widget.by in TONED and label in LOOKS[figure.widget.by].order:
        return label
    if label == OTHERS:
        return OTHERS
    return "bar" if figure.widget.kind is Kind.BAR else f"n{_place(figure, label) % TONES}"


def _place(figure: Figure, label: str) -> int:
    return next((n for n, one in enumerate(figure.slices) if one.label == label), 0)


def _within(figure: Figure, label: str, at: float) -> str:
    """The search for one part of a column."""
    widget = figure.widget
    term = fields.term(widget.field, label) if widget.field else LOOKS[widget.by].term(label)
    return f"{term} {widget.only} since:{moment(at)} until:{moment(at + figure.step)}" if term else ""


def _linked(drawn: Markup, query: str, said: str) -> Markup:
    told = Markup("<title>{}</title>").format(said)
    if not query:
        return Markup("<g>{}{}</g>").format(told, drawn)
    return Markup('<a href="/messages?{}">{}{}</a>').format(urlencode({"q": query}), told, drawn)


def _svg(inside: Markup, width: float, height: float, says: str) -> Markup:
    return Markup('<svg class="figure" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        width, height, escape(says), inside
    )


def _round_up(most: int) -> int:
    """The top of a scale: 4, 8, 20, 40, 80, 200 … so that four lines have whole numbers."""
    for power in range(12):
        for factor in (4, 8, 20):
            if most <= factor * 10**power:
                return factor * int(10**power)
    return most


def _at(at: float, step: float) -> str:
    local = datetime.fromtimestamp(at, UTC).astimezone()
    return local.strftime("%d %b" if step >= DAY / 2 else "%H:%M")

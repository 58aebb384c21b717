"""Figures drawn as SVG and lists, on the server: no script computes anything.

Colours are classes, so that they follow the page's light or dark. Every bar and sector is a link to the messages behind
it and says in words what it is. Letters that have to keep their size on a narrow screen stand in HTML.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from mailock.console.figures import OTHERS, Figure, Kind, Slice, Unit
from mailock.console.measures import LOOKS, TONED
from mailock.console.patterns import flow, heat
from mailock.console.svg import framed, linked
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
NAMELESS: Final = "(empty)"
QUARTERS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15)
"""What a quarter of a scale may stand for, times a power of ten."""


def picture(figure: Figure) -> Markup:
    """The picture of a figure; empty where it is a number or a table."""
    match figure.widget.kind:
        case Kind.SERIES:
            return series(figure)
        case Kind.BAR:
            return bars(figure)
        case Kind.PIE:
            return pie(figure)
        case Kind.HEAT:
            return heat(figure)
        case Kind.FLOW:
            return flow(figure)
        case Kind.TABLE:
            return table(figure)
        case _:
            return Markup("")


def series(figure: Figure) -> Markup:
    """Columns over time, each parted by what was counted."""
    lines = ordered(figure)
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
            parts.append(linked(rect, _within(figure, label, at), said))
    parts += list(_times(figure, width))
    drawn = framed(Markup("").join(parts), WIDTH, HEIGHT, f"{figure.widget.title}: columns over time")
    return Markup("{}{}").format(drawn, _legend(figure))


def _legend(figure: Figure) -> Markup:
    """Which colour is what, with the sums."""
    entries = [
        _entry(
            Markup('{}<span class="name"><bdi>{}</bdi></span><b>{}</b>').format(
                _dot(_tone(figure, one.label)), words(one.label), number(one.count)
            ),
            one.query,
            one.label,
        )
        for one in figure.slices
        if one.label in figure.lines
    ]
    return Markup('<p class="legend">{}</p>').format(Markup("").join(entries))


def _dot(tone: str) -> Markup:
    return Markup(
        '<svg class="dot" aria-hidden="true"><rect width="100%" height="100%" rx="3" class="t-{}"/></svg>'
    ).format(tone)


def bars(figure: Figure) -> Markup:
    """Bars beside their names, the longest first: a list, so that names and numbers keep their size on any screen."""
    most = max((one.count for one in figure.slices), default=0) or 1
    rows = [
        Markup("<li>{}</li>").format(
            _entry(
                Markup(
                    '<span class="name"><bdi>{}</bdi></span><svg class="strip" aria-hidden="true">'
                    '<rect width="{:.2f}%" height="100%" rx="3" class="t-{}"/></svg><span class="count">{}</span>'
                ).format(
                    _named(one),
                    max(0.6, one.count / most * 100),
                    _tone(figure, one.label),
                    number(one.count),
                ),
                one.query,
                f"{one.label}: {number(one.count)}",
            )
        )
        for one in figure.slices
    ]
    return Markup('<ul class="bars">{}</ul>').format(Markup("").join(rows))


def table(figure: Figure) -> Markup:
    """Values with their numbers and shares, more of them than bars show."""
    widget, total = figure.widget, figure.total or 1
    row = Markup('<tr><td class="long">{}</td><td class="right narrow">{}</td><td class="right narrow">{}</td></tr>')
    rows = [
        row.format(
            _entry(Markup("<bdi>{}</bdi>").format(_named(one)), one.query, one.label),
            number(one.count),
            _percent(one.count, total),
        )
        for one in figure.slices
    ]
    head = Markup('<thead><tr><th>{}</th><th class="right">{}</th><th class="right">Share</th></tr></thead>').format(
        fields.FIELDS[widget.field].title if widget.field else LOOKS[widget.by].title,
        "Octets" if widget.unit is Unit.OCTETS else "Messages",
    )
    return Markup('<table class="list values">{}<tbody>{}</tbody></table>').format(head, Markup("").join(rows))


def _named(one: Slice) -> str:
    """What a value is called."""
    return words(one.label) if one.tone else one.label or NAMELESS


def pie(figure: Figure) -> Markup:
    """Sectors of a ring, with their names and shares in a list beside it."""
    total, angle = figure.total or 1, 0.0
    parts, key = [], []
    for one in figure.slices:
        share = one.count / total
        tone = _tone(figure, one.label)
        said = f"{words(one.label)}: {number(one.count)} ({share:.0%})"
        parts.append(linked(_sector(angle, share, tone), one.query, said))
        angle += share
        entry = Markup(
            '{}<span class="name"><bdi>{}</bdi></span><span class="count">{}</span><span class="share">{}</span>'
        ).format(_dot(tone), words(one.label), number(one.count), _percent(one.count, total))
        key.append(Markup("<li>{}</li>").format(_entry(entry, one.query, said)))
    middle = Markup(
        '<text x="105" y="104" class="sum">{}</text><text x="105" y="124" class="sum-of">in all</text>'
    ).format(number(figure.total))
    ring = framed(Markup("").join([*parts, middle]), 210, 210, f"{figure.widget.title}: a ring")
    return Markup('<div class="ring">{}<ul class="shares">{}</ul></div>').format(ring, Markup("").join(key))


def _percent(count: int, total: int) -> str:
    """A share; what is little is not called nothing."""
    return "<1 %" if 0 < count < total / 100 else f"{count / total * 100:.0f} %"


def _entry(inside: Markup, query: str, said: str) -> Markup:
    """A line of a list, which leads to the messages behind it."""
    if not query:
        return Markup('<span class="entry" title="{}">{}</span>').format(said, inside)
    return Markup('<a class="entry" href="/messages?{}" title="{}">{}</a>').format(
        urlencode({"q": query}), said, inside
    )


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
            LEFT + n * width, HEIGHT - 6, on_axis(figure, figure.columns[n])
        )


def ordered(figure: Figure) -> list[tuple[str, Sequence[int]]]:
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


def _round_up(most: int) -> int:
    """The top of a scale: the least that is enough and has four lines with round numbers."""
    tops = [4 * quarter * int(10**power) for power in range(12) for quarter in QUARTERS]
    return min((top for top in tops if top >= most), default=most)


def on_axis(figure: Figure, at: float) -> str:
    """A moment below a picture: the time, the day, or both, as suits what the picture spans."""
    local = datetime.fromtimestamp(at, UTC).astimezone()
    spans = figure.columns[-1] - figure.columns[0] if figure.columns else 0.0
    return local.strftime("%H:%M" if spans <= 1.5 * DAY else "%a %H:%M" if spans <= 3 * DAY else "%d %b")


def _at(at: float, step: float) -> str:
    local = datetime.fromtimestamp(at, UTC).astimezone()
    return local.strftime("%a %d %b" if step >= DAY else "%a %d %b %H:%M")

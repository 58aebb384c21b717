"""Pictures of patterns: which hours of which days had how much, and how what came parted on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from markupsafe import Markup

from mailock.console.figures import Figure, Slice
from mailock.console.svg import framed, linked
from mailock.console.wording import number, words
from mailock.operations.track import moment

HOURS: Final = 24
SHADES: Final = 6
LEFT: Final = 84
CELL: Final = 22
HEAD: Final = 18
WIDTH: Final = 580
TALL: Final = 190
"""Height of all that came, in a flow."""
GAP: Final = 12
NODE: Final = 12
NARROWEST: Final = 2.0
ENDS_AT: Final = 360
"""Where the statuses stand in a flow; their names take the rest."""
REFUSED: Final = "rejected"


@dataclass(slots=True)
class _Hour:
    """One hour of one day: when it begins and ends, in Unix seconds, and how much there was."""

    since: float
    until: float
    count: int = 0


def heat(figure: Figure) -> Markup:
    """A row for each day, a box for each of its hours, by the clock of this machine."""
    hours: dict[tuple[date, int], _Hour] = {}
    for n, at in enumerate(figure.columns):
        local = datetime.fromtimestamp(at, UTC).astimezone()
        # The hour that comes twice when summer ends is one box.
        hour = hours.setdefault((local.date(), local.hour), _Hour(at, at))
        hour.until = at + figure.step
        hour.count += sum(line[n] for line in figure.lines.values())
    days = sorted({day for day, _ in hours})
    most = max((one.count for one in hours.values()), default=0) or 1
    wide = (WIDTH - LEFT) / HOURS
    parts = [
        Markup('<text x="{:.1f}" y="12" class="time">{:02d}</text>').format(LEFT + hour * wide, hour)
        for hour in range(0, HOURS, 3)
    ]
    for row, day in enumerate(days):
        y = HEAD + row * CELL
        parts.append(Markup('<text x="0" y="{}" class="time">{}</text>').format(y + 15, f"{day:%a %d %b}"))
        for place in range(HOURS):
            one = hours.get((day, place))
            if one is not None:
                parts.append(_box(figure, one, LEFT + place * wide, y, wide, most))
    return framed(Markup("").join(parts), WIDTH, HEAD + len(days) * CELL, f"{figure.widget.title}: hours of each day")


def _box(figure: Figure, hour: _Hour, x: float, y: float, wide: float, most: int) -> Markup:
    shade = 0 if not hour.count else 1 + min(SHADES - 2, hour.count * (SHADES - 1) // (most + 1))
    box = Markup('<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="3" class="h-{}"/>').format(
        x, y, wide - 2, CELL - 2, shade
    )
    at = datetime.fromtimestamp(hour.since, UTC).astimezone()
    said = f"{at:%a %d %b %H:%M}: {number(hour.count)}"
    query = f"{figure.widget.only} since:{moment(hour.since)} until:{moment(hour.until)}".strip()
    return linked(box, query if hour.count else "", said)


def flow(figure: Figure) -> Markup:
    """All that came, parted into what was refused and what was taken, and that into what became of it."""
    refused = [one for one in figure.slices if one.label == REFUSED]
    taken = [one for one in figure.slices if one.label != REFUSED]
    total = figure.total or 1
    scale = TALL / total
    whole = sum(one.count for one in taken)
    parts, y = [], 0.0
    ends = [*taken, *refused]
    tall = max(TALL + GAP, _height(ends, scale))
    middle = [("taken", whole, 0.0), ("refused", total - whole, whole * scale + GAP)]
    parts.append(_node(0, 0.0, TALL, "t-bar"))
    parts.append(_name(NODE + 6, 14, "came", figure.total))
    below = 0.0
    for label, count, top in middle:
        if not count:
            continue
        parts.append(_band(NODE, below, ENDS_AT / 2, top, count * scale, "t-bar" if label == "taken" else "t-rejected"))
        parts.append(_node(ENDS_AT / 2, top, count * scale, "t-bar" if label == "taken" else "t-rejected"))
        below += count * scale
    for n, one in enumerate(ends):
        start = sum(other.count for other in ends[:n]) * scale + (GAP if one.label == REFUSED else 0)
        deep = max(NARROWEST, one.count * scale)
        said = f"{words(one.label)}: {number(one.count)} ({one.count / total:.0%})"
        drawn = _band(ENDS_AT / 2 + NODE, start, ENDS_AT, y, one.count * scale, f"t-{one.label}")
        drawn += _node(ENDS_AT, y, deep, f"t-{one.label}")
        drawn += _name(ENDS_AT + NODE + 8, y + min(deep / 2 + 5, deep + 5), words(one.label), one.count)
        parts.append(linked(drawn, one.query, said))
        y += max(deep, 14.0) + GAP / 2
    return framed(Markup("").join(parts), WIDTH, tall, f"{figure.widget.title}: where it went")


def _height(ends: Sequence[Slice], scale: float) -> float:
    return sum(max(one.count * scale, 14.0) + GAP / 2 for one in ends)


def _node(x: float, y: float, tall: float, tone: str) -> Markup:
    return Markup('<rect x="{}" y="{:.1f}" width="{}" height="{:.1f}" rx="2" class="{}"/>').format(
        x, y, NODE, max(NARROWEST, tall), tone
    )


def _name(x: float, y: float, label: str, count: int) -> Markup:
    return Markup('<text x="{}" y="{:.1f}" class="key">{} <tspan class="count">{}</tspan></text>').format(
        x, y, label, number(count)
    )


def _band(x: float, y: float, to_x: float, to_y: float, tall: float, tone: str) -> Markup:
    """A band from one place to another, as thick as what goes there is much."""
    tall, half = max(NARROWEST, tall), (x + to_x) / 2
    path = (
        f"M{x:.1f} {y:.1f}C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        f"V{to_y + tall:.1f}C{half:.1f} {to_y + tall:.1f} {half:.1f} {y + tall:.1f} {x:.1f} {y + tall:.1f}Z"
    )
    return Markup('<path d="{}" class="band {}"/>').format(path, tone)

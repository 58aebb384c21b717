"""Views of one's own, as values: what can be done to one, and how it is kept.

Each act makes a new view from a view; the page and its keys, buttons and mouse all come down to these acts.
"""

from dataclasses import replace
from typing import Final

import msgspec

from mailock.console.figures import Kind, Unit, View, Widget
from mailock.console.frames import FRAMES
from mailock.core.lifecycle.measures import Measure
from mailock.core.lifecycle.query import parse_query
from mailock.telemetry.fields import FIELDS

MOST: Final = 40
"""Widgets of one view."""
WIDEST: Final = 4
KINDS: Final = {
    Kind.BAR: "Bars",
    Kind.PIE: "Ring",
    Kind.SERIES: "Columns over time",
    Kind.HEAT: "Hours of each day",
    Kind.FLOW: "Flow",
    Kind.TABLE: "Table",
    Kind.NUMBER: "Number",
}
"""The kinds that can be built, with their names."""


def packed(view: View) -> bytes:
    """A view as it is kept."""
    return msgspec.json.encode(view)


def unpacked(document: bytes) -> View:
    """A view that was kept. Raises ValueError for what is none."""
    return msgspec.json.decode(document, type=View)


def titled(view: View, title: str, frame: str) -> View:
    """The view with another title and frame. Raises ValueError with a sentence."""
    title = title.strip()
    if not 1 <= len(title) <= 80 or not title.isprintable():
        raise ValueError("a title has 1 to 80 characters")
    if frame not in FRAMES:
        raise ValueError(f"there is no frame {frame!r}: there are {', '.join(FRAMES)}")
    return replace(view, title=title, frame=frame)


def moved(view: View, name: str, to: int) -> View:
    """The view with a widget at another place; beyond the ends is at the ends. Raises ValueError."""
    widget = _found(view, name)
    others = [one for one in view.widgets if one is not widget]
    others.insert(max(0, min(to, len(others))), widget)
    return replace(view, widgets=tuple(others))


def resized(view: View, name: str, wide: int) -> View:
    """The view with a widget of so many columns, 1 to 4. Raises ValueError."""
    widget = _found(view, name)
    sized = replace(widget, wide=max(1, min(wide, WIDEST)))
    return replace(view, widgets=tuple(sized if one is widget else one for one in view.widgets))


def without(view: View, name: str) -> View:
    """The view without a widget. Raises ValueError."""
    widget = _found(view, name)
    return replace(view, widgets=tuple(one for one in view.widgets if one is not widget))


def built(view: View, *, title: str, kind: str, of: str, only: str, unit: str, now: float) -> View:
    """The view with a new widget at its end. `of`: a field of the log, or `sum:` and a measure.

    Raises ValueError with a sentence; BadQuery where `only` is no search.
    """
    if len(view.widgets) >= MOST:
        raise ValueError(f"a view has at most {MOST} widgets: remove one first")
    if Kind(kind) not in KINDS:
        raise ValueError(f"there is no kind {kind!r}: there are {', '.join(one.value for one in KINDS)}")
    parse_query(only, now=now)
    number = 1 + max((int(one.name[1:]) for one in view.widgets if one.name[1:].isdecimal()), default=0)
    measure = of.removeprefix("sum:") if of.startswith("sum:") else ""
    if measure and only:
        raise ValueError("a sum is of all messages: choose a field to count only some of them")
    if kind == Kind.FLOW.value and measure != Measure.STATUS.value:
        raise ValueError("a flow shows how statuses part: choose the sum Status")
    if not measure and of not in FIELDS:
        raise ValueError(f"the log has no field {of!r}")
    widget = Widget(
        name=f"w{number}",
        title=title.strip()[:80] or (measure or FIELDS[of].title),
        kind=Kind(kind),
        by=Measure(measure) if measure else Measure.STATUS,
        field="" if measure else of,
        only=only.strip(),
        unit=Unit.OCTETS if unit == Unit.OCTETS.value else Unit.COUNT,
        wide=WIDEST if kind == Kind.SERIES.value else 1 if kind == Kind.NUMBER.value else 2,
    )
    return replace(view, widgets=(*view.widgets, widget))


def place(view: View, name: str) -> int:
    """Where a widget stands. Raises ValueError."""
    return view.widgets.index(_found(view, name))


def _found(view: View, name: str) -> Widget:
    found = next((one for one in view.widgets if one.name == name), None)
    if found is None:
        raise ValueError(f"the view has no widget {name!r} any more: load it again")
    return found

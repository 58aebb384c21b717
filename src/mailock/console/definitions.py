"""Views as programs read and write them: what is shown, instead of its numbers.

A widget is built as the page builds it, from a field of the log or a sum. What only shipped views have (the newest
messages, numbers of this moment, sums of some keys) keeps its `name` in a copy, and can be kept, moved, and made wider.
"""

from dataclasses import replace
from typing import Annotated, Any

import msgspec

from mailock.console import desks
from mailock.console.figures import View, Widget
from mailock.storage.views import Stored

Short = Annotated[str, msgspec.Meta(max_length=80)]
Search = Annotated[str, msgspec.Meta(max_length=1000)]


class Part(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A widget. With the `name` of one that the view has it is that one; else it is built of the rest.

    `of` is a field of the log or `sum:` and a measure; `only` a search, for fields; `wide` columns of four, 0 as usual.
    """

    name: Short = ""
    title: Short = ""
    kind: Short = "bar"
    of: Short = ""
    only: Search = ""
    unit: Short = "count"
    wide: Annotated[int, msgspec.Meta(ge=0, le=desks.WIDEST)] = 0


class Definition(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A view."""

    title: Short
    frame: Short = "24h"
    shared: bool = False
    widgets: Annotated[list[Part], msgspec.Meta(max_length=desks.MOST)] = []


def made(base: View, given: Definition, now: float) -> View:
    """The view that a definition means, with the widgets of another view that it names.

    Raises ValueError with a sentence; BadQuery where `only` is no search.
    """
    view = replace(desks.titled(base, given.title, given.frame), widgets=())
    known = {one.name: one for one in base.widgets}
    # Those that stay come first, so that new ones get names of their own; then they are put in their order.
    kept = [known[part.name] for part in given.widgets if part.name in known]
    if len({one.name for one in kept}) < len(kept):
        raise ValueError("a view has each of its widgets once")
    view, order = replace(view, widgets=tuple(kept)), list[str]()
    for part in given.widgets:
        if part.name and part.name not in known:
            raise ValueError(f"the view has no widget {part.name!r}: leave the name out to make one")
        if not part.name:
            view = built(view, part, now)
        order.append(part.name or view.widgets[-1].name)
        view = _sized(view, order[-1], part)
    return replace(view, widgets=tuple(sorted(view.widgets, key=lambda one: order.index(one.name))))


def built(view: View, part: Part, now: float) -> View:
    """The view with a new widget at its end. Raises as `desks.built`."""
    return desks.built(view, title=part.title, kind=part.kind, of=part.of, only=part.only, unit=part.unit, now=now)


def definition(view: View) -> dict[str, Any]:
    """What a view shows. `of` is empty for what the builder cannot make."""
    return {"title": view.title, "frame": view.frame, "widgets": [_part(one) for one in view.widgets]}


def stored_definition(kept: Stored, name: str) -> dict[str, Any]:
    """A view that somebody made: what it shows, whose it is, and the revision that a change has to name."""
    told = {"name": name, "owner": kept.owner, "shared": kept.shared, "revision": kept.revision}
    return told | definition(desks.unpacked(kept.document))


def _sized(view: View, name: str, part: Part) -> View:
    sized = desks.resized(view, name, part.wide) if part.wide else view
    if not part.title:
        return sized
    return replace(
        sized, widgets=tuple(replace(one, title=part.title) if one.name == name else one for one in sized.widgets)
    )


def _part(widget: Widget) -> dict[str, Any]:
    is_built = widget.kind in desks.KINDS and not widget.keys and not widget.state
    of = widget.field or f"sum:{widget.by.value}"
    return {
        "name": widget.name,
        "title": widget.title,
        "kind": widget.kind.value,
        "of": of if is_built else "",
        "only": widget.only,
        "unit": widget.unit.value,
        "wide": widget.wide,
    }

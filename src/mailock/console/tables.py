"""The numbers of a view as others read them: what the API gives and commands print."""

from typing import Any

from mailock.console.figures import Drawn, Figure, Frame, Kind, Unit, View, drawn
from mailock.console.means import LOG_NAME, Means, Visitor
from mailock.operations.track import moment


def view_table(means: Means, visitor: Visitor, view: View, frame: Frame) -> dict[str, Any]:
    """A view's numbers, as others read them."""
    now, systems = means.clock.now(), visitor.person.systems
    return drawn_table(drawn(means.data / LOG_NAME, view, frame, systems, now=now, ask=means.status))


def drawn_table(found: Drawn) -> dict[str, Any]:
    """What was drawn, as others read it."""
    view, frame = found.view, found.frame
    return {
        "title": view.title,
        "since": moment(frame.since),
        "until": moment(frame.until),
        "widgets": [_table(figure) for figure in found.figures],
    }


def _table(figure: Figure) -> dict[str, Any]:
    widget = figure.widget
    told: dict[str, Any] = {"name": widget.name, "title": widget.title, "kind": widget.kind.value}
    if widget.kind is Kind.NEWEST:
        return told | {"rows": list(figure.rows)}
    if widget.kind is Kind.NUMBER and widget.unit is not Unit.COUNT:
        told |= {"unit": widget.unit.value, "amount": figure.amount}
    told["values"] = [{"label": one.label, "count": one.count, "query": one.query} for one in figure.slices]
    if widget.kind is Kind.SERIES:
        told |= {"times": [moment(at) for at in figure.columns], "step": figure.step}
        told["series"] = {label: list(line) for label, line in figure.lines.items()}
    return told

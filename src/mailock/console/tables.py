"""The numbers of a view as others read them: what the API gives and commands print."""

from typing import Any

from mailock.console.figures import Drawn, Figure, Kind, Unit
from mailock.operations.track import moment


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
    if figure.columns:
        told |= {"times": [moment(at) for at in figure.columns], "step": figure.step}
        told["series"] = {label: list(line) for label, line in figure.lines.items()}
    return told

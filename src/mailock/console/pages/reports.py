"""Reports by mail: what is ordered, and ordering, sending and ending it."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from mailock.console import desks, reports
from mailock.console.frames import FRAMES
from mailock.console.means import NotThere
from mailock.console.pages.own import outcome
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.signing import Form, going
from mailock.console.shelf import FORMS, OWN
from mailock.console.shipped import VIEWS
from mailock.console.threads import in_thread
from mailock.ports.people import Right


@get("/reports", include_in_schema=False)
@in_thread
def listed(request: Asked, view: FromQuery[str] = "", done: FromQuery[int] = 0) -> Response[str]:
    """One's own reports; everybody's for administrators."""
    told, visitor = means(request), request.user
    own = told.people.views.seen_by(visitor.person.name)
    names = {name: one.title for name, one in VIEWS.items()}
    names |= {f"{OWN}{one.number}": desks.unpacked(one.document).title for one in own}
    return page(
        request,
        "reports.html",
        reports=[(kept, one, reports.schedule(one)) for kept, one in reports.seen_by(told, visitor)],
        all_of_them=Right.MANAGE_PEOPLE in visitor.rights,
        views=names,
        chosen=view,
        forms=FORMS,
        frames=FRAMES,
        weekdays=reports.WEEKDAYS,
        last_day=reports.LAST_DAY,
        said=outcome(told, visitor, done),
    )


@post("/reports", include_in_schema=False)
@in_thread
def ordered(request: Asked, data: Form) -> Response[Any]:
    """Orders a report."""
    given = {name: str(data.get(name, "")) for name in ("view", "form", "frame", "every", "at")}
    days: dict[str, Any] = {"day": 1, "week": data.get("weekday", "1"), "month": data.get("monthday", "1")}
    asked = {"to": str(data.get("to", "")).replace(",", " ").split(), "on": int(str(days.get(given["every"], 1)))}
    try:
        report = msgspec.convert(given | asked, reports.Report)
    except msgspec.ValidationError as fault:
        raise ValueError(f"this report cannot be: {fault}") from None
    _, line = reports.order(means(request), request.user, report)
    return going(f"/reports?done={line}")


@post("/reports/{act:str}", include_in_schema=False)
@in_thread
def acted(request: Asked, act: FromPath[str], data: Form) -> Response[Any]:
    """Sends a report now, or ends it."""
    told, visitor, number = means(request), request.user, int(str(data.get("number", "0")))
    match act:
        case "remove":
            return going(f"/reports?done={reports.cancel(told, visitor, number)}")
        case "send":
            kept, _ = reports.one_of(told, visitor, number)
            _, line = reports.send(told, request.app.state.counts, kept, by=visitor)
            return going(f"/reports?done={line}")
        case _:
            raise NotThere(f"there is no act {act}: there are send, remove")


ROUTES: Final = [listed, ordered, acted]

"""The views: widgets over a time that one chooses, live, with the messages behind every number."""

from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from mailock.console import draw
from mailock.console.counts import Counts
from mailock.console.desks import unpacked
from mailock.console.figures import FRAMES, Drawn, Kept, View, drawn, frame_of
from mailock.console.means import LOG_NAME, NotThere
from mailock.console.pages.paper import Asked, means, page
from mailock.console.shipped import VIEWS
from mailock.console.threads import in_thread
from mailock.storage.views import Stored

OWN: Final = "own-"
kept: Final = Kept()
Word = Annotated[str, QueryParameter(max_length=64)]
From = Annotated[str, QueryParameter(name="from", max_length=32)]
To = Annotated[str, QueryParameter(name="to", max_length=32)]


@get("/views/{name:str}", include_in_schema=False)
@in_thread
def view(request: Asked, name: FromPath[str], frame: Word = "", from_: From = "", to: To = "") -> Response[str]:
    """A view. A request of htmx gets the widgets alone."""
    found = _drawn(request, name, frame, from_, to)
    is_part = request.headers.get("hx-target") == "widgets"
    return page(
        request,
        "widgets.html" if is_part else "view.html",
        name=name,
        found=found,
        view=found.view,
        frames=FRAMES,
        frame=found.frame,
        picture=draw.picture,
        is_own=name not in VIEWS and stored(request, name).owner == request.user.person.name,
    )


@get("/views/{name:str}/export/{form:str}", include_in_schema=False)
@in_thread
def export(
    request: Asked, name: FromPath[str], form: FromPath[str], frame: Word = "", from_: From = "", to: To = ""
) -> Response[bytes]:
    """A view's numbers as a file."""
    # Imported here: what makes workbooks and pages takes memory that most consoles never need.
    from mailock.console.exports import FORMS, PDF, exported_view
    from mailock.console.printed import printed

    told = means(request)
    found = _drawn(request, name, frame, from_, to, wait=True)
    if form == "pdf":
        content, kind = printed(found, told.hostname, told.clock.now()), PDF
    elif form in FORMS:
        content, kind = exported_view(form, found, told.clock.now())
    else:
        raise NotThere(f"there is no export {form}: there are pdf, {', '.join(FORMS)}")
    headers = {"content-disposition": f'attachment; filename="mailock-{name}.{form}"'}
    return Response(content=content, media_type=kind, headers=headers)


@get("/live", include_in_schema=False)
async def live(request: Asked) -> Stream:
    """Events: the log has gone on."""
    pulse = request.app.state.pulse
    return Stream(pulse.watch(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def view_of(request: Asked, name: str) -> View:
    """A view by its name: one that is shipped, or `own-` and the number of one that somebody made. Raises NotThere."""
    if name in VIEWS:
        return VIEWS[name]
    return unpacked(stored(request, name).document)


def stored(request: Asked, name: str) -> Stored:
    """A view that the visitor made, or that others share. Raises NotThere."""
    number = name.removeprefix(OWN)
    known = name.startswith(OWN) and number.isdecimal() and len(number) < 10
    found = means(request).people.views.one(int(number), request.user.person.name) if known else None
    if found is None:
        raise NotThere(f"there is no view {name}: there are {', '.join(VIEWS)}, and those on the page of all views")
    return found


def _drawn(request: Asked, name: str, frame: str, from_: str, to: str, *, wait: bool = False) -> Drawn:
    told, chosen = means(request), view_of(request, name)
    pulse: Any = request.app.state.pulse
    when = frame_of(frame or chosen.frame, from_, to, told.clock.now())
    if any(widget.field for widget in chosen.widgets):
        now, systems = told.clock.now(), request.user.person.systems
        counts: Counts = request.app.state.counts
        log = told.data / LOG_NAME
        return drawn(log, chosen, when, systems, now=now, ask=told.status, counts=counts, wait=wait)
    return kept.drawn(told, chosen, when, request.user.person.systems, pulse.seen())


ROUTES: Final = [view, export, live]

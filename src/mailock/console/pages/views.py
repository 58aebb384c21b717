"""The views: widgets over a time that one chooses, live, with the messages behind every number."""

from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from mailock.console import draw, shelf
from mailock.console.counts import Counts
from mailock.console.figures import Drawn, Kept, View
from mailock.console.frames import FRAMES, frame_of
from mailock.console.pages.paper import Asked, means, page
from mailock.console.shipped import VIEWS
from mailock.console.threads import in_thread
from mailock.storage.views import Stored

kept: Final = Kept()
Word = Annotated[str, QueryParameter(max_length=64)]
From = Annotated[str, QueryParameter(name="from", max_length=32)]
To = Annotated[str, QueryParameter(name="to", max_length=32)]


@get("/views/{name:str}", include_in_schema=False)
@in_thread
def view(request: Asked, name: FromPath[str], frame: Word = "", from_: From = "", to: To = "") -> Response[str]:
    """A view. A request of htmx gets the widgets alone."""
    found = shown(request, name, frame, from_, to)
    is_part = request.headers.get("hx-target") == "widgets"
    return page(
        request,
        "widgets.html" if is_part else "view.html",
        name=name,
        found=found,
        view=found.view,
        frames=FRAMES,
        exports=shelf.FORMS,
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
    told = means(request)
    content, kind = shelf.filed(form, shown(request, name, frame, from_, to, wait=True), told)
    headers = {"content-disposition": f'attachment; filename="mailock-{name}.{form}"'}
    return Response(content=content, media_type=kind, headers=headers)


@get("/live", include_in_schema=False)
async def live(request: Asked) -> Stream:
    """Events: the log has gone on."""
    pulse = request.app.state.pulse
    return Stream(pulse.watch(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def view_of(request: Asked, name: str) -> View:
    """A view that the visitor may see. Raises NotThere."""
    return shelf.view_of(means(request), request.user.person.name, name)


def stored(request: Asked, name: str) -> Stored:
    """A view that the visitor made, or that others share. Raises NotThere."""
    return shelf.stored(means(request), request.user.person.name, name)


def shown(request: Asked, name: str, frame: str, from_: str, to: str, *, wait: bool = False) -> Drawn:
    """A view with its numbers, over a frame or its own. Raises NotThere, and as `drawn` does."""
    told, chosen = means(request), view_of(request, name)
    when = frame_of(frame or chosen.frame, from_, to, told.clock.now())
    if any(widget.field for widget in chosen.widgets):
        counts: Counts = request.app.state.counts
        return shelf.drawn_whole(told, chosen, when, request.user.person.systems, counts, wait=wait)
    pulse: Any = request.app.state.pulse
    return kept.drawn(told, chosen, when, request.user.person.systems, pulse.seen())


ROUTES: Final = [view, export, live]

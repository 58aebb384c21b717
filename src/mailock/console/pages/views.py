"""The views: widgets over a time that one chooses, live, with the messages behind every number."""

from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from mailock.console import draw
from mailock.console.exports import FORMS, exported_view
from mailock.console.figures import FRAMES, Drawn, Kept, frame_of
from mailock.console.means import NotThere
from mailock.console.pages.paper import Asked, means, page
from mailock.console.shipped import VIEWS
from mailock.console.threads import in_thread

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
    )


@get("/views/{name:str}/export/{form:str}", include_in_schema=False)
@in_thread
def export(
    request: Asked, name: FromPath[str], form: FromPath[str], frame: Word = "", from_: From = "", to: To = ""
) -> Response[bytes]:
    """A view's numbers as a file."""
    if form not in FORMS:
        raise NotThere(f"there is no export {form}: there are {', '.join(FORMS)}")
    content, kind = exported_view(form, _drawn(request, name, frame, from_, to), means(request).clock.now())
    told = {"content-disposition": f'attachment; filename="mailock-{name}.{form}"'}
    return Response(content=content, media_type=kind, headers=told)


@get("/live", include_in_schema=False)
async def live(request: Asked) -> Stream:
    """Events: the log has gone on."""
    pulse = request.app.state.pulse
    return Stream(pulse.watch(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _drawn(request: Asked, name: str, frame: str, from_: str, to: str) -> Drawn:
    if name not in VIEWS:
        raise NotThere(f"there is no view {name}: there are {', '.join(VIEWS)}")
    told, chosen = means(request), VIEWS[name]
    pulse: Any = request.app.state.pulse
    when = frame_of(frame or chosen.frame, from_, to, told.clock.now())
    return kept.drawn(told, chosen, when, request.user.person.systems, pulse.seen())


ROUTES: Final = [view, export, live]

"""Views of one's own: their list, and the page on which one is customised.

Each change names the revision that its author looked at, and is refused where there is a newer one.
"""

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from mailock.console import desks, draw
from mailock.console.figures import View, Widget
from mailock.console.frames import FRAMES
from mailock.console.means import NotAllowed
from mailock.console.measures import LOOKS
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.signing import Form, going
from mailock.console.pages.views import shown, stored, view_of
from mailock.console.shelf import OWN
from mailock.console.shipped import VIEWS
from mailock.console.threads import in_thread
from mailock.storage.views import Stored
from mailock.telemetry.fields import FIELDS, Group


@get("/views", include_in_schema=False)
@in_thread
def listed(request: Asked) -> Response[str]:
    """Every view that the visitor may see."""
    own = means(request).people.views.seen_by(request.user.person.name)
    told = [(one, desks.unpacked(one.document)) for one in own]
    return page(request, "desks.html", shipped=VIEWS, views=told, prefix=OWN)


@post("/views", include_in_schema=False)
@in_thread
def made(request: Asked, data: Form) -> Response[Any]:
    """Makes a view of one's own, empty or from another one."""
    base = str(data.get("base", ""))
    if base:
        copied = view_of(request, base)
        view = desks.titled(copied, str(data.get("title") or f"My {copied.title}")[:80], copied.frame)
    else:
        empty = View(title="", says="A view of one's own.", widgets=())
        view = desks.titled(empty, str(data.get("title", "")), empty.frame)
    number = means(request).people.views.add(request.user.person.name, desks.packed(view))
    return going(f"/views/{OWN}{number}/edit")


@get("/views/{name:str}/edit", include_in_schema=False)
@in_thread
def edited(request: Asked, name: FromPath[str]) -> Response[str]:
    """A view with its widgets as they can be moved, and the builder of new ones."""
    kept, found = _own(request, name), shown(request, name, "", "", "")
    grouped = {group: {key: one for key, one in FIELDS.items() if one.group is group} for group in Group}
    return page(
        request,
        "desk.html",
        name=name,
        kept=kept,
        view=found.view,
        found=found,
        picture=draw.picture,
        frames=FRAMES,
        kinds=desks.KINDS,
        measures=LOOKS,
        grouped=grouped,
        counts_of=_counts_of,
    )


@post("/views/{name:str}/edit", include_in_schema=False)
@in_thread
def changed(request: Asked, name: FromPath[str], data: Form) -> Response[Any]:
    """Does one thing to a view."""
    told, owner, kept = means(request), request.user.person.name, _own(request, name)
    act, widget = str(data.get("act", "")), str(data.get("widget", ""))
    if act == "drop":
        told.act(
            request.user, "view.remove", name, lambda: told.people.views.remove(kept.number, owner), lambda _: "removed"
        )
        return going("/views")
    view, shared = desks.unpacked(kept.document), kept.shared
    after = _after(view, act, widget, data, told.clock.now())
    if act == "title":
        shared = bool(data.get("shared"))
    revision = int(str(data.get("revision", "0")))
    packed = desks.packed(after)
    if shared != kept.shared:
        told.act(
            request.user,
            "view.share",
            name,
            lambda: told.people.views.change(kept.number, owner, revision, packed, shared=shared),
            lambda _: "shared" if shared else "no longer shared",
        )
    else:
        told.people.views.change(kept.number, owner, revision, packed, shared=shared)
    return going(f"/views/{name}/edit{f'#w-{widget}' if widget and act != 'remove' else ''}")


def _after(view: View, act: str, widget: str, data: Any, now: float) -> View:
    """The view after an act. Raises ValueError with a sentence."""
    field = {name: str(data.get(name, "")) for name in ("title", "frame", "kind", "of", "only", "unit", "to", "wide")}
    match act:
        case "title":
            return desks.titled(view, field["title"], field["frame"])
        case "add":
            told = {name: field[name] for name in ("title", "kind", "of", "only", "unit")}
            return desks.built(view, **told, now=now)
        case "move":
            return desks.moved(view, widget, int(field["to"]))
        case "back" | "on":
            return desks.moved(view, widget, desks.place(view, widget) + (1 if act == "on" else -1))
        case "wider" | "narrower":
            wide = view.widgets[desks.place(view, widget)].wide
            return desks.resized(view, widget, wide + (1 if act == "wider" else -1))
        case "size":
            return desks.resized(view, widget, int(field["wide"]))
        case "remove":
            return desks.without(view, widget)
        case _:
            raise ValueError(f"a view cannot be told to {act!r}")


def _own(request: Asked, name: str) -> Stored:
    found = stored(request, name)
    if found.owner != request.user.person.name:
        raise NotAllowed(f"this view belongs to {found.owner}: make a copy of it, which is yours")
    return found


def _counts_of(widget: Widget) -> str:
    """What a widget counts, in words."""
    title = FIELDS[widget.field].title if widget.field else LOOKS[widget.by].title
    return f"{title}, of {widget.only}" if widget.only else title


ROUTES: Final = [listed, made, edited, changed]

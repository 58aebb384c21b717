"""The views, for programs: their numbers, those of a query that is not kept, and views of one's own."""

from typing import Annotated, Any, Final

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from mailock.console import desks, shelf
from mailock.console.definitions import Definition, Part, built, definition, made, stored_definition
from mailock.console.figures import View
from mailock.console.frames import frame_of
from mailock.console.means import NotAllowed
from mailock.console.pages.paper import Asked, means
from mailock.console.shelf import OWN
from mailock.console.shipped import VIEWS
from mailock.console.tables import drawn_table
from mailock.console.threads import in_thread
from mailock.storage.views import Stored

Word = Annotated[str, QueryParameter(max_length=64)]
From = Annotated[str, QueryParameter(name="from", max_length=32)]
To = Annotated[str, QueryParameter(max_length=32)]
Short = Annotated[str, msgspec.Meta(max_length=64)]


class Views(msgspec.Struct):
    """The names and titles of the views: shipped, one's own, and what others share."""

    views: dict[str, str]


class NewView(Definition, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A view that is to be kept. `base` names one whose widgets it may take by name."""

    base: Short = ""


class Change(Definition, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What a view is to be, and the revision that this was made from: another one meanwhile refuses it."""

    revision: Annotated[int, msgspec.Meta(ge=1)]


class Made(msgspec.Struct):
    """The name of a view, and its revision."""

    name: str
    revision: int


class Query(Part, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One widget, over a frame of time."""

    frame: Short = "24h"
    since: Annotated[str, msgspec.Meta(max_length=32)] = ""
    until: Annotated[str, msgspec.Meta(max_length=32)] = ""


@get("/api/v1/views")
@in_thread
def views(request: Asked) -> Views:
    """The views that there are for whoever asks."""
    own = means(request).people.views.seen_by(request.user.person.name)
    told = {name: view.title for name, view in VIEWS.items()}
    return Views(told | {f"{OWN}{one.number}": desks.unpacked(one.document).title for one in own})


@post("/api/v1/views", status_code=201)
@in_thread
def make(request: Asked, data: JSONBody[NewView]) -> Made:
    """Keeps a new view of one's own."""
    told, owner = means(request), request.user.person.name
    base = shelf.view_of(told, owner, data.base) if data.base else View(title="", says="", widgets=())
    view = made(base, data, told.clock.now())
    number = told.people.views.add(owner, desks.packed(view))
    if data.shared:
        _change(request, Stored(number, owner, shared=False, revision=1, document=b""), 1, view, shared=True)
    return Made(f"{OWN}{number}", 2 if data.shared else 1)


@get("/api/v1/views/{name:str}")
@in_thread
def view(request: Asked, name: Word, frame: Word = "", from_: From = "", to: To = "") -> dict[str, Any]:
    """The numbers of a view, for a frame of time: 1h, today, 24h, 7d, 30d, or `from` and `to`."""
    told = means(request)
    return _numbers(request, shelf.view_of(told, request.user.person.name, name), frame, from_, to)


@put("/api/v1/views/{name:str}")
@in_thread
def change(request: Asked, name: FromPath[str], data: JSONBody[Change]) -> Made:
    """Makes a view of one's own what is said. Widgets that are not named are gone."""
    told, kept = means(request), _own(request, name)
    view = made(desks.unpacked(kept.document), data, told.clock.now())
    _change(request, kept, data.revision, view, shared=data.shared)
    return Made(name, data.revision + 1)


@delete("/api/v1/views/{name:str}")
@in_thread
def remove(request: Asked, name: FromPath[str]) -> None:
    """Removes a view of one's own."""
    kept, stored = _own(request, name), means(request).people.views
    means(request).act(
        request.user, "view.remove", name, lambda: stored.remove(kept.number, kept.owner), lambda _: "removed"
    )


@get("/api/v1/views/{name:str}/definition")
@in_thread
def defined(request: Asked, name: FromPath[str]) -> dict[str, Any]:
    """What a view shows, instead of its numbers; of one that somebody made, whose it is and its revision."""
    if name in VIEWS:
        return {"name": name} | definition(VIEWS[name])
    return stored_definition(shelf.stored(means(request), request.user.person.name, name), name)


@post("/api/v1/query", status_code=200)
@in_thread
def query(request: Asked, data: JSONBody[Query]) -> dict[str, Any]:
    """The numbers of one widget, as the query builder makes it, without keeping it."""
    one = built(View(title="", says="", widgets=()), data, means(request).clock.now())
    table = _numbers(request, one, data.frame, data.since, data.until)
    (widget,) = table["widgets"]
    return {"since": table["since"], "until": table["until"], **widget}


def _numbers(request: Asked, view: View, frame: str, from_: str, to: str) -> dict[str, Any]:
    """Raises TimeoutError where fields take too long to be counted; what was counted is kept for the next one."""
    told = means(request)
    meant = frame_of(frame or view.frame, from_, to, told.clock.now())
    counts, systems = request.app.state.counts, request.user.person.systems
    return drawn_table(shelf.drawn_whole(told, view, meant, systems, counts, wait=True))


def _change(request: Asked, kept: Stored, revision: int, view: View, *, shared: bool) -> None:
    """Raises Overtaken."""
    told, packed, name = means(request), desks.packed(view), f"{OWN}{kept.number}"

    def keep() -> None:
        told.people.views.change(kept.number, kept.owner, revision, packed, shared=shared)

    if shared == kept.shared:
        keep()
        return
    told.act(request.user, "view.share", name, keep, lambda _: "shared" if shared else "no longer shared")


def _own(request: Asked, name: str) -> Stored:
    found = shelf.stored(means(request), request.user.person.name, name)
    if found.owner.lower() != request.user.person.name.lower():
        raise NotAllowed(f"this view belongs to {found.owner}: make a copy of it, which is yours")
    return found


ROUTES: Final = [views, make, view, change, remove, defined, query]

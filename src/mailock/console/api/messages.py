"""Messages, the queue, the quarantine and the shunt, for programs."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from mailock.console.acting import (
    MOST,
    QUARANTINE_ACTS,
    QUEUE_ACTS,
    SHUNT_ACTS,
    Act,
    Result,
    done,
    listed,
    previewed,
    shown,
)
from mailock.console.means import NotThere
from mailock.console.pages.paper import Asked, means
from mailock.console.threads import in_thread
from mailock.console.tracking import found, one, one_json
from mailock.operations.track import LIMIT

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Text = Annotated[str, QueryParameter(max_length=1000)]
After = Annotated[str | None, QueryParameter(max_length=64)]


class Gap(msgspec.Struct):
    """What the log lost while it was broken. Times are Unix time."""

    since: float
    until: float
    events: int


class Messages(msgspec.Struct, kw_only=True):
    """What a search found, the newest first. Fields of a message: docs/log.md."""

    messages: list[dict[str, Any]]
    gaps: list[Gap]


class Listed(msgspec.Struct, kw_only=True):
    """A page of a list, the oldest first. `after` begins the next page; null on the last one."""

    messages: list[dict[str, Any]]
    after: str | None


class Header(msgspec.Struct):
    """The header of a message as it came."""

    header: list[str]


class Order(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be done to which messages."""

    ids: Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(min_length=1, max_length=MOST)]
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Releasing(Order, kw_only=True, forbid_unknown_fields=True):
    """An order for quarantine. `whole` and `to` are for releases: unchanged; to others instead of its recipients."""

    whole: bool = False
    to: list[Annotated[str, msgspec.Meta(max_length=320)]] = []


class Results(msgspec.Struct):
    """What came of an order, message by message."""

    results: list[Result]


@get("/api/v1/messages")
@in_thread
def search(request: Asked, q: Text = "", limit: Limit = LIMIT) -> Messages:
    """The newest messages that a query means: words, and `from:` `to:` `subject:` `status:` `since:` and so on."""
    answer = found(means(request), request.user, q, limit=limit)
    return Messages(messages=answer.rows, gaps=[Gap(*one) for one in answer.gaps])


@get("/api/v1/messages/{name:str}")
@in_thread
def message(request: Asked, name: FromPath[str]) -> dict[str, Any]:
    """One message with its history and findings, as `mailock show --json` prints it."""
    return one_json(*one(means(request), request.user, name))


@post("/api/v1/messages/{name:str}/content", status_code=200)
@in_thread
def content(request: Asked, name: FromPath[str]) -> Header:
    """The header of a message in the queue or in quarantine. Who read it is written into its history."""
    return Header(shown(means(request), request.user, "queue.show", name, content=True)["header"])


@post("/api/v1/messages/{name:str}/preview", status_code=200)
@in_thread
def preview(request: Asked, name: FromPath[str]) -> dict[str, Any]:
    """What a message in quarantine says: its parts, its text without anything that loads or runs, pictures as PNG.

    It is read in the jail. Who looked is written into its history.
    """
    return previewed(means(request), request.user, name)


@get("/api/v1/queue")
@in_thread
def queue(
    request: Asked,
    sender: Text = "",
    recipient: Text = "",
    domain: Text = "",
    lane: Text = "",
    older_than: Text = "",
    status: Text = "",
    limit: Limit = LIMIT,
    after: After = None,
) -> Listed:
    """What waits in the queue."""
    told = {"sender": sender, "recipient": recipient, "domain": domain, "lane": lane}
    return _list(request, "queue.list", told | {"older_than": older_than, "status": status}, limit, after)


@get("/api/v1/queue/{name:str}")
@in_thread
def queued(request: Asked, name: FromPath[str]) -> dict[str, Any]:
    """One message as the queue has it."""
    return shown(means(request), request.user, "queue.show", name)


@post("/api/v1/queue/{name:str}", status_code=200)
@in_thread
def act_queue(request: Asked, name: FromPath[str], data: JSONBody[Order]) -> Results:
    """hold, release, retry, requeue, bounce or delete."""
    return _act(request, QUEUE_ACTS, name, data, {})


@get("/api/v1/shunt")
@in_thread
def shunt(request: Asked, limit: Limit = LIMIT, after: After = None) -> Listed:
    """Messages on which Mailock failed."""
    return _list(request, "shunt.list", {}, limit, after)


@post("/api/v1/shunt/{name:str}", status_code=200)
@in_thread
def act_shunt(request: Asked, name: FromPath[str], data: JSONBody[Order]) -> Results:
    """retry or delete."""
    return _act(request, SHUNT_ACTS, name, data, {})


@get("/api/v1/quarantine")
@in_thread
def quarantine(
    request: Asked,
    sender: Text = "",
    recipient: Text = "",
    quarantine_class: Annotated[str, QueryParameter(name="class", max_length=64)] = "",
    older_than: Text = "",
    limit: Limit = LIMIT,
    after: After = None,
) -> Listed:
    """What is kept from its recipients."""
    told = {"sender": sender, "recipient": recipient, "quarantine_class": quarantine_class, "older_than": older_than}
    return _list(request, "quarantine.list", told, limit, after)


@get("/api/v1/quarantine/{name:str}")
@in_thread
def quarantined(request: Asked, name: FromPath[str]) -> dict[str, Any]:
    """One message in quarantine."""
    return shown(means(request), request.user, "quarantine.show", name)


@post("/api/v1/quarantine/{name:str}", status_code=200)
@in_thread
def act_quarantine(request: Asked, name: FromPath[str], data: JSONBody[Releasing]) -> Results:
    """release, delete, or report as wanted or unwanted. Malware is released by administrators only."""
    more: dict[str, object] = {"whole": data.whole, "to": data.to} if name == "release" else {}
    return _act(request, QUARANTINE_ACTS, name, data, more)


def _list(request: Asked, command: str, told: Mapping[str, str], limit: int, after: str | None) -> Listed:
    filter_ = {name: value for name, value in told.items() if value}
    answer = listed(means(request), request.user, command, filter_, limit=limit, after=after)
    return Listed(messages=answer["messages"], after=answer["after"])


def _act(request: Asked, acts: Mapping[str, Act], name: str, data: Order, more: Mapping[str, object]) -> Results:
    if name not in acts:
        raise NotThere(f"there is no act {name}: there are {', '.join(acts)}")
    results, _ = done(means(request), request.user, acts[name], data.ids, {"reason": data.reason, **more})
    return Results(results)


ROUTES: Final = [
    search,
    message,
    content,
    preview,
    queue,
    queued,
    act_queue,
    shunt,
    act_shunt,
    quarantine,
    quarantined,
    act_quarantine,
]

"""The queue, the quarantine and the shunt: lists, and what can be done to what is in them."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from mailock.console.acting import QUARANTINE_ACTS, QUEUE_ACTS, SHUNT_ACTS, Act, done, listed
from mailock.console.gate import inward
from mailock.console.means import NotThere
from mailock.console.pages.own import outcome
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.signing import Form, going
from mailock.console.threads import in_thread
from mailock.console.wording import link

PAGE: Final = 100
Word = Annotated[str, QueryParameter(max_length=320)]
FILTERS: Final = ("sender", "recipient", "domain", "lane", "older_than", "status", "quarantine_class")


@get("/queue", include_in_schema=False)
@in_thread
def queue(
    request: Asked,
    sender: Word = "",
    recipient: Word = "",
    domain: Word = "",
    lane: Word = "",
    older_than: Word = "",
    status: Word = "",
    after: Word = "",
    done_: Annotated[int, QueryParameter(name="done")] = 0,
) -> Response[str]:
    """What waits."""
    given = {
        "sender": sender,
        "recipient": recipient,
        "domain": domain,
        "lane": lane,
        "older_than": older_than,
        "status": status,
    }
    return _list(request, "queue", QUEUE_ACTS, given, after, done_)


@get("/quarantine", include_in_schema=False)
@in_thread
def quarantine(
    request: Asked,
    sender: Word = "",
    recipient: Word = "",
    quarantine_class: Annotated[str, QueryParameter(name="class", max_length=64)] = "",
    older_than: Word = "",
    after: Word = "",
    done_: Annotated[int, QueryParameter(name="done")] = 0,
) -> Response[str]:
    """What is kept from its recipients."""
    given = {
        "sender": sender,
        "recipient": recipient,
        "older_than": older_than,
        "quarantine_class": quarantine_class,
    }
    return _list(request, "quarantine", QUARANTINE_ACTS, given, after, done_)


@get("/shunt", include_in_schema=False)
@in_thread
def shunt(request: Asked, after: Word = "", done_: Annotated[int, QueryParameter(name="done")] = 0) -> Response[str]:
    """What Mailock failed on."""
    return _list(request, "shunt", SHUNT_ACTS, {}, after, done_)


@post("/queue/{act:str}", include_in_schema=False)
@in_thread
def act_queue(request: Asked, act: FromPath[str], data: Form) -> Response[Any]:
    """Does something to messages in the queue."""
    return _act(request, QUEUE_ACTS, act, data, "/queue")


@post("/quarantine/{act:str}", include_in_schema=False)
@in_thread
def act_quarantine(request: Asked, act: FromPath[str], data: Form) -> Response[Any]:
    """Does something to messages in quarantine."""
    return _act(request, QUARANTINE_ACTS, act, data, "/quarantine")


@post("/shunt/{act:str}", include_in_schema=False)
@in_thread
def act_shunt(request: Asked, act: FromPath[str], data: Form) -> Response[Any]:
    """Does something to shunted messages."""
    return _act(request, SHUNT_ACTS, act, data, "/shunt")


def _list(
    request: Asked, what: str, acts: Mapping[str, Act], given: Mapping[str, str], after: str, number: int
) -> Response[str]:
    told, visitor = means(request), request.user
    filter_ = {name: value for name, value in given.items() if value}
    found = listed(told, visitor, f"{what}.list", filter_, limit=PAGE, after=after or None)
    query = {"class" if name == "quarantine_class" else name: value for name, value in filter_.items()}
    onward = link(f"/{what}", **query, after=found["after"]) if found["after"] else ""
    return page(
        request,
        f"{what}.html",
        what=what,
        rows=found["messages"],
        given={name: given.get(name, "") for name in FILTERS},
        onward=onward,
        acts={name: act for name, act in acts.items() if act.right in visitor.rights},
        said=outcome(told, visitor, number),
    )


def _act(request: Asked, acts: Mapping[str, Act], name: str, data: Mapping[str, Any], back: str) -> Response[Any]:
    if name not in acts:
        raise NotThere(f"there is no act {name}: there are {', '.join(acts)}")
    ids = data.get("id", [])
    more: dict[str, object] = {"reason": str(data.get("reason", ""))[:500]}
    if name == "release" and data.get("whole"):
        more["whole"] = True
    if name == "release" and str(data.get("to", "")).strip():
        more["to"] = str(data["to"]).replace(",", " ").split()
    _, number = done(means(request), request.user, acts[name], [str(one) for one in _each(ids)], more)
    here = inward(str(data.get("back", back)))
    return going(f"{here}{'&' if '?' in here else '?'}done={number}")


def _each(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


ROUTES: Final = [queue, quarantine, shunt, act_queue, act_quarantine, act_shunt]

"""Messages: one search box, results while one types, and a page for each message."""

from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from mailock.console.acting import QUARANTINE_ACTS, QUEUE_ACTS, SHUNT_ACTS, Act, previewed, shown
from mailock.console.gate import HEADERS
from mailock.console.mailflow import Down
from mailock.console.means import Means, NotThere, Visitor
from mailock.console.pages.own import outcome
from mailock.console.pages.paper import Asked, means, page
from mailock.console.press import Order, pressed
from mailock.console.threads import in_thread
from mailock.console.tracking import Found, found, one, one_json
from mailock.core.lifecycle.query import BadQuery
from mailock.core.mail.status import Status
from mailock.ports.commands import Refused
from mailock.telemetry.search import TooSlow

PAGE: Final = 100
FORMS: Final = ("xlsx", "csv")
"""The kinds of files that messages are exported to."""
Text = Annotated[str, QueryParameter(name="q", max_length=1000)]
EXAMPLES: Final = (
    ("from:alice subject:invoice since:2d", "words are found by their beginnings"),
    ("status:quarantined", "several with more status:"),
    ("verdict:malicious since:7d", "what was found dangerous"),
    ("ip:192.0.2.1", "where it came from, also by its beginning"),
    ("status:deferred hop:mail.example", "what waits for a server"),
    ("size>10MB until:2026-11-01", "sizes and dates"),
)


@get("/messages", include_in_schema=False)
@in_thread
def messages(request: Asked, q: Text = "") -> Response[str]:
    """The search. A request of htmx gets the rows alone."""
    wrong, code = "", 200
    result = Found(records=[], limit=PAGE)
    try:
        result = found(means(request), request.user, q, limit=PAGE)
    except (BadQuery, TooSlow, OSError) as fault:
        wrong, code = str(fault), 200
    is_part = request.headers.get("hx-target") == "rows"
    return page(
        request,
        "rows.html" if is_part else "messages.html",
        code=code,
        q=q,
        rows=result.rows,
        limit=result.limit,
        gaps=result.gaps,
        wrong=wrong,
        examples=EXAMPLES,
        statuses=list(Status),
    )


@get("/messages/export/{form:str}", include_in_schema=False)
@in_thread
def export(request: Asked, form: FromPath[str], q: Text = "") -> Response[bytes]:
    """What a search found, as a file."""
    if form not in FORMS:
        raise NotThere(f"there is no export {form}: there are {', '.join(FORMS)}")
    told = means(request)
    rows = found(told, request.user, q, limit=1000).rows
    content, kind = pressed(Order(form=form, now=told.clock.now(), messages=rows))
    return Response(
        content=content,
        media_type=kind,
        headers={"content-disposition": f'attachment; filename="mailock-messages.{form}"'},
    )


@get("/messages/{name:str}", include_in_schema=False)
@in_thread
def message(request: Asked, name: FromPath[str], done: FromQuery[int] = 0) -> Response[str]:
    """All that is known of one message."""
    return _page(request, name, said=outcome(means(request), request.user, done))


@post("/messages/{name:str}/content", include_in_schema=False)
@in_thread
def content(request: Asked, name: FromPath[str]) -> Response[str]:
    """Its header as it came, for whom has that right. Who looked is written into its history."""
    told, visitor = means(request), request.user
    one(told, visitor, name)
    lines = shown(told, visitor, "queue.show", name, content=True)["header"]
    return _page(request, name, header_lines=lines)


@post("/messages/{name:str}/preview", include_in_schema=False)
@in_thread
def preview(request: Asked, name: FromPath[str]) -> Response[str]:
    """What it says, as text and re-encoded pictures. Who looked is written into its history."""
    told, visitor = means(request), request.user
    record, lines = one(told, visitor, name)
    seen = previewed(told, visitor, name)
    pictures = {picture["part"]: picture for picture in seen["pictures"]}
    placed = {block["part"] for passage in seen["passages"] for block in passage["blocks"]}
    answer = page(
        request,
        "preview.html",
        id=name,
        subject=one_json(record, lines)["subject"],
        seen=seen,
        pictures=pictures,
        others=[picture for part, picture in pictures.items() if part not in placed],
    )
    # Its pictures are PNG files that mailflow made of pixels; they stand in the page, and nowhere else.
    answer.headers["content-security-policy"] = HEADERS["content-security-policy"].replace(
        "img-src 'self'", "img-src 'self' data:"
    )
    return answer


def _page(request: Asked, name: str, *, said: str = "", header_lines: list[str] | None = None) -> Response[str]:
    told, visitor = means(request), request.user
    record, lines = one(told, visitor, name)
    facts = one_json(record, lines)
    stands, where = _where(told, visitor, str(facts["id"]))
    return page(
        request,
        "message.html",
        m=facts,
        lines=facts["timeline"],
        scan=facts["scan"],
        stands=stands,
        where=where,
        acts=_acts(visitor, where),
        header=header_lines,
        said=said,
    )


def _where(told: Means, visitor: Visitor, name: str) -> tuple[dict[str, Any] | None, str]:
    """What the queue knows of it now, and where it stands: queue, quarantine, shunt, or nowhere any more."""
    try:
        stands = shown(told, visitor, "queue.show", name)
    except (Refused, Down, ValueError, OSError, NotThere):
        return None, ""
    stages = {copy["stage"] for copy in stands["copies"]}
    if stands["stage"] == "shunted":
        return stands, "shunt"
    return stands, "quarantine" if "quarantined" in stages else "queue"


def _acts(visitor: Visitor, where: str) -> dict[str, Act]:
    """What this person may do with it there."""
    table = {"queue": QUEUE_ACTS, "quarantine": QUARANTINE_ACTS, "shunt": SHUNT_ACTS}.get(where, {})
    return {name: act for name, act in table.items() if act.right in visitor.rights}


ROUTES: Final = [messages, export, message, content, preview]

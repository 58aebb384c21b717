"""The verdict cache: what is remembered, looking for one content, and forgetting."""

from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter

from mailock.console import remembered
from mailock.console.pages.own import outcome
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.signing import Form, going
from mailock.console.threads import in_thread

PAGE: Final = 200
Word = Annotated[str, QueryParameter(max_length=80)]


@get("/cache", include_in_schema=False)
@in_thread
def cache(request: Asked, sha256: Word = "", engine: Word = "", done: FromQuery[int] = 0) -> Response[str]:
    """What scanners said of contents."""
    told, visitor = means(request), request.user
    found: dict[str, Any] = {"verdicts": [], "pin": None}
    wrong = ""
    try:
        found = remembered.found(told, visitor, sha256=sha256.strip(), engine=engine.strip(), limit=PAGE)
    except ValueError as fault:
        wrong = str(fault)
    return page(
        request,
        "cache.html",
        verdicts=found["verdicts"],
        pin=found["pin"],
        sha256=sha256,
        engine=engine,
        most=PAGE,
        wrong=wrong,
        said=outcome(told, visitor, done),
    )


@post("/cache/forget", include_in_schema=False)
@in_thread
def forget(request: Asked, data: Form) -> Response[Any]:
    """Forgets what was said of one content, by one engine, or everything."""
    digest = str(data.get("sha256", "")).strip()
    _, line = remembered.forget(
        means(request),
        request.user,
        sha256=[digest] if digest else [],
        engine=str(data.get("engine", "")).strip()[:80],
        everything=bool(data.get("all")),
    )
    return going(f"/cache?done={line}")


ROUTES: Final = [cache, forget]

"""The verdict cache, for programs."""

from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from mailock.console import remembered
from mailock.console.pages.paper import Asked, means
from mailock.console.threads import in_thread

Word = Annotated[str, QueryParameter(max_length=80)]
Digest = Annotated[str, msgspec.Meta(max_length=80)]


class Verdicts(msgspec.Struct):
    """What scanners said, the newest first. `pin`: what the policy says of the content that was asked for."""

    verdicts: list[dict[str, Any]]
    pin: dict[str, Any] | None


class Forgetting(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be forgotten; `all` has to be said where nothing else is."""

    sha256: Annotated[list[Digest], msgspec.Meta(max_length=500)] = []
    engine: Digest = ""
    all: bool = False


class Forgotten(msgspec.Struct):
    """How many answers were forgotten."""

    forgotten: int


@get("/api/v1/cache")
@in_thread
def cache(
    request: Asked,
    sha256: Word = "",
    engine: Word = "",
    limit: Annotated[int, QueryParameter(ge=1, le=remembered.MOST)] = 100,
) -> Verdicts:
    """What scanners said of contents, as far as it is remembered; of one content, with its pin."""
    found = remembered.found(means(request), request.user, sha256=sha256, engine=engine, limit=limit)
    return Verdicts(found["verdicts"], found["pin"])


@post("/api/v1/cache/forget", status_code=200)
@in_thread
def forget(request: Asked, data: JSONBody[Forgetting]) -> Forgotten:
    """Forgets answers, so that scanners are asked again. Pins are not touched."""
    count, _ = remembered.forget(
        means(request), request.user, sha256=data.sha256, engine=data.engine, everything=data.all
    )
    return Forgotten(count)


ROUTES: Final = [cache, forget]

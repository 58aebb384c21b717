"""The policy, for programs: what runs, checks, what-if, install, roll back."""

from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from mailock.console import policies
from mailock.console.pages.paper import Asked, means
from mailock.console.threads import in_thread
from mailock.operations.policy_answers import revision_table

Text = Annotated[str, msgspec.Meta(max_length=4 << 20)]
Note = Annotated[str, msgspec.Meta(max_length=500)]


class Draft(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A policy's text."""

    text: Text


class Trial(Draft, kw_only=True, forbid_unknown_fields=True):
    """A text, and on which mail it is tried."""

    since: Annotated[str, msgspec.Meta(max_length=64)] = "7d"
    limit: Annotated[int, msgspec.Meta(ge=1, le=policies.MOST_TRIED)] = policies.MOST_TRIED


class Install(Draft, kw_only=True, forbid_unknown_fields=True):
    """A text, and the revision that it was made from: another one that runs meanwhile refuses it."""

    base: Annotated[int, msgspec.Meta(ge=0)]
    note: Note = ""


class Rollback(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which revision is to run again."""

    revision: Annotated[int, msgspec.Meta(ge=1)]
    note: Note = ""


class Difference(msgspec.Struct):
    """A unified diff; empty where nothing differs."""

    difference: str


class History(msgspec.Struct):
    """Revisions, the newest first."""

    revisions: list[dict[str, Any]]


@get("/api/v1/policy")
@in_thread
def running(request: Asked) -> dict[str, Any]:
    """The policy that runs, with its text."""
    one = policies.running(means(request))
    return revision_table(one) | {"text": one.text}


@get("/api/v1/policy/history")
@in_thread
def history(request: Asked) -> History:
    """Who installed what, and when."""
    return History(policies.history(means(request)))


@get("/api/v1/policy/history/{number:int}")
@in_thread
def revision(request: Asked, number: FromPath[int]) -> dict[str, Any]:
    """One revision, with its text."""
    one = policies.revision(means(request), number)
    return revision_table(one) | {"text": one.text}


@post("/api/v1/policy/check", status_code=200)
@in_thread
def check(request: Asked, data: JSONBody[Draft]) -> dict[str, Any]:
    """All mistakes and warnings of a text, each with its line and the mend."""
    return policies.checked(data.text).table()


@post("/api/v1/policy/diff", status_code=200)
@in_thread
def diff(request: Asked, data: JSONBody[Draft]) -> Difference:
    """What leads from what runs to a text."""
    return Difference(policies.compared(means(request), data.text))


@post("/api/v1/policy/what-if", status_code=200)
@in_thread
def what_if(request: Asked, data: JSONBody[Trial]) -> dict[str, Any]:
    """What a text would have decided on the newest mail. Nothing is examined again."""
    found = policies.checked(data.text)
    if found.loaded is None:
        raise ValueError(f"the text has {len(found.mistakes)} mistakes: see /api/v1/policy/check")
    return policies.tried(means(request), found.loaded, since=data.since, limit=data.limit).table()


@post("/api/v1/policy/install", status_code=200)
@in_thread
def install(request: Asked, data: JSONBody[Install]) -> dict[str, Any]:
    """Installs a text. `outcome`: installed, unchanged, mistaken, overtaken or broken."""
    answer, _ = policies.install(means(request), request.user, data.text, data.base, data.note)
    return answer


@post("/api/v1/policy/rollback", status_code=200)
@in_thread
def rollback(request: Asked, data: JSONBody[Rollback]) -> dict[str, Any]:
    """Installs an old revision again, as a new one."""
    answer, _ = policies.roll_back(means(request), request.user, data.revision, data.note)
    return answer


ROUTES: Final = [running, history, revision, check, diff, what_if, install, rollback]

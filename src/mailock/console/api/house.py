"""Oneself, views, health, audit and people, for programs."""

from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from mailock.console.pages.house import examined
from mailock.console.pages.paper import Asked, means
from mailock.console.threads import in_thread
from mailock.ports.people import Person

Word = Annotated[str, QueryParameter(max_length=64)]


class Self(msgspec.Struct):
    """Who asks, and what he may do."""

    name: str
    role: str
    systems: list[str]
    rights: list[str]


class Directory(msgspec.Struct):
    """The directory by which people sign in. `trouble` is a sentence; empty where the last question was answered."""

    url: str
    trouble: str


class Health(msgspec.Struct):
    """What mailflow says of itself; null where it does not run. `directory`: null where there is none."""

    mailflow: dict[str, Any] | None
    directory: Directory | None


class Entries(msgspec.Struct):
    """Lines of the audit log, the newest first. `before` is what begins the next page."""

    entries: list[dict[str, Any]]


class Alerts(msgspec.Struct):
    """The latest alerts, the newest first."""

    alerts: list[dict[str, Any]]


class Everybody(msgspec.Struct):
    """The accounts of the console."""

    people: list[dict[str, Any]]


@get("/api/v1/me")
@in_thread
def me(request: Asked) -> Self:
    """Who asks, and what he may do with this key."""
    visitor = request.user
    rights = sorted(right.value for right in visitor.rights)
    return Self(visitor.person.name, visitor.person.role.value, list(visitor.person.systems), rights)


@get("/api/v1/health")
@in_thread
def health(request: Asked) -> Health:
    """What mailflow says of itself, and of its engines."""
    told = means(request)
    status, ldap = told.status(), told.ldap
    directory = None if ldap is None else Directory(ldap.url, ldap.trouble)
    return Health(None if status is None else dict(status), directory)


@post("/api/v1/health/doctor", status_code=200)
@in_thread
def doctor(request: Asked) -> dict[str, Any]:
    """Has mailflow look at everything on which mail hangs; that takes some seconds."""
    checks, ok = examined(means(request), request)
    return {"ok": ok, "checks": checks}


@get("/api/v1/alerts")
@in_thread
def alerts(request: Asked) -> Alerts:
    """The latest alerts since mailflow started."""
    return Alerts([dict(one) for one in means(request).alerts()])


@post("/api/v1/alerts/test", status_code=200)
@in_thread
def alert(request: Asked) -> dict[str, Any]:
    """Sends a test alert over every channel, and says how each did."""
    told, visitor = means(request), request.user
    answer, _ = told.act(visitor, "alert.test", "", lambda: told.ask(visitor, "alert.test", {}), lambda _: "sent")
    return {"sent": answer}


@get("/api/v1/audit")
@in_thread
def audit(
    request: Asked,
    person: Word = "",
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
    before: Annotated[int | None, QueryParameter(ge=1, le=1 << 62)] = None,
) -> Entries:
    """Who did what."""
    entries = means(request).people.entries(limit=limit, before=before, person=person)
    return Entries([{name: getattr(entry, name) for name in entry.__dataclass_fields__} for entry in entries])


@get("/api/v1/people")
@in_thread
def people(request: Asked) -> Everybody:
    """Everybody with an account."""
    return Everybody([person_table(one) for one in means(request).people.everybody()])


def person_table(person: Person) -> dict[str, Any]:
    """An account, as others read it."""
    return {
        "name": person.name,
        "role": person.role.value,
        "systems": list(person.systems),
        "reads_content": person.reads_content,
        "has_password": person.has_password,
        "has_totp": person.has_totp,
        "disabled": person.disabled,
        "created": person.created,
        "signed_in": person.signed_in,
    }


ROUTES: Final = [me, health, doctor, alert, alerts, audit, people]

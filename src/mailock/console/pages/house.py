"""The machine and its people: health, the audit log, accounts."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, cast

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter

from mailock.console.directory import look_at
from mailock.console.means import Means, NotThere
from mailock.console.pages.own import outcome
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.signing import Form, going
from mailock.console.threads import in_thread
from mailock.console.wording import link
from mailock.ports.people import MAY_READ, Person, Role
from mailock.storage.people import ONCE_SECONDS, check_name

LATEST_SECONDS: Final = 300.0
"""How long an alert stands on every page."""
LATEST: Final = 3

PAGE: Final = 100
LEVELS: Final = ("error", "warning", "ok")


@get("/health", include_in_schema=False)
@in_thread
def health(request: Asked, done: FromQuery[int] = 0) -> Response[str]:
    """What mailflow says of itself, and of its engines."""
    told = means(request)
    said = outcome(told, request.user, done)
    return _health(request, said=said)


@get("/alerts/latest", include_in_schema=False)
@in_thread
def latest(request: Asked) -> Response[str]:
    """What every page shows of the alerts of the last minutes."""
    told = means(request)
    since = datetime.fromtimestamp(told.clock.now() - LATEST_SECONDS, UTC).isoformat(timespec="seconds")
    return page(request, "alerts.html", alerts=[one for one in told.alerts() if str(one["at"]) >= since][:LATEST])


@post("/health/doctor", include_in_schema=False)
@in_thread
def doctor(request: Asked) -> Response[str]:
    """Has mailflow look at everything on which mail hangs; that takes some seconds."""
    told = means(request)
    checks, _ = examined(told, request)
    return _health(request, checks=checks)


@post("/health/alert", include_in_schema=False)
@in_thread
def alert(request: Asked) -> Response[Any]:
    """Sends a test alert over every channel."""
    told, visitor = means(request), request.user
    _, number = told.act(
        visitor, "alert.test", "", lambda: told.ask(visitor, "alert.test", {}), lambda answer: f"sent: {answer}"
    )
    return going(f"/health?done={number}")


@get("/audit", include_in_schema=False)
@in_thread
def audit(
    request: Asked,
    person: Annotated[str, QueryParameter(max_length=64)] = "",
    before: FromQuery[int] = 0,
) -> Response[str]:
    """Who did what, the newest first."""
    told = means(request)
    entries = told.people.entries(limit=PAGE, before=before or None, person=person)
    onward = link("/audit", person=person, before=entries[-1].number) if len(entries) == PAGE else ""
    return page(request, "audit.html", entries=entries, person=person, onward=onward)


@get("/people", include_in_schema=False)
@in_thread
def people(request: Asked, done: FromQuery[int] = 0) -> Response[str]:
    """Everybody with an account."""
    return _people(request, said=outcome(means(request), request.user, done))


@post("/people", include_in_schema=False)
@in_thread
def add(request: Asked, data: Form) -> Response[str]:
    """Makes an account, and shows the link by which its owner signs in the first time."""
    told, visitor = means(request), request.user
    person = _told(data, check_name(str(data.get("name", "")).strip()), told.clock.now())

    def make() -> str:
        told.people.add(person)
        return told.people.make_once(person.name, told.clock.now())

    secret, _ = told.act(visitor, "person.add", person.name, make, lambda _: f"made, as {person.role.value}")
    return _people(request, link_for=person.name, secret=secret)


@post("/people/change", include_in_schema=False)
@in_thread
def change(request: Asked, data: Form) -> Response[Any]:
    """Gives an account another role, or disables it."""
    told, visitor = means(request), request.user
    before = _known(told, str(data.get("name", "")))
    after = _told(data, before.name, before.created)
    if before.name == visitor.person.name and (after.disabled or after.role is not Role.ADMINISTRATOR):
        raise ValueError("you cannot take your own administration away: have somebody else do it")
    said = f"{after.role.value}{', disabled' if after.disabled else ''}"
    _, number = told.act(visitor, "person.change", after.name, lambda: told.people.change(after), lambda _: said)
    return going(f"/people?done={number}")


@post("/people/once", include_in_schema=False)
@in_thread
def once(request: Asked, data: Form) -> Response[str]:
    """Makes a one-time link for somebody, and removes a second factor where it was lost."""
    told, visitor = means(request), request.user
    person = _known(told, str(data.get("name", "")))

    def make() -> str:
        if data.get("totp"):
            told.people.set_totp(person.name, None)
            told.people.passkeys.remove_all(person.name)
        return told.people.make_once(person.name, told.clock.now())

    secret, _ = told.act(visitor, "person.link", person.name, make, lambda _: "a one-time link was made")
    return _people(request, link_for=person.name, secret=secret)


@post("/people/remove", include_in_schema=False)
@in_thread
def remove(request: Asked, data: Form) -> Response[Any]:
    """Removes an account; the audit log keeps what it did."""
    told, visitor = means(request), request.user
    person = _known(told, str(data.get("name", "")))
    if person.name == visitor.person.name:
        raise ValueError("you cannot remove yourself: have somebody else do it")
    _, number = told.act(
        visitor, "person.remove", person.name, lambda: told.people.remove(person.name), lambda _: "removed"
    )
    return going(f"/people?done={number}")


def examined(told: Means, request: Asked) -> tuple[list[dict[str, str]], bool]:
    """What the doctor finds, the worst first, and whether nothing is an error."""
    visitor = request.user
    answer, _ = told.act(
        visitor, "doctor", "", lambda: told.ask(visitor, "doctor", {}), lambda answer: "looked at everything"
    )
    table = cast("dict[str, Any]", answer)
    checks = cast("list[dict[str, str]]", table["checks"])
    checks += [] if told.ldap is None else [check.table() for check in look_at(told.ldap)]
    return sorted(checks, key=lambda check: LEVELS.index(check["level"])), bool(table["ok"])


def _people(request: Asked, *, said: str = "", link_for: str = "", secret: str = "") -> Response[str]:
    told = means(request)
    address = told.settings.url or f"{request.base_url.scheme}://{request.headers.get('host', '')}"
    return page(
        request,
        "people.html",
        people=told.people.everybody(),
        roles=list(Role),
        readers=MAY_READ,
        said=said,
        link_for=link_for,
        once_link=f"{address}/sign-in/once/{secret}" if secret else "",
        minutes=int(ONCE_SECONDS // 60),
    )


def _health(request: Asked, *, checks: list[dict[str, str]] | None = None, said: str = "") -> Response[str]:
    told = means(request)
    status, alerts = told.status(), told.alerts()
    return page(
        request,
        "health.html",
        status=status,
        alerts=alerts,
        ldap=told.ldap,
        oidc=told.oidc,
        checks=checks,
        said=said,
    )


def _known(told: Means, name: str) -> Person:
    found = told.people.person(name)
    if found is None:
        raise NotThere(f"there is no person {name}")
    return found


def _told(data: Any, name: str, created: float) -> Person:
    return Person(
        name=name,
        role=Role(str(data.get("role", ""))),
        systems=tuple(dict.fromkeys(str(data.get("systems", "")).replace(",", " ").split())),
        reads_content=bool(data.get("reads_content")),
        disabled=bool(data.get("disabled")),
        created=created,
    )


ROUTES: Final = [health, latest, doctor, alert, audit, people, add, change, once, remove]

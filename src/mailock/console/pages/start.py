"""The first-run guide: domain and next hop, the account, a test mail, and watching it arrive."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from mailock.console import policies
from mailock.console.beginning import ENDED, beginning, written
from mailock.console.means import NotThere
from mailock.console.pages.own import outcome
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.signing import Form, going
from mailock.console.threads import in_thread
from mailock.console.tracking import one
from mailock.core.mail.status import Status
from mailock.operations.track import record_json

FIELDS: Final = ("domain", "next_hop", "networks", "mail_to")
KEYS: Final = {"domain": "domain", "next_hop": "next_hop", "internal_networks": "networks", "mail_to": "mail_to"}
"""The settings that the fields become."""


@get("/start", include_in_schema=False)
@in_thread
def start(request: Asked, test: FromQuery[str] = "", done: FromQuery[int] = 0) -> Response[str]:
    """Where one stands."""
    return _page(request, test=test, said=outcome(means(request), request.user, done))


@post("/start", include_in_schema=False)
@in_thread
def wrote(request: Asked, data: Form) -> Response[Any]:
    """Writes the first rule into what runs, and installs it."""
    told, visitor = means(request), request.user
    given = {name: str(data.get(name, ""))[:2000] for name in FIELDS}
    current = policies.running(told)
    try:
        text = written(current.text, given)
    except ValueError as wrong:
        return _page(request, given=given, wrong=(str(wrong),))
    found = policies.checked(text)
    if found.mistakes:
        return _mistaken(request, given, found.mistakes)
    answer, line = policies.install(told, visitor, text, current.number, "by the guide")
    if answer["outcome"] in ("installed", "unchanged"):
        return going(f"/start?done={line}")
    if answer.get("mistakes"):
        return _mistaken(request, given, answer["mistakes"])
    return _page(request, given=given, wrong=(policies.sentence(answer),))


@post("/start/test", include_in_schema=False)
@in_thread
def tested(request: Asked, data: Form) -> Response[Any]:
    """Has mailflow send a test mail, and goes on to watch it."""
    told, visitor, to = means(request), request.user, str(data.get("to", "")).strip()[:320]
    answer, _ = told.act(
        visitor,
        "mail.test",
        to,
        lambda: cast("dict[str, Any]", told.ask(visitor, "mail.test", {"to": to})),
        lambda answer: f"sent as {answer['id']}",
    )
    return going(f"/start?test={answer['id']}#test")


@get("/start/watch/{name:str}", include_in_schema=False)
@in_thread
def watched(request: Asked, name: FromPath[str]) -> Response[str]:
    """How far a test mail has come. The page asks again until it has come to an end."""
    return page(request, "watch.html", name=name, mail=_mail(request, name))


def _mistaken(request: Asked, given: dict[str, str], mistakes: Sequence[Mapping[str, object]]) -> Response[str]:
    """The page again, with what is wrong beside each field; above all of them, what is of no field."""
    named = [(KEYS.get(str(one["key"]), ""), str(one["text"])) for one in mistakes]
    beside = {name: text for name, text in reversed(named) if name}
    return _page(request, given=given, wrong=tuple(text for name, text in named if not name), beside=beside)


def _page(
    request: Asked,
    *,
    test: str = "",
    said: str = "",
    given: dict[str, str] | None = None,
    wrong: tuple[str, ...] = (),
    beside: Mapping[str, str] | None = None,
) -> Response[str]:
    told, visitor = means(request), request.user
    stands = beginning(policies.running(told).text)
    return page(
        request,
        "start.html",
        code=400 if wrong or beside else 200,
        stands=stands,
        given=given or {name: getattr(stands, name) for name in FIELDS},
        person=told.people.person(visitor.person.name) or visitor.person,
        status=told.status(),
        name=test,
        mail=_mail(request, test) if test else None,
        said=said,
        wrong=wrong,
        beside=beside or {},
    )


def _mail(request: Asked, name: str) -> dict[str, Any] | None:
    """A message as the log has it; None while it is not there yet."""
    try:
        record, _ = one(means(request), request.user, name)
    except (NotThere, OSError):
        return None
    return record_json(record) | {"is_over": record.status in ENDED, "arrived": record.status is Status.DELIVERED}


ROUTES: Final = [start, wrote, tested, watched]

"""The policy: what runs, its history, a draft of one's own as text, and the settings as a form."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from mailock.console import policies
from mailock.console.form import beside, changed, sections_of
from mailock.console.means import Means, Visitor
from mailock.console.pages.own import outcome
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.signing import Form, going
from mailock.console.threads import in_thread

MOST: Final = 4 << 20


@get("/policy", include_in_schema=False)
@in_thread
def policy(request: Asked, done: FromQuery[int] = 0) -> Response[str]:
    """What runs."""
    told = means(request)
    return page(
        request,
        "policy.html",
        revision=policies.running(told),
        said=outcome(told, request.user, done),
        draft=told.people.draft(request.user.person.name),
    )


@get("/policy/history", include_in_schema=False)
@in_thread
def history(request: Asked) -> Response[str]:
    """Who installed what, and when."""
    told = means(request)
    return page(request, "history.html", revisions=policies.history(told), current=policies.running(told).number)


@get("/policy/history/{number:int}", include_in_schema=False)
@in_thread
def revision(request: Asked, number: FromPath[int]) -> Response[str]:
    """One revision, and what it changed."""
    told = means(request)
    one, current = policies.revision(told, number), policies.running(told)
    before = policies.revision(told, one.base) if one.base else None
    return page(
        request,
        "revision.html",
        revision=one,
        current=current.number,
        changes=policies.colours(policies.between(before, one)) if before is not None else (),
        since=policies.colours(policies.between(one, current)) if current.number != number else (),
    )


@get("/policy/draft", include_in_schema=False)
@in_thread
def draft(request: Asked) -> Response[str]:
    """The draft, as text."""
    base, text = _draft(means(request), request.user)
    return _editor(request, base, text)


@post("/policy/draft", include_in_schema=False)
@in_thread
def act(request: Asked, data: Form) -> Response[Any]:
    """Keeps the draft, and does what the button says: save, check, diff, try, install, drop."""
    told, visitor = means(request), request.user
    text = str(data.get("text", ""))[:MOST].replace("\r\n", "\n")
    base, what = int(str(data.get("base") or 0)), str(data.get("do", "check"))
    if what == "drop":
        told.people.drop_draft(visitor.person.name)
        return going("/policy")
    told.people.keep_draft(visitor.person.name, base, text, told.clock.now())
    if what == "take":
        # Whoever has seen what runs says so, and goes on from there.
        base = policies.running(told).number
        told.people.keep_draft(visitor.person.name, base, text, told.clock.now())
        return _editor(request, base, text, diff=policies.compared(told, text))
    found = policies.checked(text)
    if what == "install" and found.loaded is not None:
        return _install(request, base, text, str(data.get("note", ""))[:500])
    if what == "try" and found.loaded is not None:
        return _editor(request, base, text, found=found, tried=policies.tried(told, found.loaded))
    diff = policies.compared(told, text) if what == "diff" else None
    return _editor(request, base, text, found=found, diff=diff)


@get("/policy/settings", include_in_schema=False)
@in_thread
def settings(request: Asked, section: FromQuery[str] = "mta") -> Response[str]:
    """The settings of one section as a form, each with its documentation."""
    _, text = _draft(means(request), request.user)
    return _form(request, text, section, beside(policies.checked(text).mistakes, text, section))


@post("/policy/settings", include_in_schema=False)
@in_thread
def set_(request: Asked, data: Form) -> Response[Any]:
    """Writes what was changed into the draft, where it is checked and installed."""
    told, visitor = means(request), request.user
    base, text = _draft(told, visitor)
    section = str(data.get("section", ""))
    try:
        text = changed(text, section, data)
    except ValueError as wrong:
        return _form(request, text, section, {}, wrong=str(wrong))
    told.people.keep_draft(visitor.person.name, base, text, told.clock.now())
    found = policies.checked(text)
    here = beside(found.mistakes, text, section)
    if here:
        wrong_here = f"{len(here)} of these settings cannot be so: each says why. They stand in your draft."
        return _form(request, text, section, here, wrong=wrong_here)
    return _editor(request, base, text, found=found, diff=policies.compared(told, text))


@post("/policy/rollback", include_in_schema=False)
@in_thread
def rollback(request: Asked, data: Form) -> Response[Any]:
    """Installs an old revision again."""
    number, note = int(str(data.get("revision", "0"))), str(data.get("note", ""))[:500]
    _, line = policies.roll_back(means(request), request.user, number, note)
    return going(f"/policy?done={line}")


def _form(request: Asked, text: str, section: str, here: dict[str, str], *, wrong: str = "") -> Response[str]:
    """One section, with what is wrong beside each field."""
    code = 400 if wrong else 200
    shown = sections_of(text)
    return page(request, "settings.html", code=code, sections=shown, chosen=section, beside=here, wrong=wrong)


def _install(request: Asked, base: int, text: str, note: str) -> Response[Any]:
    told, visitor = means(request), request.user
    answer, line = policies.install(told, visitor, text, base, note)
    if answer["outcome"] in ("installed", "unchanged"):
        told.people.drop_draft(visitor.person.name)
        return going(f"/policy?done={line}")
    found = policies.Checked(
        loaded=None, mistakes=tuple(answer.get("mistakes", ())), warnings=tuple(answer.get("warnings", ()))
    )
    diff = answer.get("difference")
    wrong = policies.sentence(answer)
    return _editor(request, base, text, found=found, diff=diff, wrong=wrong, overtaken=answer["outcome"] == "overtaken")


def _editor(
    request: Asked,
    base: int,
    text: str,
    *,
    found: policies.Checked | None = None,
    diff: str | None = None,
    tried: policies.Tried | None = None,
    wrong: str = "",
    overtaken: bool = False,
) -> Response[str]:
    current = policies.running(means(request))
    return page(
        request,
        "draft.html",
        text=text,
        base=base,
        current=current.number,
        found=found,
        diff=None if diff is None else policies.colours(diff),
        tried=tried,
        wrong=wrong,
        overtaken=overtaken or base != current.number,
    )


def _draft(told: Means, visitor: Visitor) -> tuple[int, str]:
    """A person's draft with the revision that it was made from; without one, what runs."""
    kept = told.people.draft(visitor.person.name)
    if kept is not None:
        return kept[0], kept[1]
    current = policies.running(told)
    return current.number, current.text


ROUTES: Final = [policy, history, revision, draft, act, settings, set_, rollback]

"""Signing in and out, the files that pages are made of, and the first page.

A one-time link shows a button; only the button signs in, so that a program which follows links uses nothing up.
"""

from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, QueryParameter, URLEncodedBody

from mailock.console import policies
from mailock.console.admission import Second, admitted, second_factor
from mailock.console.beginning import beginning
from mailock.console.brake import Brake
from mailock.console.gate import COOKIE, inward, ip_of
from mailock.console.means import Means, NotThere
from mailock.console.pages.paper import NAVIGATION, Asked, assets, means, page
from mailock.console.pages.presenting import asked_for, door, here
from mailock.console.threads import in_thread
from mailock.ports.people import Right

Form = URLEncodedBody[dict[str, Any]]
WRONG: Final = "Name, password or code is not right."
NOT_HERE: Final = "This account asks for a passkey, which browsers show only at the console's own name and by https://."
USED_UP: Final = "This link was used, or is too old. Ask for another one."
YEAR: Final = 31_536_000
brake: Final = Brake()


@get("/static/{name:str}", include_in_schema=False, sync_to_thread=False)
def static(name: FromPath[str]) -> Response[bytes]:
    """A file of the pages. Its address changes with its content, so it may be kept."""
    if name not in assets():
        raise NotThere(f"there is no file {name}")
    content, kind = assets()[name]
    return Response(content=content, media_type=kind, headers={"cache-control": f"public, max-age={YEAR}, immutable"})


@get("/", include_in_schema=False)
@in_thread
def first(request: Asked) -> Response[Any]:
    """Sends to the first page that this person may see; whoever may install a policy that nobody touched, to the guide.

    Where the policy cannot be read, the guide has nothing to say; the page Policy tells why.
    """
    if request.user.may(Right.INSTALL_POLICY.value) and _is_untouched(means(request)):
        return going("/start")
    paths = [path for right, path, *_ in NAVIGATION if request.user.may(right)]
    return going(paths[0] if paths else "/me")


def _is_untouched(told: Means) -> bool:
    try:
        return beginning(policies.running(told).text).untouched
    except (OSError, ValueError):
        return False


@get("/sign-in", include_in_schema=False, sync_to_thread=False)
def sign_in(request: Asked, next_: Annotated[str, QueryParameter(name="next")] = "/") -> Response[Any]:
    """The form."""
    if request.scope.get("user") is not None:
        return going(inward(next_))
    return door(request, inward(next_))


@post("/sign-in", include_in_schema=False)
async def signed_in(request: Asked, data: Form) -> Response[Any]:
    """Checks name, password and code."""
    told, now, ip = means(request), means(request).clock.now(), ip_of(request)
    name, onward = str(data.get("name", "")).strip()[:64], inward(str(data.get("next", "/")))
    keys = (f"name {name.lower()}", f"ip {ip}")
    wait = brake.waits(keys, now)
    if wait:
        wrong = f"Too many wrong tries: wait {wait:.0f} seconds."
        return door(request, onward, name=name, wrong=wrong, code=429)
    # Counted before it is checked, so that many tries at once are not all free.
    brake.fail(keys, now)
    account = await admitted(told, name, str(data.get("password", ""))[:1024])
    second = Second.MISSING if account is None else second_factor(told, account.name, str(data.get("code", ""))[:16])
    if account is not None and second is Second.PASSKEY:
        party = here(request)
        if party is None:
            return door(request, onward, name=name, wrong=NOT_HERE, code=403)
        return asked_for(request, party, name=account.name, how=account.how, onward=onward)
    if account is None or second is Second.MISSING:
        told.people.write_down(at=now, person=name, ip=ip, act="sign_in", about="", outcome="refused")
        return door(request, onward, name=name, wrong=WRONG, code=403)
    for key in keys:
        brake.forgive(key)
    return begin(told, account.name, ip, onward, account.how)


@get("/sign-in/once/{secret:str}", include_in_schema=False, sync_to_thread=False)
def once(request: Asked, secret: FromPath[str]) -> Response[Any]:
    """The button. Nothing is used up by looking."""
    return page(request, "once.html", secret=secret, wrong="")


@post("/sign-in/once/{secret:str}", include_in_schema=False)
@in_thread
def signed_in_once(request: Asked, secret: FromPath[str]) -> Response[Any]:
    """Uses the link up."""
    told, now, ip = means(request), means(request).clock.now(), ip_of(request)
    name = told.people.take_once(secret, now)
    if name is None:
        return page(request, "once.html", code=403, secret=secret, wrong=USED_UP)
    return begin(told, name, ip, "/", "with a one-time link")


@post("/sign-out", include_in_schema=False)
@in_thread
def sign_out(request: Asked) -> Response[Any]:
    """Ends the session."""
    visitor = request.user
    told = means(request)
    told.people.sign_out(visitor.secret)
    told.people.write_down(
        at=told.clock.now(), person=visitor.person.name, ip=visitor.ip, act="sign_out", about="", outcome="done"
    )
    answer = going("/sign-in")
    answer.delete_cookie(COOKIE)
    return answer


def begin(told: Means, name: str, ip: str, onward: str, how: str) -> Response[Any]:
    """Begins a session, and goes on."""
    now, seconds = told.clock.now(), told.settings.session.seconds
    secret = told.people.sign_in(name, now, seconds)
    told.people.write_down(at=now, person=name, ip=ip, act="sign_in", about=how, outcome="done")
    answer = going(onward)
    answer.set_cookie(
        Cookie(
            key=COOKIE,
            value=secret,
            max_age=int(seconds),
            httponly=True,
            secure=(told.settings.url or "").startswith("https:"),
            samesite="lax",
            path="/",
        )
    )
    return answer


def going(path: str) -> Response[Any]:
    """See other."""
    return Response(content="", status_code=303, headers={"location": path}, media_type="text/plain")


ROUTES: Final = [static, first, sign_in, signed_in, once, signed_in_once, sign_out]

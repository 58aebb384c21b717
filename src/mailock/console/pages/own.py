"""One's own account: password, second factor, keys to the API."""

import asyncio
from typing import Any, Final

import pyotp
import segno
from litestar import Response, get, post
from litestar.params import FromQuery

from mailock.console.admission import hashing
from mailock.console.means import Means, NotAllowed, Visitor
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.presenting import here
from mailock.console.pages.signing import Form, begin, going
from mailock.console.threads import in_thread
from mailock.ports.people import Right, Source

DAY: Final = 86_400.0
LONGEST_TOKEN_DAYS: Final = 3660


@get("/me", include_in_schema=False)
@in_thread
def me(request: Asked, done: FromQuery[int] = 0) -> Response[str]:
    """The account."""
    visitor = by_browser(request.user)
    return _page(request, visitor, done=done)


@post("/me/password", include_in_schema=False)
async def password(request: Asked, data: Form) -> Response[Any]:
    """Sets another password. Who has one has to say it."""
    visitor, told = by_browser(request.user), means(request)
    person = visitor.person
    new = str(data.get("new", ""))[:1024]
    async with hashing:
        if person.has_password and not await asyncio.to_thread(
            told.people.check, person.name, str(data.get("old", ""))[:1024]
        ):
            raise NotAllowed("the present password is not right")
        await asyncio.to_thread(
            told.act,
            visitor,
            "password",
            person.name,
            lambda: told.people.set_password(person.name, new),
            lambda _: "set; all sessions ended",
        )
    return begin(told, person.name, visitor.ip, "/me", "after the password was set")


@post("/me/totp", include_in_schema=False)
@in_thread
def totp(request: Asked, data: Form) -> Response[Any]:
    """Begins to ask for a code at each sign-in, once the first code is right."""
    visitor, told = by_browser(request.user), means(request)
    name, secret = visitor.person.name, str(data.get("secret", ""))
    if visitor.person.source is Source.PROVIDER:
        raise NotAllowed("the provider asks for second factors: set them up there")
    if visitor.person.has_totp:
        raise NotAllowed("there is a second factor: remove it first")
    if not pyotp.TOTP(_sound(secret)).verify(str(data.get("code", "")).replace(" ", ""), valid_window=1):
        return _page(request, visitor, secret=secret, wrong="This code is not right: try the next one.", code=400)
    _, number = told.act(visitor, "totp", name, lambda: told.people.set_totp(name, secret), lambda _: "set")
    return going(f"/me?done={number}")


@post("/me/totp/remove", include_in_schema=False)
@in_thread
def no_totp(request: Asked, data: Form) -> Response[Any]:
    """Removes the second factor, for whoever has it at hand."""
    visitor, told = by_browser(request.user), means(request)
    name = visitor.person.name
    if not told.people.check_totp(name, str(data.get("code", ""))[:16], told.clock.now()):
        raise NotAllowed("the code is not right")
    _, number = told.act(visitor, "totp", name, lambda: told.people.set_totp(name, None), lambda _: "removed")
    return going(f"/me?done={number}")


@post("/me/tokens", include_in_schema=False)
@in_thread
def token(request: Asked, data: Form) -> Response[str]:
    """Makes a key to the API, and shows it this once."""
    visitor, told = by_browser(request.user), means(request)
    name, label = visitor.person.name, str(data.get("label", "")).strip()[:64]
    asked = data.get("scopes", [])
    scopes = {Right(one) for one in (asked if isinstance(asked, list) else [asked])} & visitor.rights
    days = int(str(data.get("days") or 90))
    if not label or not scopes or not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise ValueError(f"a key has a name, a right at least, and 1 to {LONGEST_TOKEN_DAYS} days")
    now = told.clock.now()
    secret, _ = told.act(
        visitor,
        "token.make",
        label,
        lambda: told.people.make_token(name, label, scopes, now, now + days * DAY),
        lambda _: f"made for {days} days: {', '.join(sorted(one.value for one in scopes))}",
    )
    return _page(request, visitor, made=secret)


@post("/me/tokens/remove", include_in_schema=False)
@in_thread
def no_token(request: Asked, data: Form) -> Response[Any]:
    """Removes a key."""
    visitor, told = by_browser(request.user), means(request)
    which = int(str(data.get("number", "0")))
    _, number = told.act(
        visitor,
        "token.remove",
        str(which),
        lambda: told.people.remove_token(visitor.person.name, which),
        lambda was: "removed" if was else "it was not there",
    )
    return going(f"/me?done={number}")


def _page(
    request: Asked,
    visitor: Visitor,
    *,
    done: int = 0,
    secret: str = "",
    wrong: str = "",
    made: str = "",
    code: int = 200,
) -> Response[str]:
    told: Means = means(request)
    name = visitor.person.name
    secret = secret or pyotp.random_base32()
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Mailock {told.hostname}")
    picture = segno.make(address, error="m").svg_inline(
        scale=4, border=2, svgclass="code", lineclass=None, omitsize=True
    )
    return page(
        request,
        "me.html",
        code=code,
        person=told.people.person(name) or visitor.person,
        tokens=told.people.tokens(name),
        passkeys=told.people.passkeys.of(name),
        party=here(request),
        rights=sorted(visitor.rights, key=lambda right: list(Right).index(right)),
        secret=secret,
        picture=picture,
        wrong=wrong,
        made=made,
        said=outcome(told, visitor, done),
    )


def outcome(told: Means, visitor: Visitor, number: int) -> str:
    """What came of the person's own act with this number in the audit log; nothing where there is none."""
    if number <= 0:
        return ""
    entries = told.people.entries(limit=1, before=number + 1, person=visitor.person.name)
    return entries[0].outcome if entries and entries[0].number == number else ""


def by_browser(visitor: Visitor) -> Visitor:
    """Somebody at a browser. Raises NotAllowed for a key to the API."""
    if visitor.token is not None:
        raise NotAllowed("sign in with a browser: a key does not change the account that it belongs to")
    return visitor


def _sound(secret: str) -> str:
    if len(secret) != len(pyotp.random_base32()) or not secret.isalnum() or not secret.isascii():
        raise ValueError("this is no secret of ours: load the page again")
    return secret


ROUTES: Final = [me, password, totp, no_totp, token, no_token]

"""The gate: who comes, whether he may pass, and what every answer carries.

A browser comes with a cookie, a program with `Authorization: Bearer TOKEN`. What a route needs stands in one table
(`rights`). Whoever comes with a cookie and wants to change something has to come from a page of ours (the browser says
so, in Origin and Sec-Fetch-Site) and to repeat the secret of his session, in a field of the form or in a header, which
no other site can read.
"""

import hmac
from typing import Any, Final
from urllib.parse import quote

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import Message, Scope

from mailock.console.means import Means, Visitor
from mailock.console.rights import PUBLIC, needed

COOKIE: Final = "mailock_session"
CSRF_FIELD: Final = "_csrf"
CSRF_HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY: Final = 5 << 20
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
Connection = ASGIConnection[Any, Any, Any, Any]


class Doorkeeper(AbstractAuthenticationMiddleware):
    """Finds out who comes. Nobody is turned away here: `may_pass` does that."""

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """The visitor, or None."""
        return AuthenticationResult(user=visitor_of(connection), auth=None)


def visitor_of(connection: Connection) -> Visitor | None:
    """Who comes, by token or cookie. Reads a row or two, which takes less than a switch of threads."""
    means: Means = connection.app.state.means
    now, ip = means.clock.now(), ip_of(connection)
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found = means.people.token(secret.strip(), now)
        if found is None:
            return None
        token, person = found
        return Visitor(person=person, rights=person.rights & frozenset(token.scopes), ip=ip, token=token)
    cookie = connection.cookies.get(COOKIE, "")
    session = means.people.session(cookie, now, means.settings.session_idle.seconds) if cookie else None
    if session is None:
        return None
    person = session.person
    return Visitor(person=person, rights=person.rights, ip=ip, csrf=session.csrf, secret=cookie)


def ip_of(connection: Connection) -> str:
    """The peer's address."""
    return connection.client.host if connection.client is not None else ""


async def may_pass(connection: Connection, handler: BaseRouteHandler) -> None:
    """Lets through whom the table allows. Raises NotAuthorized, PermissionDenied."""
    method = str(connection.scope.get("method", "GET"))
    right = needed(method, str(connection.scope.get("path_template", "")))
    visitor: Visitor | None = connection.user
    if method not in SAFE and (visitor is None or visitor.token is None):
        _same_origin(connection)
    if right is PUBLIC:
        return
    if visitor is None:
        raise NotAuthorizedException("sign in first")
    if right not in visitor.rights:
        raise PermissionDeniedException(f"{visitor.person.name} lacks the right to this ({right.value})")
    if method not in SAFE and visitor.token is None and not await _repeats(connection, visitor.csrf):
        raise PermissionDeniedException("this form is too old, or not from here: load the page again")


def sign_in_url(connection: Connection) -> str:
    """Where somebody signs in, to come back here."""
    path = connection.scope["path"]
    query = connection.scope["query_string"].decode("ascii", "replace")
    here = f"{path}?{query}" if query else path
    return f"/sign-in?next={quote(here, safe='')}" if here != "/" else "/sign-in"


def inward(path: str) -> str:
    """A path of ours that somebody may be sent to; the first page for anything else."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if is_ours else "/"


async def add_headers(message: Message, scope: Scope) -> None:
    """Gives every answer the headers that bind the browser."""
    if message["type"] != "http.response.start":
        return
    known = {name.lower() for name, _ in message["headers"]}
    more = dict(HEADERS) if b"cache-control" in known else HEADERS | {"cache-control": "no-store"}
    message["headers"] = [
        *message["headers"],
        *((name.encode(), value.encode()) for name, value in more.items() if name.encode() not in known),
    ]


def _same_origin(connection: Connection) -> None:
    """Raises PermissionDenied where the browser says that another site made it ask."""
    site = connection.headers.get("sec-fetch-site", "same-origin")
    origin = connection.headers.get("origin", "")
    means: Means = connection.app.state.means
    # A proxy may have changed Host: then [console] url says what browsers know us by.
    ours = [connection.headers.get("host", "")]
    if means.settings.url is not None:
        ours.append(means.settings.url.partition("://")[2])
    if site not in ("same-origin", "none") or (origin and origin.partition("://")[2] not in ours):
        raise PermissionDeniedException("another site sent this; it is not done")


async def _repeats(connection: Connection, csrf: str) -> bool:
    told = connection.headers.get(CSRF_HEADER, "")
    if not told and connection.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        # What is read here is kept beside the connection, so the handler finds it.
        form = await Request[Any, Any, Any](connection.scope, connection.receive).form()
        told = str(form.get(CSRF_FIELD, ""))
    return hmac.compare_digest(told.encode("utf-8", "replace"), csrf.encode())

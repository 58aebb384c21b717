"""What is answered where something went wrong: a sentence, as a page for people and as JSON for programs.

The same faults mean the same code everywhere. What nobody foresaw is written to the developer's log and told as such.
"""

import logging
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException, ValidationException
from litestar.types import ExceptionHandlersMap

from mailock.config.mistakes import Mistakes
from mailock.console.gate import sign_in_url
from mailock.console.mailflow import Down
from mailock.console.means import NotAllowed, NotThere
from mailock.console.pages.paper import Asked, page
from mailock.console.rights import NoRight
from mailock.core.lifecycle.query import BadQuery
from mailock.ports.commands import Refused
from mailock.storage.views import Overtaken
from mailock.telemetry.search import TooSlow

log = logging.getLogger(__name__)
CODES: Final[dict[type[Exception], int]] = {
    NotThere: 404,
    NotAllowed: 403,
    NoRight: 404,
    Refused: 409,
    Down: 503,
    TooSlow: 503,
    OSError: 503,
    KeyError: 404,
    BadQuery: 400,
    Mistakes: 400,
    Overtaken: 409,
    ValueError: 400,
}
"""The most particular kinds come first."""


def handlers() -> ExceptionHandlersMap:
    """What the application does with each kind."""
    return {HTTPException: answer, Exception: answer}


def answer(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """The answer to a fault."""
    code, text = told(fault)
    is_api = request.scope["path"].startswith("/api/")
    if code >= 500 and not isinstance(fault, (Down, TooSlow, OSError)):
        log.error("%s %s broke", request.method, request.scope["path"], exc_info=fault)
    if is_api:
        headers = {"www-authenticate": "Bearer"} if code == HTTPStatus.UNAUTHORIZED else {}
        return Response(content={"error": text}, status_code=code, headers=headers)
    if isinstance(fault, NotAuthorizedException):
        headers = {"location": sign_in_url(request)}
        if "hx-request" in request.headers:
            # A part of a page cannot be signed in to; the whole page goes there.
            return Response(content="", status_code=401, headers={"hx-redirect": "/sign-in"})
        return Response(content="", status_code=303, headers=headers)
    return page(_asked(request), "fault.html", code=code, status=code, phrase=_phrase(code), text=text)


def told(fault: Exception) -> tuple[int, str]:
    """The code and the sentence for a fault."""
    if isinstance(fault, ValidationException):
        return fault.status_code, _what_is_wrong(fault)
    if isinstance(fault, HTTPException):
        return fault.status_code, fault.detail or _phrase(fault.status_code)
    for kind, code in CODES.items():
        if isinstance(fault, kind):
            return code, str(fault.args[0]) if isinstance(fault, KeyError) and fault.args else str(fault)
    return 500, "this broke, and the developer's log says why; nothing was lost"


def _what_is_wrong(fault: ValidationException) -> str:
    """Which fields of a request cannot be, and why."""
    found = [
        f"{one.get('key', '')}: {one.get('message', '')}".strip(" :")
        for one in (fault.extra if isinstance(fault.extra, list) else ())
        if isinstance(one, dict)
    ]
    return "; ".join(found) or fault.detail or _phrase(fault.status_code)


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Fault"


def _asked(request: Request[Any, Any, Any]) -> Asked:
    return request

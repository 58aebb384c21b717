"""The pages. GET only ever shows: mail scanners follow every link before its reader does. POST acts.

There is no sign-in and no cookie: who comes has a signed link, which stands in the address of each page and in no other
place. Nothing here verifies it; mailflow does, for each request.
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from litestar import Litestar, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath

from mailock.portal.asking import Mailflow, Silent
from mailock.portal.languages import said
from mailock.portal.paper import ANYWHERE, HEADERS, Asked, assets, language_of, page
from mailock.ports.commands import Refused

LARGEST_BODY: Final = 16 * 1024
LONGEST_PASSWORD: Final = 256
NO_ADDRESS: Final = "That is no mail address: write one such as anna@example.com."
LINK_SENT: Final = "If anything is kept from {address}, a mail with a link is on its way there."
ACTS: Final = {
    "release": "It is on its way to you.",
    "request": "An administrator was asked, and decides.",
    "delete": "It is deleted.",
    "unlock": "It was opened and examined, and is on its way to you.",
    "wish": "That is noted.",
}
"""What can be done, and what is said of it afterwards."""
WISHES: Final = {"daily": "with every digest", "weekly": "once a week", "never": "never"}
_ADDRESS: Final = re.compile(r"[^\s<>\"@]{1,64}@[^\s<>\"@]{1,253}")
log = logging.getLogger(__name__)


@get("/")
async def first(request: Asked) -> Response[str]:
    """Who has no link is sent one."""
    return page(request, "first.html", wrong="")


@post("/link", status_code=200)
async def send_link(request: Asked) -> Response[str]:
    """Sends a link to an address; whoever asks learns nothing of what waits there."""
    address = (await _form(request)).get("address", "").strip()
    if not _ADDRESS.fullmatch(address):
        return page(request, "first.html", code=400, wrong=NO_ADDRESS)
    await _mailflow(request).ask("mailbox.link", address=address)
    text = said(LINK_SENT, language_of(request), address=address)
    return page(request, "said.html", title="Look into your mail", text=text, back="/")


@get("/quarantine/{token:str}")
async def quarantine(request: Asked, token: FromPath[str]) -> Response[str]:
    """What is kept from somebody."""
    mine = await _mailflow(request).ask("mailbox.open", token=token)
    done = ACTS.get(request.query_params.get("did", ""), "")
    return page(request, "quarantine.html", mine=mine, token=token, said=done, wishes=WISHES)


@get("/quarantine/{token:str}/{name:str}")
async def message(request: Asked, token: FromPath[str], name: FromPath[str]) -> Response[str]:
    """One message, and what can be done with it."""
    mine = await _mailflow(request).ask("mailbox.open", token=token)
    found = next((one for one in mine["messages"] if one["id"] == name), None)
    if found is None:
        text = "It was let go, deleted, or its time was over."
        return page(
            request, "said.html", code=404, title="This message is not kept any more", text=text, back=_list(token)
        )
    return page(request, "message.html", mine=mine, token=token, one=found)


@post("/quarantine/{token:str}/{name:str}")
async def act(request: Asked, token: FromPath[str], name: FromPath[str]) -> Response[str]:
    """Does something with one message."""
    given = await _form(request)
    wanted, password = given.get("act", ""), given.get("password", "")
    if wanted == "unlock" and 0 < len(password) <= LONGEST_PASSWORD:
        await _mailflow(request).ask("mailbox.unlock", token=token, id=name, password=password)
    elif wanted in ("release", "request", "delete"):
        await _mailflow(request).ask("mailbox.act", token=token, id=name, act=wanted)
    else:
        raise HTTPException(status_code=400, detail="There is nothing of that kind to do.")
    return _going(f"{_list(token)}?did={wanted}")


@post("/wish/{token:str}")
async def wish(request: Asked, token: FromPath[str]) -> Response[str]:
    """How often somebody wants to be told."""
    wanted = (await _form(request)).get("wish", "")
    if wanted not in WISHES:
        raise HTTPException(status_code=400, detail="There is nothing of that kind to wish.")
    await _mailflow(request).ask("mailbox.wish", token=token, wish=wanted)
    return _going(f"{_list(token)}?did=wish")


@get("/click/{token:str}")
async def click(request: Asked, token: FromPath[str]) -> Response[str]:
    """Where a link leads, and what is known of that now."""
    found = await _mailflow(request).ask("click.look", token=token)
    return page(request, "click.html", forms=ANYWHERE if found["opens"] else "'none'", token=token, found=found)


@post("/click/{token:str}")
async def follow(request: Asked, token: FromPath[str]) -> Response[str]:
    """Goes there, where nothing is against it at this moment."""
    found = await _mailflow(request).ask("click.open", token=token)
    return _going(_written(str(found["url"])))


@get("/static/{name:str}")
async def static(request: Asked, name: FromPath[str]) -> Response[bytes]:
    """A file that pages ask for."""
    if name not in assets():
        raise NotFoundException
    content, kind = assets()[name]
    headers = HEADERS | {"cache-control": "public, max-age=31536000, immutable"}
    return Response(content=content, media_type=kind, headers=headers)


def application(mailflow: Mailflow) -> Litestar:
    """The application."""
    return Litestar(
        route_handlers=[first, send_link, quarantine, message, act, wish, click, follow, static],
        exception_handlers={HTTPException: _fault, Exception: _fault},
        state=State({"mailflow": mailflow}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_BODY,
    )


def _fault(request: Asked, fault: Exception) -> Response[str]:
    """A sentence, whatever went wrong, and never a way on."""
    if isinstance(fault, Refused):
        return page(
            request,
            "said.html",
            code=403,
            title="This cannot be done",
            text=_refusal(str(fault), language_of(request)),
            back="",
        )
    if isinstance(fault, HTTPException):
        text = fault.detail if fault.status_code == HTTPStatus.BAD_REQUEST else HTTPStatus(fault.status_code).phrase
        return page(request, "said.html", code=fault.status_code, title="There is nothing here", text=text, back="")
    if not isinstance(fault, Silent):
        log.error("%s of a page broke", request.method, exc_info=fault)
    text = "The mail gateway does not answer at the moment. Nothing was lost: try again in a minute."
    return page(request, "said.html", code=503, title="Not now", text=text, back="")


def _refusal(text: str, language: str) -> str:
    """What mailflow refuses, as sentences, each in a language where it is translated."""
    sentences = f"{text[:1].upper()}{text[1:]}".removesuffix(".").split(". ")
    return " ".join(said(f"{one}.", language) for one in sentences)


def _going(where: str) -> Response[str]:
    return Response(content="", status_code=303, headers=HEADERS | {"location": where})


def _written(url: str) -> str:
    """A URL that can stand in a header: blanks, controls and what is not ASCII as browsers write it."""
    return "".join(each if "!" <= each <= "~" else quote(each, errors="replace") for each in url)


def _list(token: str) -> str:
    return f"/quarantine/{token}"


def _mailflow(request: Asked) -> Mailflow:
    found: Mailflow = request.app.state.mailflow
    return found


async def _form(request: Asked) -> Mapping[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}

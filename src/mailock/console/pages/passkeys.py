"""Passkeys: signing in by one, as the second factor or the only one, and those of one's own account."""

import asyncio
import logging
from typing import Any, Final

from litestar import Response, post

from mailock.console import passkeys
from mailock.console.admission import hashing
from mailock.console.gate import inward, ip_of
from mailock.console.means import NotAllowed, Visitor
from mailock.console.pages.own import by_browser
from mailock.console.pages.paper import Asked, means, page
from mailock.console.pages.presenting import SIGN_IN, asked_for, door, here, seals
from mailock.console.pages.signing import Form, begin, brake, going
from mailock.console.threads import in_thread
from mailock.ports.people import Source
from mailock.storage.passkeys import Passkey

log: Final = logging.getLogger(__name__)
MAKE: Final = "make a passkey"
WRONG: Final = "This passkey does not sign in here, or it took too long. Try again."
NO_PARTY: Final = "browsers use passkeys only at localhost, or by https:// and a name: set [console] url"


@post("/sign-in/passkey", include_in_schema=False)
@in_thread
def sign_in(request: Asked, data: Form) -> Response[Any]:
    """Asks for any passkey, without a name or a password."""
    return asked_for(request, _party(request), name="", how="", onward=inward(str(data.get("next", "/"))))


@post("/sign-in/passkey/shown", include_in_schema=False)
@in_thread
def shown(request: Asked, data: Form) -> Response[Any]:
    """Checks what was shown."""
    told, now, ip = means(request), means(request).clock.now(), ip_of(request)
    ticket = str(data.get("ticket", ""))
    said = seals(request).open(SIGN_IN, ticket, now)
    name, onward = (said["name"], said["next"]) if said is not None else ("", "/")
    keys = (f"name {name.lower()}", f"ip {ip}") if name else (f"ip {ip}",)
    wait = brake.waits(keys, now)
    if wait:
        return door(request, onward, wrong=f"Too many wrong tries: wait {wait:.0f} seconds.", code=429)
    brake.fail(keys, now)
    try:
        if said is None:
            raise passkeys.NotProven("its ticket is not ours, too old, or used up")
        passkey = _proven(request, ticket, str(data.get("credential", "")), name)
    except passkeys.NotProven as fault:
        log.warning("a passkey was refused (%s): %s", ip, fault)
        told.people.write_down(at=now, person=name, ip=ip, act="sign_in", about="by a passkey", outcome="refused")
        return door(request, onward, wrong=WRONG, code=403)
    how = f"{said['how']} and the passkey {passkey.name!r}" if name else f"by the passkey {passkey.name!r} alone"
    for key in (f"name {passkey.person.lower()}", f"ip {ip}"):
        brake.forgive(key)
    return begin(told, passkey.person, ip, onward, how)


@post("/me/passkeys/begin", include_in_schema=False)
async def start(request: Asked, data: Form) -> Response[Any]:
    """Asks the browser to make one, for whoever knows the account's password."""
    visitor, told = _owner(request), means(request)
    party, label = _party(request), str(data.get("label", "")).strip()[:64] or "Passkey"
    await _password(request, visitor, data)
    person = visitor.person
    handle = told.people.passkeys.handle(person.name)
    said = {"name": person.name, "label": label, "handle": handle.hex()}
    ticket = seals(request).seal(MAKE, said, told.clock.now())
    others = told.people.passkeys.of(person.name)
    return page(
        request,
        "passkey.html",
        ceremony="create",
        options=passkeys.making(party, ticket, person, handle, others),
        action="/me/passkeys",
        ticket=ticket,
        label=label,
        back="/me",
        what="Your browser asks where the passkey is to be kept: in this device, a telephone, or a security key.",
    )


@post("/me/passkeys", include_in_schema=False)
@in_thread
def add(request: Asked, data: Form) -> Response[Any]:
    """Registers the one that the browser made."""
    visitor, told, now = _owner(request), means(request), means(request).clock.now()
    name, ticket = visitor.person.name, str(data.get("ticket", ""))
    said = seals(request).open(MAKE, ticket, now)
    if said is None or said["name"] != name:
        raise ValueError("this took too long, or is not from here: begin again")
    try:
        credential, public, count = passkeys.made(_party(request), ticket, str(data.get("credential", "")))
    except passkeys.NotProven as fault:
        raise ValueError(f"the browser made no passkey that can be used: {fault}") from fault
    if not seals(request).use_up(ticket, now):
        raise ValueError("this was used already: begin again")
    kept, handle = told.people.passkeys, bytes.fromhex(said["handle"])
    _, number = told.act(
        visitor,
        "passkey.add",
        said["label"],
        lambda: kept.add(
            name, said["label"], handle=handle, credential=credential, public=public, count=count, now=now
        ),
        lambda _: "registered",
    )
    return going(f"/me?done={number}")


@post("/me/passkeys/remove", include_in_schema=False)
async def remove(request: Asked, data: Form) -> Response[Any]:
    """Removes one, for whoever knows the account's password."""
    visitor, told = _owner(request), means(request)
    name, which = visitor.person.name, int(str(data.get("number", "0")))
    mine = next((one for one in told.people.passkeys.of(name) if one.number == which), None)
    if mine is None:
        raise ValueError("there is no such passkey any more")
    await _password(request, visitor, data)
    _, number = await asyncio.to_thread(
        told.act,
        visitor,
        "passkey.remove",
        mine.name,
        lambda: told.people.passkeys.remove(name, which),
        lambda was: "it was not there" if was is None else "removed",
    )
    return going(f"/me?done={number}")


def _proven(request: Asked, ticket: str, shown: str, name: str) -> Passkey:
    """The passkey, if it may sign in; the ticket is used up then. Raises NotProven."""
    told, now = means(request), means(request).clock.now()
    passkey, count = passkeys.proven(_party(request), ticket, shown, told.people.passkeys, name=name)
    person = told.people.person(passkey.person)
    if person is None or person.disabled:
        raise passkeys.NotProven(f"the account {passkey.person} is disabled")
    if not name and not person.is_local:
        raise passkeys.NotProven(f"{passkey.person} signs in by the {person.source.name.lower()} first")
    if not seals(request).use_up(ticket, now):
        raise passkeys.NotProven("its ticket was used in the same moment")
    if not told.people.passkeys.use(passkey, count, now):
        raise passkeys.NotProven("it was used or removed in the same moment")
    return passkey


def _party(request: Asked) -> passkeys.Party:
    found = here(request)
    if found is None:
        raise ValueError(NO_PARTY)
    return found


def _owner(request: Asked) -> Visitor:
    visitor = by_browser(request.user)
    if visitor.person.source is Source.PROVIDER:
        raise NotAllowed("the provider asks for second factors: set them up there")
    return visitor


async def _password(request: Asked, visitor: Visitor, data: Any) -> None:
    """Raises NotAllowed. What keeps others out is not changed by whoever finds a browser open."""
    told, person = means(request), visitor.person
    if not person.has_password:
        return
    async with hashing:
        if not await asyncio.to_thread(told.people.check, person.name, str(data.get("password", ""))[:1024]):
            raise NotAllowed("the password is not right")


ROUTES: Final = [sign_in, shown, start, add, remove]

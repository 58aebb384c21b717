"""The page on which somebody signs in, and the one on which a browser is asked for a passkey."""

from litestar import Response

from mailock.console import passkeys
from mailock.console.pages.paper import Asked, means, page
from mailock.console.seals import Seals

SIGN_IN = "sign in by a passkey"
"""What such tickets are for."""


def seals(request: Asked) -> Seals:
    """What tickets of this process are sealed with."""
    found: Seals = request.app.state.seals
    return found


def here(request: Asked) -> passkeys.Party | None:
    """Whom passkeys are made for; None where browsers make none."""
    return passkeys.party(means(request).settings.url, request.headers.get("host", ""))


def door(request: Asked, onward: str, *, name: str = "", wrong: str = "", code: int = 200) -> Response[str]:
    """The form of signing in, with every way that there is."""
    provider = means(request).oidc
    return page(
        request,
        "sign_in.html",
        code=code,
        next=onward,
        name=name,
        wrong=wrong,
        passkeys=here(request) is not None,
        provider=provider.label if provider is not None else "",
    )


def asked_for(request: Asked, party: passkeys.Party, *, name: str, how: str, onward: str) -> Response[str]:
    """Asks for one of somebody's passkeys, as a second factor; without a name, for any as the only one."""
    told = means(request)
    ticket = seals(request).seal(SIGN_IN, {"name": name, "how": how, "next": onward}, told.clock.now())
    return page(
        request,
        "passkey.html",
        ceremony="get",
        options=passkeys.asking(party, ticket, told.people.passkeys.of(name) if name else ()),
        action="/sign-in/passkey/shown",
        ticket=ticket,
        label="",
        back="/sign-in",
        what="Show the passkey or security key of this account." if name else "Choose a passkey of yours.",
    )

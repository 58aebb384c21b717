"""Signing in by an OpenID provider: the browser is sent there, and comes back with a code.

What belongs to one round (state, nonce, verifier, where to go on) is in a cookie, sealed: it is of this browser, so
nobody can make another browser finish a round that he began, and holds five minutes.
"""

import asyncio
import hmac
import logging
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.params import QueryParameter

from mailock.console.admission import admitted_by_provider
from mailock.console.gate import inward, ip_of
from mailock.console.means import NotThere
from mailock.console.pages.paper import Asked, means
from mailock.console.pages.presenting import door, seals
from mailock.console.pages.signing import begin, brake, going
from mailock.console.seals import SECONDS
from mailock.net.oidc import NotBelieved, OidcProvider, ProviderDown

log: Final = logging.getLogger(__name__)
COOKIE: Final = "mailock_provider"
PATH: Final = "/sign-in/provider"
ROUND: Final = "sign in by the provider"
DOWN: Final = "The provider cannot be asked now. Local accounts still sign in."
WRONG: Final = "The provider did not sign you in here, or it took too long. Try again."
LONGEST: Final = 4096
"""Characters of what comes back, each."""


@get("/sign-in/provider", include_in_schema=False)
async def leave(request: Asked, next_: Annotated[str, QueryParameter(name="next")] = "/") -> Response[Any]:
    """Sends the browser to the provider."""
    told, onward = means(request), inward(next_)
    try:
        begun = await _provider(request).begin()
    except ProviderDown:
        return door(request, onward, wrong=DOWN, code=503)  # The log and the page Health say more.
    kept = {"state": begun.state, "nonce": begun.nonce, "verifier": begun.verifier, "next": onward}
    answer = going(begun.url)
    answer.set_cookie(
        Cookie(
            key=COOKIE,
            value=seals(request).seal(ROUND, kept, told.clock.now()),
            max_age=int(SECONDS),
            httponly=True,
            secure=(told.settings.url or "").startswith("https:"),
            samesite="lax",  # It comes back from another site.
            path=PATH,
        )
    )
    return answer


@get("/sign-in/provider/return", include_in_schema=False)
async def come_back(request: Asked) -> Response[Any]:
    """Signs in whom the provider sent back."""
    # Litestar keeps the name `state` to itself, so it is no parameter of this function.
    code, state, iss = (str(request.query_params.get(name, ""))[:LONGEST] for name in ("code", "state", "iss"))
    told, now, ip = means(request), means(request).clock.now(), ip_of(request)
    ticket = request.cookies.get(COOKIE, "")
    kept = seals(request).open(ROUND, ticket, now)
    onward, keys = kept["next"] if kept is not None else "/", (f"ip {ip}",)
    wait = brake.waits(keys, now)
    if wait:
        return door(request, onward, wrong=f"Too many wrong tries: wait {wait:.0f} seconds.", code=429)
    brake.fail(keys, now)
    try:
        if kept is None or not hmac.compare_digest(state.encode(), kept["state"].encode()):
            raise NotBelieved("it is no round of this browser's, or too old, or was finished")
        if not code or not seals(request).use_up(ticket, now):
            raise NotBelieved("there is no code, for the provider or its user refused")
        found = await _provider(request).finish(
            code=code, issuer=iss or None, nonce=kept["nonce"], verifier=kept["verifier"], now=now
        )
        account = await asyncio.to_thread(admitted_by_provider, told, found)
    except ProviderDown:
        return door(request, onward, wrong=DOWN, code=503)
    except NotBelieved as fault:
        log.warning("somebody who came from the provider was refused (%s): %s", ip, fault)
        account = None
    if account is None:
        told.people.write_down(at=now, person="", ip=ip, act="sign_in", about="by the provider", outcome="refused")
        return door(request, onward, wrong=WRONG, code=403)
    brake.forgive(keys[0])
    answer = begin(told, account.name, ip, onward, account.how)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _provider(request: Asked) -> OidcProvider:
    found = means(request).oidc
    if found is None:
        raise NotThere("nobody signs in by a provider here: [console.oidc] names none")
    return found


ROUTES: Final = [leave, come_back]

"""Signing in by an OpenID provider: what it says and signs holds, and nothing that only looks like it does."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwk
from litestar import Litestar
from litestar.testing import TestClient

from mailock.config.groups import GroupRole
from mailock.config.node import Console
from mailock.config.oidc import Oidc
from mailock.config.units import Duration, Secret
from mailock.console.app import application
from mailock.console.pages import provider as page
from mailock.console.pages import signing
from mailock.console.seals import SECONDS
from mailock.net.oidc import OidcProvider
from mailock.ports.people import Person, Role, Source
from tests.parts.desk import PASSWORD, Desk
from tests.parts.forgery import FORGERS, Forger
from tests.parts.ports import free_port
from tests.parts.provider import CLIENT, SECRET, Provider, User, provider, signed

ORIGIN = "https://console.example.test"
BACK = f"{ORIGIN}/sign-in/provider/return"
Client = TestClient[Litestar]


@pytest.fixture(autouse=True)
def _free_brake() -> None:
    signing.brake.__init__()  # type: ignore[misc]  # made new, in its place


@pytest.fixture
def server(console: Desk) -> Iterator[Provider]:
    """A provider whose clock is the console's."""
    with provider(console.clock.now) as running:
        yield running


@pytest.fixture
def settings(server: Provider) -> Oidc:
    """Settings that fit it."""
    return Oidc(
        issuer=server.issuer,
        client_id=CLIENT,
        client_secret=Secret("env:OIDC"),
        timeout=Duration(5),
        role=(
            GroupRole(group="administrators", role=Role.ADMINISTRATOR),
            GroupRole(group="operators", role=Role.OPERATOR, systems=("ours",)),
        ),
    )


def with_provider(console: Desk, settings: Oidc, secret: str = SECRET) -> Desk:
    """The same console, with a provider."""
    asked = OidcProvider(settings, {"OIDC": secret}, BACK)
    means = replace(console.means, settings=Console(url=ORIGIN), oidc=asked)
    return replace(console, app=application(means), means=means)


@pytest.fixture
def desk(console: Desk, settings: Oidc) -> Desk:
    """A console whose people sign in by the provider."""
    return with_provider(console, settings)


def browser(desk: Desk) -> Client:
    """One in which nobody is signed in at the console."""
    client = TestClient(desk.app, base_url=ORIGIN, raise_server_exceptions=False)
    client.follow_redirects = False
    return client


def leave(client: Client, onward: str = "/queue") -> str:
    """Goes to the provider; the address by which it sends back."""
    answer = client.get("/sign-in/provider", params={"next": onward})
    assert answer.status_code == 303, answer.text
    there = httpx.get(answer.headers["location"], trust_env=False)
    assert there.status_code == 302
    back: str = there.headers["location"]
    assert back.startswith(f"{BACK}?")
    return back


def come(client: Client, back: str) -> httpx.Response:
    """Comes back."""
    return client.get(back.removeprefix(ORIGIN))


def refused(desk: Desk, client: Client, answer: httpx.Response) -> bool:
    """Whether nobody was signed in, in the words that are always said, and it was written down."""
    entry = desk.means.people.entries(limit=1)[0]
    return (
        answer.status_code == 403
        and page.WRONG in answer.text
        and client.get("/queue").status_code == 303
        and (entry.act, entry.about, entry.outcome) == ("sign_in", "by the provider", "refused")
    )


def test_somebody_signs_in_with_the_role_of_his_group_and_goes_on(desk: Desk) -> None:
    with browser(desk) as client:
        assert "Single sign-on" in client.get("/sign-in").text
        answer = come(client, leave(client, "/queue?status=hold"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/queue?status=hold")
        assert client.get("/queue").status_code == 200
        assert "The provider asks for it" in client.get("/me").text
    anna = desk.means.people.person("anna")
    assert anna is not None
    assert (anna.role, anna.systems, anna.source) == (Role.OPERATOR, ("ours",), Source.PROVIDER)
    entry = desk.means.people.entries(limit=1)[0]
    assert (entry.person, entry.about, entry.outcome) == ("anna", "by the provider, as operator", "done")


def test_each_round_is_its_own(desk: Desk) -> None:
    with browser(desk) as client:
        asked = [dict(parse_qsl(urlsplit(_location(client)).query)) for _ in range(2)]
    assert {one["redirect_uri"] for one in asked} == {BACK}
    assert {one["tenant"] for one in asked} == {"1"}
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name]) >= 43


def _location(client: Client) -> str:
    answer = client.get("/sign-in/provider")
    cookie = answer.headers["set-cookie"].lower()
    for word in ("httponly", "secure", "samesite=lax", "path=/sign-in/provider"):
        assert word in cookie
    location: str = answer.headers["location"]
    return location


@pytest.mark.parametrize("forged", FORGERS)
def test_a_token_that_the_provider_did_not_sign_is_not_believed(desk: Desk, server: Provider, forged: Forger) -> None:
    server.forged = lambda claims: forged(claims, server)
    with browser(desk) as client:
        assert refused(desk, client, come(client, leave(client)))
    assert desk.means.people.everybody() == []


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"iss": "https://evil.test"},
        {"iss": None},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"nbf": 1 << 40},
        {"at_hash": "AAAA"},
    ],
)
def test_a_token_for_others_or_of_before_is_not_believed(desk: Desk, server: Provider, lies: dict[str, Any]) -> None:
    server.lies = lies
    with browser(desk) as client:
        assert refused(desk, client, come(client, leave(client)))
    assert desk.means.people.everybody() == []


def test_a_code_is_used_once_and_in_the_browser_that_began(desk: Desk, server: Provider) -> None:
    with browser(desk) as client, browser(desk) as victim:
        back = leave(client)
        kept = client.cookies[page.COOKIE]
        # Somebody is made to finish a round that another began: without the cookie, and with one of his own.
        assert refused(desk, victim, come(victim, back))
        leave(victim)
        assert refused(desk, victim, come(victim, back))
        assert server.asked.count("/token") == 0
        assert come(client, back).status_code == 303
        assert page.COOKIE not in client.cookies
        # The same address again, also with the cookie that was kept: it is not even asked for.
        victim.cookies.clear()
        assert refused(desk, victim, come(victim, back))
        victim.cookies.set(page.COOKIE, kept)
        assert refused(desk, victim, come(victim, back))
        assert server.asked.count("/token") == 1


def test_a_code_that_was_seen_is_worth_nothing_in_another_round(desk: Desk, server: Provider) -> None:
    with browser(desk) as client, browser(desk) as thief:
        seen = dict(parse_qsl(urlsplit(leave(client)).query))
        own = dict(parse_qsl(urlsplit(leave(thief)).query))
        assert refused(desk, thief, come(thief, f"{BACK}?{urlencode(own | {'code': seen['code']})}"))
        assert server.asked.count("/token") == 1, "PKCE is what refuses it"


@pytest.mark.parametrize(
    "change",
    [{"state": "guess"}, {"state": ""}, {"code": ""}, {"code": "guess"}, {"iss": "https://evil.test"}, {"iss": ""}],
)
def test_what_comes_back_changed_is_refused(desk: Desk, change: dict[str, str]) -> None:
    with browser(desk) as client:
        told = dict(parse_qsl(urlsplit(leave(client)).query)) | change
        assert refused(desk, client, come(client, f"{BACK}?{urlencode(told)}"))


def test_a_refusal_of_the_provider_is_told_in_our_words(desk: Desk) -> None:
    with browser(desk) as client:
        state = dict(parse_qsl(urlsplit(leave(client)).query))["state"]
        told = {"error": "access_denied", "error_description": "<b>call +1 555", "state": state}
        answer = come(client, f"{BACK}?{urlencode(told)}")
        assert "555" not in answer.text
        assert refused(desk, client, answer)


def test_a_round_ends_with_its_time(desk: Desk) -> None:
    with browser(desk) as client:
        back = leave(client)
        desk.clock.time += SECONDS + 1
        assert refused(desk, client, come(client, back))


@pytest.mark.parametrize("onward", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:x", "/a\n/b"])
def test_nobody_is_sent_elsewhere(desk: Desk, onward: str) -> None:
    with browser(desk) as client:
        answer = come(client, leave(client, onward))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        again = client.get(f"/sign-in/provider/return?{urlencode({'next': 'https://evil.test'})}")
        assert again.headers.get("location") is None


def test_the_role_is_taken_anew_and_who_has_none_is_signed_out(desk: Desk, server: Provider) -> None:
    people = desk.means.people
    with browser(desk) as client:
        assert come(client, leave(client)).status_code == 303
        server.user.claims["groups"] = ["administrators", "operators"]
        assert come(client, leave(client)).status_code == 303
        anna = people.person("anna")
        assert anna is not None
        assert (anna.role, anna.systems) == (Role.ADMINISTRATOR, ())
        server.user.claims["groups"] = ["staff"]
        assert refused(desk, client, come(client, leave(client)))


def test_a_name_that_passed_to_somebody_else_is_not_his_account(desk: Desk, server: Provider) -> None:
    with browser(desk) as client, browser(desk) as other:
        assert come(client, leave(client)).status_code == 303
        server.user = User("u-2", dict(server.user.claims))
        assert refused(desk, other, come(other, leave(other)))
        # Nor does his losing every group sign the first one out.
        server.user.claims["groups"] = []
        assert refused(desk, other, come(other, leave(other)))
        assert client.get("/queue").status_code == 200


def test_nobody_takes_the_name_of_a_local_or_directory_account_and_a_disabled_one_stays_out(
    desk: Desk, server: Provider
) -> None:
    people = desk.means.people
    desk.person("local", Role.HELP_DESK)
    assert people.admit(Person(name="dora", role=Role.OPERATOR, created=0.0, source=Source.DIRECTORY))
    with browser(desk) as client:
        for name in ("local", "dora", "LOCAL", "a/b"):
            server.user.claims["preferred_username"] = name
            assert refused(desk, client, come(client, leave(client)))
        server.user.claims["preferred_username"] = "anna"
        assert come(client, leave(client)).status_code == 303
        anna = people.person("anna")
        assert anna is not None
        people.change(replace(anna, disabled=True))
        assert refused(desk, client, come(client, leave(client)))


def test_such_an_account_has_no_other_way_in(desk: Desk) -> None:
    people = desk.means.people
    with browser(desk) as client:
        assert come(client, leave(client)).status_code == 303
    with pytest.raises(ValueError, match="by the provider alone"):
        people.set_password("anna", PASSWORD)
    with pytest.raises(ValueError, match="by the provider alone"):
        people.make_once("anna", desk.clock.now())
    with desk.browser("anna") as anna:
        assert anna.post("/me/totp", secret="x", code="1").status_code == 403
        assert anna.post("/me/passkeys/begin", label="x").status_code == 403


def test_what_is_not_in_the_token_is_asked_for_and_has_to_be_of_the_same_person(desk: Desk, server: Provider) -> None:
    server.tells_in_token = False
    with browser(desk) as client:
        assert come(client, leave(client)).status_code == 303
        assert "/userinfo" in server.asked
        client.post("/sign-out")
        server.told = {"sub": "u-2"}
        assert come(client, leave(client)).status_code == 403


def test_an_address_that_is_not_verified_names_nobody(console: Desk, settings: Oidc, server: Provider) -> None:
    desk = with_provider(console, replace(settings, name_claim="email"))
    with browser(desk) as client:
        server.user.claims["email_verified"] = False
        assert refused(desk, client, come(client, leave(client)))
        server.user.claims["email_verified"] = True
        assert come(client, leave(client)).status_code == 303
    assert desk.means.people.person("anna@example.test") is not None


def test_new_keys_of_the_provider_are_fetched(desk: Desk, server: Provider) -> None:
    with browser(desk) as client:
        assert come(client, leave(client)).status_code == 303
        server.key = jwk.RSAKey.generate_key(2048, {"kid": "three"})
        server.forged = lambda claims: signed(claims, server.key, kid="three")
        assert come(client, leave(client)).status_code == 303


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"issuer": "https://evil.test"}, "calls itself"),
        ({"token_endpoint": "http://evil.test/token"}, "no address that may be asked"),
        ({"jwks_uri": None}, "no address that may be asked"),
    ],
)
def test_a_provider_that_is_not_the_one_is_not_asked(
    desk: Desk, server: Provider, metadata: dict[str, Any], why: str
) -> None:
    server.metadata = metadata
    with browser(desk) as client:
        answer = client.get("/sign-in/provider")
        assert (answer.status_code, page.DOWN in answer.text) == (503, True)
    assert desk.means.oidc is not None
    assert why in desk.means.oidc.trouble
    assert server.asked == ["/.well-known/openid-configuration"]


def test_local_accounts_sign_in_while_the_provider_is_down(
    console: Desk, settings: Oidc, caplog: pytest.LogCaptureFixture
) -> None:
    desk = with_provider(console, replace(settings, issuer=f"http://127.0.0.1:{free_port()}"))
    desk.person("admin", Role.ADMINISTRATOR)
    desk.means.people.set_password("admin", PASSWORD)
    with browser(desk) as client:
        assert client.get("/sign-in/provider").status_code == 503
        assert client.get("/sign-in/provider").status_code == 503
        assert client.post("/sign-in", data={"name": "admin", "password": PASSWORD}).status_code == 303
        assert "cannot be asked who somebody is" in client.get("/health").text
    assert len([one for one in caplog.records if "cannot be asked" in one.message]) == 1


def test_a_wrong_secret_lets_nobody_in_and_is_told_to_nobody(
    console: Desk, settings: Oidc, caplog: pytest.LogCaptureFixture
) -> None:
    desk = with_provider(console, settings, secret="wrong words")
    with browser(desk) as client:
        assert refused(desk, client, come(client, leave(client)))
    assert "invalid_client" in caplog.text
    assert "wrong words" not in caplog.text


def test_without_a_provider_there_is_none(console: Desk) -> None:
    with browser(console) as client:
        assert "/sign-in/provider" not in client.get("/sign-in").text
        assert client.get("/sign-in/provider").status_code == 404
        assert client.get("/sign-in/provider/return").status_code in (403, 404)


def test_who_guesses_has_to_wait(desk: Desk) -> None:
    with browser(desk) as client:
        codes = [client.get("/sign-in/provider/return?code=x&state=x").status_code for _ in range(8)]
    assert codes == [403] * 6 + [429] * 2

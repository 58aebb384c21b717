"""Passkeys: who has one signs in by it, and nothing that was shown before, elsewhere, or by others signs anybody in."""

import json
import re
from dataclasses import replace
from html import unescape

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from mailock.config.node import Console
from mailock.console import passkeys
from mailock.console.app import application
from mailock.console.pages import signing
from mailock.console.seals import SECONDS, Seals
from mailock.ports.people import Person, Role, Source
from tests.parts.authenticator import PRESENT, Key
from tests.parts.desk import PASSWORD, Desk

ORIGIN = "https://console.example.test"


@pytest.fixture(autouse=True)
def _free_brake() -> None:
    signing.brake.__init__()  # type: ignore[misc]  # made new, in its place


@pytest.fixture
def desk(console: Desk) -> Desk:
    """A console that is reached by https, and anna with a password."""
    means = replace(console.means, settings=Console(url=ORIGIN))
    made = replace(console, app=application(means), means=means)
    made.person("anna", Role.OPERATOR)
    made.means.people.set_password("anna", PASSWORD)
    return made


def asked(page: str) -> tuple[dict[str, object], str]:
    """What a page has the browser do, and its ticket."""
    options = re.search(r'data-passkey="([^"]*)"', page)
    ticket = re.search(r'name="ticket" value="([^"]*)"', page)
    assert options is not None
    assert ticket is not None
    return json.loads(unescape(options[1])), ticket[1]


def registered(desk: Desk, name: str = "anna", password: str = PASSWORD) -> Key:
    """A passkey of somebody's, made on the page of the account."""
    key = Key(origin=ORIGIN)
    with desk.browser(name) as browser:
        page = browser.post("/me/passkeys/begin", label="stick", password=password)
        told, ticket = asked(page.text)
        answer = browser.post("/me/passkeys", ticket=ticket, credential=key.make(told))
        assert answer.status_code == 303, answer.text
        assert browser.post("/me/passkeys", ticket=ticket, credential=key.make(told)).status_code == 400
    return key


def outsider(desk: Desk) -> TestClient[Litestar]:
    """Nobody yet."""
    client = TestClient(desk.app, base_url=ORIGIN, raise_server_exceptions=False)
    client.follow_redirects = False
    return client


def by_password(client: TestClient[Litestar], name: str = "anna", **more: str) -> str:
    """The page that comes after the password."""
    return client.post("/sign-in", data={"name": name, "password": PASSWORD, "next": "/queue", **more}).text


def by_itself(client: TestClient[Litestar]) -> str:
    """The page that asks for any passkey."""
    return client.post("/sign-in/passkey", data={"next": "/queue"}).text


def show(client: TestClient[Litestar], ticket: str, credential: str) -> int:
    """Sends what was shown; the code, 303 where it signed in."""
    return client.post("/sign-in/passkey/shown", data={"ticket": ticket, "credential": credential}).status_code


def test_after_the_password_a_passkey_is_asked_for(desk: Desk) -> None:
    key = registered(desk)
    with outsider(desk) as client:
        told, ticket = asked(by_password(client))
        assert client.get("/queue").status_code == 303
        answer = client.post("/sign-in/passkey/shown", data={"ticket": ticket, "credential": key.show(told)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
        assert client.get("/queue").status_code == 200
    entry = desk.means.people.entries(limit=1)[0]
    assert (entry.person, entry.act) == ("anna", "sign_in")
    assert entry.about == "with a password and the passkey 'stick'"


def test_a_passkey_signs_in_alone(desk: Desk) -> None:
    key = registered(desk)
    with outsider(desk) as client:
        assert "Sign in with a passkey" in client.get("/sign-in").text
        told, ticket = asked(by_itself(client))
        assert not told["allowCredentials"]
        assert show(client, ticket, key.show(told)) == 303
    assert desk.means.people.entries(limit=1)[0].about == "by the passkey 'stick' alone"


def test_a_code_serves_in_place_of_the_passkey_only_where_there_is_one(desk: Desk) -> None:
    registered(desk)
    with outsider(desk) as client:
        assert "data-passkey" in by_password(client, code="123456")
        secret = pyotp.random_base32()
        desk.means.people.set_totp("anna", secret)
        assert "data-passkey" in by_password(client)
        assert signing.WRONG in by_password(client, code="000000")
        by_password(client, code=pyotp.TOTP(secret).at(int(desk.clock.time)))
        assert client.get("/queue").status_code == 200


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(
    "cheat",
    [
        {"origin": "https://evil.test"},
        {"origin": "http://console.example.test"},
        {"origin": f"{ORIGIN}:8443"},
        {"host": "evil.test"},
        {"challenge": "AAAA"},
        {"type": "webauthn.create"},
    ],
)
def test_what_was_shown_to_others_signs_nobody_in(desk: Desk, cheat: dict[str, str], alone: bool) -> None:
    key = registered(desk)
    with outsider(desk) as client:
        told, ticket = asked(by_itself(client) if alone else by_password(client))
        assert show(client, ticket, key.show(told, **cheat)) == 403
        assert client.get("/queue").status_code == 303
    assert desk.means.people.entries(limit=1)[0].outcome == "refused"


def test_what_was_shown_once_is_not_taken_twice(desk: Desk) -> None:
    key = registered(desk)
    with outsider(desk) as client:
        told, ticket = asked(by_itself(client))
        seen = key.show(told)
        assert [show(client, ticket, seen) for _ in range(2)] == [303, 403]
        # Also not by a device that counts on, or does not count at all.
        assert show(client, ticket, key.show(told)) == 403
        _, other = asked(by_itself(client))
        assert show(client, other, key.show(told)) == 403


def test_a_copy_of_a_key_is_found_by_its_counter(desk: Desk) -> None:
    key = registered(desk)
    copy = replace(key)
    with outsider(desk) as client:
        for one, code in ((key, 303), (key, 303), (copy, 403)):
            told, ticket = asked(by_itself(client))
            assert show(client, ticket, one.show(told)) == code


def test_a_ticket_ends_and_none_can_be_made(desk: Desk) -> None:
    key = registered(desk)
    with outsider(desk) as client:
        told, ticket = asked(by_itself(client))
        seen = key.show(told)
        for wrong in ("", "x", ticket[:-4], ticket.replace(".", "A."), Seals().seal("x", {}, desk.clock.time)):
            assert show(client, wrong, seen) == 403
            signing.brake.__init__()  # type: ignore[misc]  # made new, in its place
        desk.clock.time += SECONDS + 1
        assert show(client, ticket, seen) == 403


def test_nobody_signs_in_by_the_passkey_of_somebody_else(desk: Desk) -> None:
    desk.person("bob", Role.ADMINISTRATOR)
    desk.means.people.set_password("bob", PASSWORD)
    anna, bob = registered(desk), registered(desk, "bob")
    with outsider(desk) as client:
        told, ticket = asked(by_password(client, "bob"))
        assert show(client, ticket, anna.show(told)) == 403
        told, ticket = asked(by_itself(client))
        assert show(client, ticket, anna.show(told, handle=bob.handle)) == 403
        told, ticket = asked(by_itself(client))
        assert show(client, ticket, Key(origin=ORIGIN, identifier=bob.identifier).show(told, handle=bob.handle)) == 403
        assert client.get("/queue").status_code == 303


def test_alone_it_has_to_be_unlocked_by_its_owner(desk: Desk) -> None:
    key = registered(desk)
    key.flags = PRESENT
    with outsider(desk) as client:
        told, ticket = asked(by_itself(client))
        assert told["userVerification"] == "required"
        assert show(client, ticket, key.show(told)) == 403
        told, ticket = asked(by_password(client))
        assert show(client, ticket, key.show(told)) == 303


def test_a_disabled_account_stays_out(desk: Desk) -> None:
    key = registered(desk)
    anna = desk.means.people.person("anna")
    assert anna is not None
    desk.means.people.change(replace(anna, disabled=True))
    with outsider(desk) as client:
        told, ticket = asked(by_itself(client))
        assert show(client, ticket, key.show(told)) == 403


def test_somebody_of_a_directory_shows_it_only_after_the_password(desk: Desk) -> None:
    person = Person(name="dora", role=Role.OPERATOR, created=0.0, source=Source.DIRECTORY)
    assert desk.means.people.admit(person)
    key = registered(desk, "dora", password="")
    with outsider(desk) as client:
        told, ticket = asked(by_itself(client))
        assert show(client, ticket, key.show(told)) == 403


def test_who_tries_on_has_to_wait(desk: Desk) -> None:
    registered(desk)
    with outsider(desk) as client:
        codes = [show(client, "x", "{}") for _ in range(8)]
        assert codes == [403] * 6 + [429] * 2


def test_there_may_be_several_and_each_change_asks_for_the_password(desk: Desk) -> None:
    registered(desk)
    other = registered(desk)
    people = desk.means.people
    first, second = people.passkeys.of("anna")
    assert first.handle == second.handle
    with desk.browser("anna") as browser:
        page = browser.get("/me").text
        assert page.count("stick</bdi><br>") == 2
        assert browser.post("/me/passkeys/begin", label="x", password="wrong").status_code == 403
        told, ticket = asked(browser.post("/me/passkeys/begin", label="x", password=PASSWORD).text)
        assert len(told["excludeCredentials"]) == 2  # type: ignore[arg-type]  # a list, in JSON
        assert browser.post("/me/passkeys", ticket=ticket, credential=other.make(told)).status_code == 400
        assert browser.post("/me/passkeys/remove", number=first.number, password="wrong").status_code == 403
        assert browser.post("/me/passkeys/remove", number=first.number, password=PASSWORD).status_code == 303
        assert browser.post("/me/passkeys/remove", number=first.number, password=PASSWORD).status_code == 400
    assert [one.number for one in people.passkeys.of("anna")] == [second.number]
    acts = [(one.act, one.about, one.outcome) for one in people.entries(limit=10, person="anna")]
    assert acts.count(("passkey.add", "stick", "registered")) == 2
    assert ("passkey.remove", "stick", "removed") in acts


def test_a_lost_one_is_removed_with_a_new_link(desk: Desk) -> None:
    registered(desk)
    desk.person("admin", Role.ADMINISTRATOR)
    with desk.browser("admin") as browser:
        assert "password and passkey" in browser.get("/people").text
        assert browser.post("/people/once", name="anna", totp="1").status_code == 200
    assert desk.means.people.passkeys.of("anna") == []
    registered(desk)
    desk.means.people.remove("anna")
    assert desk.means.people.passkeys.of("anna") == []


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        (ORIGIN, "10.0.0.1:8080", ORIGIN),
        ("https://console.example.test:8443", "x", "https://console.example.test:8443"),
        (None, "localhost:8080", "http://localhost:8080"),
        (None, "127.0.0.1:8080", ""),
        (None, "[::1]:8080", ""),
        (None, "evil.test", ""),
        (None, "", ""),
        ("http://console.example.test", "localhost", ""),
        ("https://192.0.2.1", "x", ""),
    ],
)
def test_passkeys_are_for_the_name_of_the_console(url: str | None, host: str, origin: str) -> None:
    found = passkeys.party(url, host)
    assert (found.origin if found else "") == origin


def test_where_browsers_make_none_none_is_offered_and_nobody_slips_past_his_own(console: Desk, desk: Desk) -> None:
    registered(desk)
    with outsider(console) as client:
        assert "with a passkey" not in client.get("/sign-in").text
        assert client.post("/sign-in/passkey").status_code == 400
        assert signing.NOT_HERE in unescape(by_password(client))
        assert client.get("/queue").status_code == 303


@given(st.text(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_rubbish_proves_nothing(shown: str) -> None:
    here = passkeys.Party(host="console.example.test", origin=ORIGIN)
    with pytest.raises(passkeys.NotProven):
        passkeys.made(here, "ticket", shown)

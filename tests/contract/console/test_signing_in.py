"""Signing in: passwords, codes, one-time links, sessions; and that no other site can act for somebody."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import apsw
import pyotp
import pytest
from litestar.testing import TestClient

from mailock.config.node import Console
from mailock.console.gate import inward
from mailock.console.pages import signing
from mailock.ports.people import Right, Role, Source
from mailock.storage.people import FILE, People
from mailock.storage.person_tables import STEPS
from tests.parts.desk import PASSWORD, Desk


@pytest.fixture(autouse=True)
def _free_brake() -> None:
    """Tests come from one address: nobody of them waits for another's mistakes."""
    signing.brake.__init__()  # type: ignore[misc]  # made new, in its place


def sign_in(console: Desk, **fields: str) -> tuple[int, dict[str, str]]:
    """A try; code and headers."""
    with TestClient(console.app, raise_server_exceptions=False) as client:
        client.follow_redirects = False
        answer = client.post("/sign-in", data=fields)
        return answer.status_code, dict(answer.headers)


def test_a_password_signs_in_and_the_cookie_is_for_the_server_alone(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    console.means.people.set_password("anna", PASSWORD)
    code, headers = sign_in(console, name="Anna", password=PASSWORD, next="/queue?status=hold")
    assert (code, headers["location"]) == (303, "/queue?status=hold")
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert b"argon2id" in (console.means.data / "console.db-wal").read_bytes()
    assert PASSWORD.encode() not in (console.means.data / "console.db-wal").read_bytes()


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("anna", "")])
def test_a_wrong_one_is_refused_in_the_same_words(console: Desk, name: str, password: str) -> None:
    console.person("anna", Role.OPERATOR)
    console.means.people.set_password("anna", PASSWORD)
    assert sign_in(console, name=name, password=password)[0] == 403
    assert console.means.people.entries(limit=1)[0].outcome == "refused"


def test_who_guesses_has_to_wait_and_who_waits_gets_in(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    console.means.people.set_password("anna", PASSWORD)
    codes = [sign_in(console, name="anna", password=f"guess {number}")[0] for number in range(8)]
    assert codes == [403] * 6 + [429] * 2
    assert sign_in(console, name="anna", password=PASSWORD)[0] == 429
    console.clock.time += 5
    assert sign_in(console, name="anna", password=PASSWORD)[0] == 303


def test_a_code_is_asked_for_and_counts_once(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    console.means.people.set_password("anna", PASSWORD)
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(int(console.clock.time))
    console.means.people.set_totp("anna", secret)
    assert sign_in(console, name="anna", password=PASSWORD)[0] == 403
    assert sign_in(console, name="anna", password=PASSWORD, code="١٢٣٤٥٦")[0] == 403
    assert sign_in(console, name="anna", password=PASSWORD, code=code)[0] == 303
    assert sign_in(console, name="anna", password=PASSWORD, code=code)[0] == 403


def test_a_second_factor_is_set_up_with_its_first_code(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    secret = pyotp.random_base32()
    with console.browser("anna") as browser:
        assert "data-uri" not in browser.get("/me").text
        assert browser.post("/me/totp", secret=secret, code="000000").status_code == 400
        assert browser.post("/me/totp", secret=secret, code=pyotp.TOTP(secret).now()).status_code == 303
        person = console.means.people.person("anna")
        assert person is not None
        assert person.has_totp


def test_a_one_time_link_is_used_up_by_its_button_and_not_by_looking(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    path = f"/sign-in/once/{console.means.people.make_once('anna', console.clock.time)}"
    with TestClient(console.app) as client:
        client.follow_redirects = False
        assert [client.get(path).status_code for _ in range(3)] == [200] * 3
        assert client.post(path).status_code == 303
        assert client.get("/me").status_code == 200
        assert client.post(path).status_code == 403
    path = f"/sign-in/once/{console.means.people.make_once('anna', console.clock.time)}"
    console.clock.time += 3601
    with TestClient(console.app) as client:
        assert client.post(path).status_code == 403


def test_a_session_ends_by_hand_by_time_and_with_a_new_password(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    with console.browser("anna") as browser:
        assert browser.post("/sign-out").status_code == 303
        assert browser.get("/messages").status_code == 303
    with console.browser("anna") as browser:
        console.clock.time += 3599
        assert browser.get("/messages").status_code == 200
        console.clock.time += 3599
        assert browser.get("/messages").status_code == 303
    with console.browser("anna") as browser:
        console.means.people.set_password("anna", PASSWORD)
        assert browser.get("/messages").status_code == 303


def test_another_site_cannot_act_for_somebody(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        fields = {"name": "mallory", "role": "administrator"}
        assert browser.client.post("/people", data=fields).status_code == 403
        assert browser.client.post("/people", data=fields | {"_csrf": "guess"}).status_code == 403
        assert browser.client.post("/people", json=fields).status_code == 403
        for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
            right = fields | {"_csrf": browser.csrf}
            assert browser.client.post("/people", data=right, headers=headers).status_code == 403
        assert console.means.people.person("mallory") is None
        assert browser.post("/people", **fields).status_code == 200
        assert console.means.people.person("mallory") is not None


def test_a_proxy_may_change_the_host_where_the_settings_say_what_we_are_called(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    means = replace(console.means, settings=Console(url="https://console.example.test"))
    console.app.state.means = means
    with console.browser("anna") as browser:
        fields = {"name": "bob", "role": "user", "_csrf": browser.csrf}
        for origin, code in (("https://evil.test", 403), ("https://console.example.test", 200)):
            assert browser.client.post("/people", data=fields, headers={"origin": origin}).status_code == code
    code, headers = sign_in(console, name="nobody", password="x", next="/")
    assert code == 403
    assert "set-cookie" not in headers


def test_a_key_is_kept_as_its_hash_and_never_changes_its_owners_account(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        page = browser.post("/me/tokens", label="monitoring", scopes=["track"], days="30").text
        assert "mlk_" in page
        assert "mlk_" not in browser.get("/me").text
    with console.program("anna") as program:
        assert program.get("/api/v1/me").json()["role"] == "administrator"
        assert program.get("/me").status_code == 403
        assert program.post("/me/password", data={"new": PASSWORD}).status_code == 403
        program.headers["authorization"] = "Bearer mlk_guess"
        assert program.get("/api/v1/me").status_code == 401
    made = console.means.people.tokens("anna")[0]
    assert (made.name, made.scopes) == ("monitoring", (Right.TRACK,))


@pytest.mark.parametrize("path", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:x", "", "/a\n/b"])
def test_nobody_is_sent_elsewhere_after_signing_in(path: str) -> None:
    assert inward(path) == "/"


def test_every_answer_binds_the_browser(console: Desk) -> None:
    with TestClient(console.app, raise_server_exceptions=False) as client:
        for path in ("/sign-in", "/nowhere", "/api/v1/me", "/static/console.css"):
            headers = client.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
        assert client.get("/sign-in").headers["cache-control"] == "no-store"


def test_a_file_of_before_directories_keeps_its_people(tmp_path: Path) -> None:
    with closing(apsw.Connection(str(tmp_path / FILE))) as old:
        old.execute(STEPS[0])
        old.execute("INSERT INTO person(name, role, created) VALUES('anna', 'operator', 1.0)")
        old.pragma("user_version", 1)
    people = People(tmp_path)
    anna = people.person("anna")
    people.close()
    assert anna is not None
    assert (anna.role, anna.source, anna.has_passkey) == (Role.OPERATOR, Source.LOCAL, False)

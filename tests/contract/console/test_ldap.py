"""Signing in by a real directory: what it says holds, and nothing that is typed becomes more than a name."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from litestar.testing import TestClient

from mailock.config.groups import GroupRole
from mailock.config.ldap import Ldap
from mailock.config.units import Duration, Secret
from mailock.console.app import application
from mailock.console.directory import look_at
from mailock.console.pages import signing
from mailock.net.ldap import LdapDirectory, LdapDown
from mailock.operations.doctor import Level
from mailock.ports.people import Right, Role, Source
from tests.parts.certificates import Authority
from tests.parts.desk import PASSWORD, Desk
from tests.parts.ports import free_port
from tests.parts.programs import checked, program
from tests.parts.slapd import MANAGER, SECRET, SUFFIX, Slapd, slapd

ENVIRONMENT = {"LDAP": SECRET}
pytestmark = pytest.mark.serial


@pytest.fixture(autouse=True)
def _free_brake() -> None:
    signing.brake.__init__()  # type: ignore[misc]  # made new, in its place


@pytest.fixture(scope="module")
def server() -> Iterator[Slapd]:
    """One directory for all."""
    with slapd() as running:
        yield running


@pytest.fixture
def settings(server: Slapd) -> Ldap:
    """Settings that fit the directory."""
    return Ldap(
        url=server.url,
        authorities=str(server.authority.root),
        base=f"ou=people,{SUFFIX}",
        bind_dn=MANAGER,
        password=Secret("env:LDAP"),
        timeout=Duration(2),
        role=(
            GroupRole(group=f"cn=administrators,{SUFFIX}", role=Role.ADMINISTRATOR),
            GroupRole(group=f"cn=operators,{SUFFIX}", role=Role.OPERATOR, systems=("ours",)),
        ),
    )


def with_directory(console: Desk, settings: Ldap) -> Desk:
    """The same console, with a directory."""
    means = replace(console.means, ldap=LdapDirectory(settings, ENVIRONMENT))
    return replace(console, app=application(means), means=means)


def sign_in(console: Desk, name: str, password: str) -> tuple[int, str]:
    """A try; code and page."""
    with TestClient(console.app, raise_server_exceptions=False) as client:
        client.follow_redirects = False
        answer = client.post("/sign-in", data={"name": name, "password": password})
        return answer.status_code, answer.text


def test_the_role_comes_from_groups_at_each_sign_in(console: Desk, settings: Ldap, server: Slapd) -> None:
    desk = with_directory(console, settings)
    people = desk.means.people
    assert sign_in(desk, "ANNA", "anna's words")[0] == 303
    anna = people.person("anna")
    assert anna is not None
    assert (anna.name, anna.role, anna.systems, anna.source) == ("anna", Role.OPERATOR, ("ours",), Source.DIRECTORY)
    entry = people.entries(limit=1)[0]
    assert (entry.person, entry.about, entry.outcome) == ("anna", "by the directory, as operator", "done")
    server.join("anna", "administrators", leave="operators")
    try:
        assert sign_in(desk, "anna", "anna's words")[0] == 303
        anna = people.person("anna")
        assert anna is not None
        assert (anna.role, anna.systems) == (Role.ADMINISTRATOR, ())
    finally:
        server.join("anna", "operators", leave="administrators")


def test_who_left_all_groups_is_refused_and_signed_out(console: Desk, settings: Ldap, server: Slapd) -> None:
    desk = with_directory(console, settings)
    people = desk.means.people
    assert sign_in(desk, "anna", "anna's words")[0] == 303
    secret = people.sign_in("anna", desk.clock.now(), 3600)
    anna = f"member: uid=anna,ou=people,{SUFFIX}\n"
    server.change(f"dn: cn=operators,{SUFFIX}\nchangetype: modify\ndelete: member\n{anna}")
    try:
        assert sign_in(desk, "anna", "anna's words")[0] == 403
    finally:
        server.change(f"dn: cn=operators,{SUFFIX}\nchangetype: modify\nadd: member\n{anna}")
    assert people.session(secret, desk.clock.now(), 3600) is None


def test_who_belongs_to_no_group_gets_no_account(console: Desk, settings: Ldap) -> None:
    desk = with_directory(console, settings)
    assert sign_in(desk, "bob", "bob's words")[0] == 403
    assert desk.means.people.person("bob") is None


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("anna", "wrong"),
        ("anna", ""),
        ("", ""),
        ("nobody", "anna's words"),
        ("*", "anna's words"),
        ("ann*", "anna's words"),
        ("anna)(uid=*", "anna's words"),
        ("*)(|(uid=anna", "anna's words"),
        ("anna\0", "anna's words"),
        ("\\61nna", "anna's words"),
    ],
)
def test_what_is_wrong_is_refused_in_the_same_words(console: Desk, settings: Ldap, name: str, password: str) -> None:
    desk = with_directory(console, settings)
    code, page = sign_in(desk, name, password)
    assert code == 403
    assert signing.WRONG in page
    assert desk.means.people.everybody() == []
    assert desk.means.people.entries(limit=1)[0].outcome == "refused"
    assert desk.means.ldap is not None
    assert not desk.means.ldap.trouble


def test_a_name_that_looks_like_a_place_stays_a_name(settings: Ldap) -> None:
    directory = LdapDirectory(replace(settings, user_filter="(|(uid={name})(cn={name}))"), ENVIRONMENT)
    assert directory.check("{dn}", "anna's words") is None
    known = directory.check("anna", "anna's words")
    assert known is not None
    assert known.role is Role.OPERATOR


def test_tls_from_the_beginning_is_verified_too(settings: Ldap, server: Slapd, tmp_path: Path) -> None:
    tls = replace(settings, url=f"ldaps://localhost:{server.tls_port}")
    assert LdapDirectory(tls, ENVIRONMENT).check("anna", "anna's words") is not None
    stranger = replace(tls, authorities=str(Authority(tmp_path).root))
    with pytest.raises(LdapDown, match="CERTIFICATE_VERIFY_FAILED"):
        LdapDirectory(stranger, ENVIRONMENT).check("anna", "anna's words")


def test_the_second_factor_holds_for_them_too(console: Desk, settings: Ldap) -> None:
    desk = with_directory(console, settings)
    assert sign_in(desk, "anna", "anna's words")[0] == 303
    desk.means.people.set_totp("anna", pyotp.random_base32())
    assert sign_in(desk, "anna", "anna's words")[0] == 403


def test_two_that_fit_are_nobody(settings: Ldap, caplog: pytest.LogCaptureFixture) -> None:
    directory = LdapDirectory(replace(settings, user_filter="(sn={name})"), ENVIRONMENT)
    assert directory.check("Ahlgren", "anna's words") is not None
    assert [directory.check("Twin", f"{name}'s words") for name in ("bob", "carl")] == [None, None]
    assert "more than one entry" in caplog.text


def test_nobody_in_the_directory_takes_the_name_of_a_local_account(console: Desk, settings: Ldap) -> None:
    desk = with_directory(console, replace(settings, user_filter="(|(uid={name})(mail={name}))"))
    desk.person("local", Role.HELP_DESK)
    desk.means.people.set_password("local", PASSWORD)
    assert sign_in(desk, "local", "local's words")[0] == 403
    assert sign_in(desk, "local@example.test", "local's words")[0] == 403
    assert sign_in(desk, "anna@example.test", "anna's words")[0] == 303
    assert [one.name for one in desk.means.people.everybody()] == ["anna", "local"]
    assert sign_in(desk, "local", PASSWORD)[0] == 303


def test_a_disabled_account_stays_out_and_none_has_another_way_in(console: Desk, settings: Ldap) -> None:
    desk = with_directory(console, settings)
    people = desk.means.people
    assert sign_in(desk, "anna", "anna's words")[0] == 303
    with pytest.raises(ValueError, match="by the directory alone"):
        people.set_password("anna", PASSWORD)
    with pytest.raises(ValueError, match="by the directory alone"):
        people.make_once("anna", desk.clock.now())
    with pytest.raises(ValueError, match="by the directory alone"):
        people.make_token("anna", "key", [Right.OWN], desk.clock.now(), None)
    anna = people.person("anna")
    assert anna is not None
    people.change(replace(anna, disabled=True))
    assert sign_in(desk, "anna", "anna's words")[0] == 403


def test_guesses_have_to_wait(console: Desk, settings: Ldap) -> None:
    desk = with_directory(console, settings)
    codes = [sign_in(desk, "anna", f"guess {number}")[0] for number in range(7)]
    assert codes == [403] * 6 + [429]
    assert sign_in(desk, "anna", "anna's words")[0] == 429


def test_local_accounts_sign_in_while_the_directory_is_down(
    console: Desk, settings: Ldap, caplog: pytest.LogCaptureFixture
) -> None:
    desk = with_directory(console, replace(settings, url=f"ldap://localhost:{free_port()}"))
    desk.person("admin", Role.ADMINISTRATOR)
    desk.means.people.set_password("admin", PASSWORD)
    code, page = sign_in(desk, "anna", "anna's words")
    assert code == 403
    assert signing.WRONG in page
    assert "ldap" not in page
    assert sign_in(desk, "anna", "anna's words")[0] == 403
    told = [one.message for one in caplog.records if "cannot be asked" in one.message]
    assert len(told) == 1
    assert "anna's words" not in caplog.text
    assert SECRET not in caplog.text
    assert sign_in(desk, "admin", PASSWORD)[0] == 303
    with desk.browser("admin") as browser:
        assert "cannot be asked who somebody is" in browser.get("/health").text


def test_a_server_that_says_nothing_is_given_up(settings: Ldap) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ldap://127.0.0.1:{silent.getsockname()[1]}"
        directory = LdapDirectory(replace(settings, url=url, timeout=Duration(1)), ENVIRONMENT)
        begun = time.monotonic()
        with pytest.raises(LdapDown, match="timed out"):
            directory.check("anna", "anna's words")
    assert time.monotonic() - begun < 3


def test_pages_offer_them_nothing_that_they_cannot_have(console: Desk, settings: Ldap) -> None:
    desk = with_directory(console, settings)
    assert sign_in(desk, "anna", "anna's words")[0] == 303
    with desk.browser("anna") as browser:
        page = browser.get("/me").text
        assert "The directory checks it" in page
        assert "Make a key" not in page
        assert browser.post("/me/password", new=PASSWORD).status_code == 400
        assert browser.post("/me/tokens", label="key", scopes="own").status_code == 400
    desk.person("admin", Role.ADMINISTRATOR)
    with desk.browser("admin") as browser:
        assert "the directory" in browser.get("/people").text
        assert browser.post("/people/once", name="anna").status_code == 400


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("authority", "CERTIFICATE_VERIFY_FAILED"),
        ("name", "is not valid for"),
        ("secret", "is empty"),
        ("wrong secret", "invalidCredentials"),
        ("base", "noSuchObject"),
    ],
)
def test_what_is_set_wrongly_lets_nobody_in_and_says_why(
    settings: Ldap, server: Slapd, tmp_path: Path, change: str, why: str
) -> None:
    wrong = {
        "authority": replace(settings, authorities=str(Authority(tmp_path).root)),
        "name": replace(settings, url=f"ldap://127.0.0.1:{server.port}"),
        "base": replace(settings, base="dc=elsewhere,dc=test"),
    }.get(change, settings)
    secret = {"secret": "", "wrong secret": "guess"}.get(change, SECRET)
    directory = LdapDirectory(wrong, {"LDAP": secret})
    with pytest.raises(LdapDown, match=why):
        directory.check("anna", "anna's words")
    assert directory.trouble


def test_no_bind_is_made_without_a_password(settings: Ldap, server: Slapd) -> None:
    anna = f"uid=anna,ou=people,{SUFFIX}"
    command = program("ldapwhoami", package="ldap-utils")
    # This directory lets such a bind succeed; otherwise the line below would prove nothing.
    checked([command, "-x", "-H", f"ldap://127.0.0.1:{server.port}", "-D", anna, "-w", ""])
    directory = LdapDirectory(replace(settings, bind_dn=None, password=None), ENVIRONMENT)
    assert directory.check("anna", "") is None
    assert not directory.trouble
    assert directory.check("anna", "anna's words") is not None


def test_the_doctor_asks_it_and_names_groups_that_are_not_there(settings: Ldap) -> None:
    ldap = LdapDirectory(settings, ENVIRONMENT)
    assert ldap.probe() == ()
    (check,) = look_at(ldap)
    assert (check.level, check.area) == (Level.OK, "directory")
    gone = f"cn=nobody,{SUFFIX}"
    missing = replace(settings, role=(*settings.role, GroupRole(group=gone, role=Role.AUDITOR)))
    (check,) = look_at(LdapDirectory(missing, ENVIRONMENT))
    assert (check.level, gone in check.text) == (Level.WARNING, True)
    (check,) = look_at(LdapDirectory(settings, {"LDAP": "wrong"}))
    assert (check.level, "answers the bind" in check.text) == (Level.WARNING, True)
    (check,) = look_at(LdapDirectory(replace(settings, base="ou=nothing,dc=nowhere"), ENVIRONMENT))
    assert (check.level, "ou=nothing" in check.text) == (Level.WARNING, True)

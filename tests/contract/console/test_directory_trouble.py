"""A directory that does not answer: told by an alert, by the health, and by the doctor; never to who signs in."""

from dataclasses import replace
from pathlib import Path

import pytest
from litestar.testing import TestClient

from mailock.config.groups import GroupRole
from mailock.config.ldap import Ldap
from mailock.config.units import Duration
from mailock.console.app import application
from mailock.console.pages import signing
from mailock.net.ldap import LdapDirectory
from mailock.ports.people import Role
from mailock.processes.directory import look_at_directory
from tests.parts.desk import Desk
from tests.parts.ports import LOOPBACK, free_port


@pytest.fixture
def silent(console: Desk) -> Desk:
    """A console whose directory is not there."""
    signing.brake.__init__()  # type: ignore[misc]  # made new, in its place
    settings = Ldap(
        url=f"ldap://{LOOPBACK}:{free_port()}",
        base="dc=x",
        timeout=Duration(2),
        role=(GroupRole(group="cn=g,dc=x", role=Role.OPERATOR),),
    )
    means = replace(console.means, ldap=LdapDirectory(settings, {}))
    return replace(console, app=application(means), means=means)


def test_a_sign_in_raises_an_alert_and_says_nothing(silent: Desk) -> None:
    silent.person("root", Role.ADMINISTRATOR)
    with silent.program("root") as program:
        before = program.get("/api/v1/health").json()["directory"]
        assert (before["url"], before["trouble"]) == (silent.means.ldap.url if silent.means.ldap else "", "")
    with TestClient(silent.app) as stranger:
        answer = stranger.post("/sign-in", data={"name": "anna", "password": "anna's words"})
        assert (answer.status_code, "directory" in answer.text) == (403, False)
    ((arguments, speaker),) = [(told, who) for name, told, who in silent.orders if name == "alert.directory"]
    assert "cannot be asked who somebody is" in str(arguments["text"])
    assert str(arguments["url"]).startswith("ldap://")
    assert not speaker.is_administrator
    with silent.program("root") as program:
        assert "cannot be asked" in program.get("/api/v1/health").json()["directory"]["trouble"]
        checks = program.post("/api/v1/health/doctor").json()["checks"]
        (check,) = [one for one in checks if one["area"] == "directory"]
        assert (check["level"], "nobody of it can sign in" in check["text"]) == ("warning", True)


def test_without_mailflow_it_is_still_no_more_than_a_refusal(silent: Desk, caplog: pytest.LogCaptureFixture) -> None:
    (silent.means.data / "control.sock").unlink()
    with TestClient(silent.app) as stranger:
        assert stranger.post("/sign-in", data={"name": "anna", "password": "words"}).status_code == 403
    assert "no alert could be raised about the directory" in caplog.text


def test_the_command_line_looks_at_it_too(tmp_path: Path) -> None:
    config = tmp_path / "mailock.toml"
    config.write_text("[console]\n")
    assert look_at_directory(config) == []
    url = f"ldap://{LOOPBACK}:{free_port()}"
    role = '[[console.ldap.role]]\ngroup = "cn=g,dc=x"\nrole = "operator"\n'
    config.write_text(f'[console.ldap]\nurl = "{url}"\nbase = "dc=x"\n{role}')
    (check,) = look_at_directory(config)
    assert (check.area, url in check.text) == ("directory", True)
    config.write_text("[console.ldap]\nurl = 7\n")
    assert look_at_directory(config) == []

"""The settings of the provider: what is wrong is said with its mend, and what is left out stays off."""

import pytest

from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.ports.people import Role

WHOLE = """\
[console]
url = "https://console.example.com"
[console.oidc]
issuer = "https://login.example.com/realms/staff/"
client_id = "mailock"
client_secret = "file:/etc/mailock/oidc-secret"
[[console.oidc.role]]
group = "mail"
role = "operator"
"""


def test_a_whole_section_is_read() -> None:
    loaded = load(WHOLE)
    oidc = loaded.settings.console.oidc
    assert oidc.role[0].role is Role.OPERATOR
    assert oidc.issuer == "https://login.example.com/realms/staff/", "letter by letter"
    assert "oidc" not in loaded.policy_text
    assert not [one for one in loaded.warnings if "oidc" in str(one)]


def test_without_an_issuer_there_is_none() -> None:
    assert load("").settings.console.oidc.issuer is None


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8000", "http://localhost/x", "http://[::1]:80"])
def test_a_provider_on_this_machine_needs_no_tls(issuer: str) -> None:
    found = load(WHOLE.replace("https://login.example.com/realms/staff/", issuer))
    assert found.settings.console.oidc.issuer == issuer


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://login", "http://login", "is not a provider"),
        ("https://login.example.com", "https://", "is not a provider"),
        ("https://login", "https://me@login", "is not a provider"),
        ("staff/", "staff?x=1", "is not a provider"),
        ("staff/", "staff#x", "is not a provider"),
        ("login.example.com", "login.example.com:99999", "is not a provider"),
        ('client_id = "mailock"', "", "needs a client_id"),
        ("file:/etc/mailock/oidc-secret", "hunter2", "is not a reference to a secret"),
        ("client_id =", 'scopes = ["email"]\nclient_id =', 'without "openid"'),
        ("client_id =", 'authorities = "ca.pem"\nclient_id =', "is not a path from the root"),
        ("client_id =", 'timeout = "2m"\nclient_id =', "out of range"),
        ('role = "operator"', 'role = "boss"', "is not one of its values"),
        ('[[console.oidc.role]]\ngroup = "mail"\nrole = "operator"', "", "without groups"),
    ],
)
def test_a_mistake_is_told_with_its_mend(old: str, new: str, said: str) -> None:
    assert old in WHOLE
    with pytest.raises(Mistakes) as raised:
        load(WHOLE.replace(old, new))
    assert said in str(raised.value.mistakes[0])
    assert "hunter2" not in str(raised.value.mistakes)


def test_an_address_that_browsers_may_not_reach_is_warned_of() -> None:
    assert "write url in [console]" in str(load(WHOLE.replace('url = "https://console.example.com"', "")).warnings)

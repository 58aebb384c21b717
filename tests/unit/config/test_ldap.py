"""The settings of the directory: what is wrong is said with its mend, and what is left out stays off."""

import pytest

from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.ports.people import Role

WHOLE = """\
[console.ldap]
url = "ldap://ldap.example.com"
base = "ou=people,dc=example,dc=com"
bind_dn = "cn=mailock,dc=example,dc=com"
password = "file:/etc/mailock/ldap-password"
[[console.ldap.role]]
group = "cn=mail,dc=example,dc=com"
role = "operator"
"""


def test_a_whole_section_is_read() -> None:
    loaded = load(WHOLE)
    ldap = loaded.settings.console.ldap
    assert ldap.role[0].role is Role.OPERATOR
    assert ldap.starttls
    assert "clear text" not in str(loaded.warnings)
    assert "ldap" not in loaded.policy_text


def test_without_a_url_there_is_none() -> None:
    assert load("").settings.console.ldap.url is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ldap://ldap.example.com", "http://ldap.example.com", "is not a directory"),
        ("ldap://ldap.example.com", "ldap://ldap.example.com/dc=com", "is not a directory"),
        ("ldap://ldap.example.com", "ldap://:389", "is not a directory"),
        ("ldap://ldap.example.com", "ldap://a:99999", "is not a directory"),
        ('base = "ou=people,dc=example,dc=com"', "", "needs a base"),
        ('password = "file:/etc/mailock/ldap-password"', "", "belong together"),
        ("file:/etc/mailock/ldap-password", "hunter2", "is not a reference to a secret"),
        ("base =", 'user_filter = "(uid=anna)"\nbase =', "is not a filter with {name}"),
        ("base =", 'member_filter = "(member={dn}"\nbase =', "is not a filter with {dn} or {name}"),
        ("base =", 'authorities = "ca.pem"\nbase =', "is not a path from the root"),
        ("base =", 'timeout = "2m"\nbase =', "out of range"),
        ('role = "operator"', 'role = "boss"', "is not one of its values"),
        ('[[console.ldap.role]]\ngroup = "cn=mail,dc=example,dc=com"\nrole = "operator"', "", "without groups"),
    ],
)
def test_a_mistake_is_told_with_its_mend(old: str, new: str, said: str) -> None:
    assert old in WHOLE
    with pytest.raises(Mistakes) as raised:
        load(WHOLE.replace(old, new))
    assert said in str(raised.value.mistakes[0])
    assert "hunter2" not in str(raised.value.mistakes)


def test_clear_text_to_elsewhere_is_warned_of() -> None:
    clear = WHOLE.replace("base =", "starttls = false\nbase =")
    assert "clear text" in str(load(clear).warnings)
    assert "clear text" not in str(load(clear.replace("ldap.example.com", "localhost")).warnings)


def test_the_environment_cannot_reach_into_a_section_of_the_section() -> None:
    with pytest.raises(Mistakes, match="there is no such setting"):
        load(WHOLE, environment={"MAILOCK_CONSOLE__LDAP": "x"})

"""The settings of the directory that people of the console may sign in by, and what must hold between them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mailock.config.findings import Findings
from mailock.config.groups import GroupRole, absolute
from mailock.config.names import plain_name
from mailock.config.setting import setting
from mailock.config.units import Duration, Secret, shown


def ldap_url(text: str) -> str:
    """A server and its port (RFC 4516, without the parts behind them)."""
    try:
        found = urlsplit(text.strip())
        right = found.scheme in ("ldap", "ldaps") and found.hostname and found.port != 0 and not found.username
    except ValueError:
        right = False
    if not right or found.path not in ("", "/") or found.query or found.fragment:
        raise ValueError(f'{shown(text)} is not a directory: write "ldap://ldap.internal" or "ldaps://ldap.internal"')
    return text.strip().rstrip("/")


def user_filter(text: str) -> str:
    """A filter (RFC 4515) with a place for the name."""
    return _filter(text, ("{name}",), "(uid={name})")


def member_filter(text: str) -> str:
    """A filter (RFC 4515) with a place for the person."""
    return _filter(text, ("{dn}", "{name}"), "(member={dn})")


def _filter(text: str, places: tuple[str, ...], example: str) -> str:
    is_whole = text.startswith("(") and text.endswith(")") and text.count("(") == text.count(")")
    if not is_whole or not any(place in text for place in places):
        raise ValueError(f'{shown(text)} is not a filter with {" or ".join(places)} in it: write "{example}"')
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ldap:
    """The directory by which people sign in to the console besides local accounts; see [console](console.md)."""

    url: str | None = setting(
        None,
        "The server. With ldap:// the connection is encrypted by STARTTLS, with ldaps:// from its beginning; its "
        "certificate must be valid for this name.",
        parse=ldap_url,
        shown_default="only local accounts sign in",
        example='"ldap://ldap.example.com"',
    )
    starttls: bool = setting(
        True,
        "Whether ldap:// is encrypted. Without, passwords travel in clear text: only for a directory on this machine.",
    )
    authorities: str | None = setting(
        None,
        "A PEM file with the certificate authorities that the server is verified against.",
        parse=absolute,
        shown_default="those of the system",
        example='"/etc/mailock/ldap-ca.pem"',
    )
    base: str = setting("", "Beneath which entry people are looked for.", example='"ou=people,dc=example,dc=com"')
    bind_dn: str | None = setting(
        None,
        "Who looks for people and reads groups; without it, anonymously.",
        example='"cn=mailock,dc=example,dc=com"',
    )
    password: Secret | None = setting(
        None, "Where the password of `bind_dn` is kept.", example='"file:/etc/mailock/ldap-password"'
    )
    user_filter: str = setting("(uid={name})", "How a person is found; {name} is what was typed.", parse=user_filter)
    name_attribute: str = setting(
        "uid", "The attribute that names the account; in Active Directory, sAMAccountName.", parse=plain_name
    )
    member_filter: str = setting(
        "(|(member={dn})(uniqueMember={dn}))",
        "What the entry of a group fits where somebody belongs to it; {dn} is the person's entry, {name} the account.",
        parse=member_filter,
    )
    timeout: Duration = setting(Duration(5), "How long each answer of the server may take.")
    role: tuple[GroupRole, ...] = setting(())


def check_ldap(ldap: Ldap, findings: Findings) -> None:
    """Complains where settings of the directory do not fit each other."""
    here = ("console", "ldap")
    if ldap.url is None or not findings.is_sound(here):
        return
    url = urlsplit(ldap.url)
    if url.scheme == "ldap" and not ldap.starttls and url.hostname not in ("localhost", "127.0.0.1", "::1"):
        findings.warn((*here, "starttls"), "passwords travel in clear text: write starttls = true, or ldaps://")
    if not ldap.base:
        findings.complain((*here, "url"), 'needs a base too: write base = "ou=people,dc=example,dc=com"')
    if not ldap.role:
        findings.complain((*here, "url"), "lets nobody in without groups: write [[console.ldap.role]] with one")
    if (ldap.bind_dn is None) != (ldap.password is None):
        findings.complain((*here, "url"), "bind_dn and password belong together: write both, or neither")
    if not 1 <= ldap.timeout.seconds <= 60:
        findings.complain((*here, "timeout"), "is out of range: write a time from 1s to 60s")

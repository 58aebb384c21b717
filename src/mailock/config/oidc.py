"""The settings of the OpenID provider that people of the console may sign in by, and what must hold between them."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from mailock.config.findings import Findings
from mailock.config.groups import GroupRole, absolute
from mailock.config.setting import setting
from mailock.config.units import Duration, Secret, shown


def issuer(text: str) -> str:
    """Who the provider says it is (OpenID Connect Discovery, section 3), letter by letter."""
    if not is_safe(text) or urlsplit(text).query or urlsplit(text).fragment or not text.isprintable():
        raise ValueError(f'{shown(text)} is not a provider: write "https://login.example.com", as it calls itself')
    return text


def is_safe(url: str) -> bool:
    """Whether an address of the provider may be asked: by TLS, or on this machine."""
    try:
        found = urlsplit(url)
        host, _ = found.hostname or "", found.port
    except ValueError:
        return False
    return (
        bool(host) and not found.username and (found.scheme == "https" or (found.scheme == "http" and _is_here(host)))
    )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """The OpenID provider by which people sign in to the console besides local accounts; see [console](console.md)."""

    issuer: str | None = setting(
        None,
        "The provider, exactly as it calls itself; what else is to be known of it is read beneath this address.",
        parse=issuer,
        shown_default="nobody signs in by a provider",
        example='"https://login.example.com/realms/staff"',
    )
    client_id: str = setting("", "What the provider calls this console.", example='"mailock"')
    client_secret: Secret | None = setting(
        None,
        "Where the secret is kept that the provider gave; without it, codes are protected by PKCE alone.",
        example='"file:/etc/mailock/oidc-secret"',
    )
    label: str = setting("Single sign-on", "What stands on the button.")
    scopes: tuple[str, ...] = setting(
        ("openid", "profile", "email"), "What is asked for; some providers tell groups for a scope of their own only."
    )
    name_claim: str = setting(
        "preferred_username", "The claim that names the account; an `email` must not be one that is not verified."
    )
    groups_claim: str = setting("groups", "The claim that lists somebody's groups.")
    authorities: str | None = setting(
        None,
        "A PEM file with the certificate authorities that the provider is verified against.",
        parse=absolute,
        shown_default="those of the system",
        example='"/etc/mailock/oidc-ca.pem"',
    )
    timeout: Duration = setting(Duration(10), "How long each answer of the provider may take.")
    role: tuple[GroupRole, ...] = setting(())


def check_oidc(oidc: Oidc, url: str | None, findings: Findings) -> None:
    """Complains where settings of the provider do not fit each other, or the console's own address `url`."""
    here = ("console", "oidc")
    if oidc.issuer is None or not findings.is_sound(here):
        return
    if not oidc.client_id:
        findings.complain((*here, "issuer"), 'needs a client_id too: write client_id = "mailock", as registered there')
    if not oidc.role:
        findings.complain((*here, "issuer"), "lets nobody in without groups: write [[console.oidc.role]] with one")
    if "openid" not in oidc.scopes:
        findings.complain((*here, "scopes"), 'is no sign-in without "openid": write scopes = ["openid", "profile"]')
    if url is None:
        findings.warn((*here, "issuer"), "sends people back to the address of `listen`: write url in [console]")
    if not 1 <= oidc.timeout.seconds <= 60:
        findings.complain((*here, "timeout"), "is out of range: write a time from 1s to 60s")

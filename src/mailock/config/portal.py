"""The settings of the portal of this machine. What policy lets recipients do there is in `userside`."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mailock.config.findings import Findings
from mailock.config.names import Endpoint
from mailock.config.setting import setting
from mailock.config.units import shown


def _url(text: str) -> str:
    found = urlsplit(text)
    if found.scheme not in ("http", "https") or not found.hostname or found.path not in ("", "/") or found.query:
        raise ValueError(f"{shown(text)} is not the address of a portal: write https://mail.example.com")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """The pages for recipients of mail: their quarantine, and what a rewritten link leads to. They are a process of
    their own, made for the Internet. Changes take effect at the next start; see [portal](portal.md).
    """

    enabled: bool = setting(False, "Whether `mailock run` starts the portal.")
    listen: Endpoint = setting(Endpoint("127.0.0.1", 8081), "The address and port where the portal listens.")
    url: str | None = setting(
        None,
        "How browsers reach the portal, over a proxy that speaks TLS: links in mail begin with it. It is needed.",
        parse=_url,
        shown_default="the portal does not start",
        example='"https://mail.example.com"',
    )


def check_portal(portal: Portal, findings: Findings) -> None:
    """Adds what is wrong with the section as a whole."""
    if portal.enabled and portal.url is None and findings.is_sound(("portal",)):
        findings.complain(("portal", "enabled"), 'needs to know how browsers reach it: set url = "https://…"')

"""What policy lets recipients do: with what is kept from them, and with the links of their mail."""

from dataclasses import dataclass
from typing import Final

from mailock.config.askings import Span, pattern_text
from mailock.config.findings import Findings
from mailock.config.names import plain_name
from mailock.config.portal import Portal
from mailock.config.setting import setting
from mailock.config.units import Duration, shown
from mailock.core.policy.guarding import Guarding
from mailock.core.policy.installed import OwnQuarantine
from mailock.core.routing.pattern import read_pattern

_SHORTEST: Final = 3600
_LONGEST: Final = 366 * 86_400
_NEVER: Final = frozenset({"malware"})
"""Classes that only administrators let go."""


def _moment(text: str) -> str:
    moments(text)
    return text.strip().lower()


def moments(text: str) -> tuple[int, ...]:
    """When it is `07:00`, or `mo-fr 07:00`: seconds of the week, from Monday at 0:00. Raises ValueError."""
    try:
        return tuple(start for start, _ in Span.read(f"{text}-24:00").spans)
    except ValueError:
        raise ValueError(f'{shown(text)} is no time of a digest: write one such as "07:00" or "mo-fr 07:00"') from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Mail that tells recipients what is kept from them, with links to the portal. Nobody gets one without news."""

    enabled: bool = setting(False, "Whether digests are sent; they need [portal].")
    at: tuple[str, ...] = setting(
        ("mo-fr 07:00",),
        "When, by the clock of the gateway. Recipients may choose in the portal to have them once a week, or never.",
        parse=_moment,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """What recipients may do with mail that is kept from them, class by class; with other classes nothing, and they are
    not told of those. Without [portal] nobody can reach it.
    """

    release: tuple[str, ...] = setting(("spam",), "What they may let go themselves.", parse=plain_name)
    request: tuple[str, ...] = setting(
        ("phishing", "suspicious", "encrypted", "unscanned", "ambiguous", "policy"),
        "What they may ask an administrator to let go, who gets an alert.",
        parse=plain_name,
    )
    links: Duration = setting(Duration(7 * 86_400), "How long the links of a digest hold.")
    digest: Digest = setting(Digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickTime:
    """Links of incoming mail lead to the portal first, which looks them up again when somebody clicks."""

    enabled: bool = setting(False, "Whether links are rewritten; it needs [portal].")
    except_: tuple[str, ...] = setting(
        (), "Domains whose links stay as they are.", parse=pattern_text, example='["example.com", "*.example.com"]'
    )
    links: Duration = setting(Duration(30 * 86_400), "How long a rewritten link holds.")
    open_unchecked: bool = setting(
        True, "Whether a page may be opened, after a warning, that could not be looked up at that moment."
    )


def needs_portal(recipients: Recipients, click_time: ClickTime, portal: Portal, findings: Findings) -> None:
    """Adds what leads to pages that nobody serves. Only a file has both; `start` asks the same of a revision."""
    if portal.enabled:
        return
    mend = "which is off: set [portal] enabled = true with its url"
    if recipients.digest.enabled:
        findings.complain(
            ("quarantine", "recipients", "digest", "enabled"), f"links of digests lead to the portal, {mend}"
        )
    if click_time.enabled:
        findings.complain(("click_time", "enabled"), f"links would lead to the portal, {mend}")


def compile_recipients(settings: Recipients) -> OwnQuarantine:
    """What the operations act on."""
    digest = settings.digest
    when = {second for text in digest.at for second in moments(text)} if digest.enabled else set[int]()
    return OwnQuarantine(
        release=frozenset(settings.release),
        request=frozenset(settings.request),
        digest=tuple(sorted(when)),
        lifetime=settings.links.seconds,
    )


def compile_click_time(settings: ClickTime) -> Guarding | None:
    """Which links ask first."""
    if not settings.enabled:
        return None
    return Guarding(besides=tuple(map(read_pattern, settings.except_)), lifetime=settings.links.seconds)


def check_recipients(settings: Recipients, click_time: ClickTime, findings: Findings) -> None:
    """Adds what recipients may not be allowed, and links that end too soon, or after the keys that signed them."""
    here = ("quarantine", "recipients")
    for path, lasts in (((*here, "links"), settings.links), (("click_time", "links"), click_time.links)):
        if not _SHORTEST <= lasts.seconds <= _LONGEST and findings.is_sound(path):
            findings.complain(path, 'a link holds from an hour to a year: write one such as "7d"')
    for number, one in enumerate(settings.release if findings.is_sound((*here, "release")) else ()):
        if one in _NEVER:
            findings.complain((*here, "release", number), f"{one} is let go by administrators only: move it to request")
        if one in settings.request:
            findings.complain((*here, "release", number), f"{one} stands in request too: remove it from one of them")

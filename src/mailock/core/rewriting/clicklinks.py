"""Links that ask us before they lead on: what a rewritten link says, signed, and for how long it holds (DECISIONS 29).

Who makes a link for another URL, another recipient or a longer time needs the key. A link that does not hold shows a
text; it never leads anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.mail import signed
from mailock.core.mail.signed import Invalid, Key
from mailock.core.rewriting.edits import GuardLink, ReplaceLink

PURPOSE: Final = "click"
LONGEST_URL: Final = 2_048
"""Letters of a URL that is put into a token; a longer one is left as it is."""
_LEADS: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """What a token says."""

    url: str
    recipient: str
    system: str
    until: int
    """Unix time at which it ends, in whole seconds."""


def token(click: Click, keys: Sequence[Key]) -> str:
    """The token for a click, signed with the first key."""
    return signed.token(PURPOSE, click.until, (click.system, click.recipient, click.url), keys)


def read_token(untrusted: str, keys: Sequence[Key], now: float) -> Click | Invalid:
    """What a token says, where it holds."""
    said = signed.read_token(untrusted, PURPOSE, 3, keys, now)
    if isinstance(said, Invalid):
        return said
    system, recipient, url = said.words
    if not url.lower().startswith(_LEADS):
        return Invalid.ELSEWHERE
    return Click(url=url, recipient=recipient, system=system, until=said.until)


def may_be_rewritten(url: str) -> bool:
    """Whether a link leads to a page, and is short enough for a token."""
    return url.lower().startswith(_LEADS) and len(url) <= LONGEST_URL


def rewritten(link: GuardLink, click: Click, keys: Sequence[Key], page: str) -> ReplaceLink:
    """The order to have a link ask us first. `page`: where click pages are, `https://portal.example/click`."""
    return ReplaceLink(
        part=link.part,
        untrusted_raw=link.untrusted_raw,
        replacement=f"{page.rstrip('/')}/{token(click, keys)}",
        clickable=True,
    )

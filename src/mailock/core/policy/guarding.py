"""Links that ask us before they lead on (FEATURES 8): which mail gets them, and which links.

They are ordered for each recipient by itself, since a link says for whom it was made. What is let go from quarantine
gets them too. Nothing about where mail goes changes by them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import Final
from urllib.parse import urlsplit

from mailock.core.evidence.finding import Link, Shown
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.policy.case import Case, Party
from mailock.core.policy.decision import Decision
from mailock.core.rewriting.clicklinks import may_be_rewritten
from mailock.core.rewriting.edits import Edit, GuardLink, ReplaceLink
from mailock.core.routing.pattern import Pattern
from mailock.core.routing.rules import Table

MOST: Final = 200
"""Links of one message that are rewritten; what is over leads where it led."""
_GOES_ON: Final = frozenset({Disposition.DELIVER, Disposition.HOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarding:
    """What is looked up again when it is clicked."""

    besides: tuple[Pattern, ...] = ()
    """Domains whose links stay as they are."""
    lifetime: float = 30 * 86_400.0
    """Seconds for which a link holds."""


def with_guards(case: Case, decisions: tuple[Decision, ...], guarding: Guarding | None) -> tuple[Decision, ...]:
    """The decisions, with links that ask us first in incoming mail that goes on, now or when it is released."""
    if guarding is None or case.message.own is not None or not case.examination.links:
        return decisions
    links = tuple(_chosen(case.examination.links, guarding))
    return tuple(
        _guarded(decision, party, links) if _is_for(party, decision) else decision
        for party, decision in zip(case.parties, decisions, strict=True)
    )


def _is_for(party: Party, decision: Decision) -> bool:
    is_kept = decision.disposition is Disposition.QUARANTINE
    return (
        party.direction is Direction.INCOMING and not party.monitoring and (is_kept or decision.disposition in _GOES_ON)
    )


def _guarded(decision: Decision, party: Party, links: tuple[Link, ...]) -> Decision:
    goes_on = decision.disposition in _GOES_ON
    ordered = decision.edits if goes_on else decision.on_release
    gone = {(edit.part, edit.untrusted_raw) for edit in ordered if isinstance(edit, ReplaceLink)}
    guards: tuple[Edit, ...] = tuple(
        GuardLink(
            part=link.part,
            untrusted_raw=link.untrusted_raw,
            untrusted_url=link.untrusted_url,
            recipient=str(party.address),
        )
        for link in links
        if (link.part, link.untrusted_raw) not in gone
    )
    edits = (*ordered, *guards)
    return replace(decision, edits=edits) if goes_on else replace(decision, on_release=edits)


def _chosen(links: tuple[Link, ...], guarding: Guarding) -> Iterator[Link]:
    """Each place once. What is written so that nobody can click it stays so."""
    besides = Table()
    for number, pattern in enumerate(guarding.besides):
        besides.add(pattern, number)
    seen: set[tuple[str, str]] = set()
    for link in links:
        place = link.part, link.untrusted_raw
        if link.shown is Shown.INSIDE or place in seen or len(seen) == MOST:
            continue
        if may_be_rewritten(unescape(link.untrusted_raw).strip()) and may_be_rewritten(link.untrusted_url):
            host = _host(link.untrusted_url)
            if host and besides.breadth(Address("", host), "") is None:
                seen.add(place)
                yield link


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""

"""Conditions on circumstances: who sent it, to whom, whence, when, how large, and with which words."""

from dataclasses import dataclass, field

from mailock.core.mail.envelope import Direction
from mailock.core.policy.conditions.condition import View, takes
from mailock.core.routing.access import Sources
from mailock.core.routing.pattern import Pattern

_DAY = 86_400
_WEEK = 7 * _DAY
_THURSDAY = 3 * _DAY
"""The weekday on which Unix time began; weeks here begin on Monday."""


@dataclass(frozen=True, slots=True)
class Directed:
    """Which way the recipient's mail goes."""

    directions: frozenset[Direction]
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether it goes one of these ways."""
        return view.party.direction in self.directions


@dataclass(frozen=True, slots=True)
class InSystem:
    """Which virtual system the recipient belongs to."""

    systems: frozenset[str]
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether it is one of these."""
        return view.case.message.virtual_system in self.systems


@dataclass(frozen=True, slots=True)
class SentBy:
    """Who sent it, in the envelope or in the From field. Where the rule lets something through, only who is proven to
    have counts.
    """

    patterns: tuple[Pattern, ...]
    null: bool = False
    """Whether the null sender `<>` is meant too."""
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether one of the senders is meant."""
        senders = view.case.authenticated if view.must_be_proven else view.case.senders
        if any(takes(pattern, sender, view.separator) for pattern in self.patterns for sender in senders):
            return True
        return self.null and not view.must_be_proven and view.case.message.envelope.sender is None


@dataclass(frozen=True, slots=True)
class Proven:
    """Whether the sender is authenticated: aligned with the From field, or signed in."""

    wanted: bool
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether it is as wanted."""
        return bool(view.case.authenticated) is self.wanted


@dataclass(frozen=True, slots=True)
class SentTo:
    """Who the recipient is, by address or by a group of a directory."""

    patterns: tuple[Pattern, ...]
    groups: frozenset[str] = frozenset()
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether he is meant."""
        party = view.party
        if not self.groups.isdisjoint(party.groups):
            return True
        return any(takes(pattern, party.address, view.separator) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class CameFrom:
    """Where it came from: networks, objects, countries."""

    sources: Sources
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether the source is meant."""
        return self.sources.take(view.case.message.origin.ip, view.case.country)


@dataclass(frozen=True, slots=True)
class CameBy:
    """The listener that it came in by."""

    listeners: frozenset[str]
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether it is one of these."""
        return view.case.message.origin.listener in self.listeners


@dataclass(frozen=True, slots=True)
class Says:
    """Words in a header field that the log shows."""

    header: str
    """In lower case."""
    words: tuple[str, ...]
    """Case-folded; one of them is enough."""
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether the field, decoded, has one of the words anywhere."""
        text = view.case.headers.get(self.header, "").casefold()
        return any(word in text for word in self.words)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """How large the message is."""

    octets: int
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether it has that many octets."""
        return view.case.message.body.size >= self.octets


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of the week, by the gateway's clock: from second to second of the week, which begins on Monday at 0:00."""

    spans: tuple[tuple[int, int], ...]
    on_evidence: bool = field(default=False, init=False)

    def holds(self, view: View) -> bool:
        """Whether it is such a time now."""
        second = int(view.case.now + view.case.offset + _THURSDAY) % _WEEK
        return any(start <= second < end for start, end in self.spans)

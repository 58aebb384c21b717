"""The shape of a condition, and what it is asked about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mailock.core.mail.address import Address
from mailock.core.policy.case import Case, Party
from mailock.core.routing.pattern import Breadth, Pattern
from mailock.core.verdict.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One recipient of a case, with what is believed of the message before any rule took something out."""

    case: Case
    party: Party
    verdict: Verdict
    separator: str = "+"
    """Between user and detail of a sub-address; empty for none."""
    must_be_proven: bool = False
    """Whether a sender counts only where it is authenticated: the rule lets something through (DECISIONS 21)."""


class Condition(Protocol):
    """One thing that a rule asks for."""

    @property
    def on_evidence(self) -> bool:
        """Whether it follows what engines found or missed."""
        ...

    def holds(self, view: View) -> bool:
        """Whether it is so. Never raises."""
        ...


def takes(pattern: Pattern, address: Address, separator: str) -> bool:
    """Whether a pattern means an address, with or without the detail of a sub-address."""
    match pattern.breadth:
        case Breadth.ANY:
            return True
        case Breadth.DOMAIN:
            return address.domain == pattern.domain
        case Breadth.BELOW:
            return address.domain.endswith(f".{pattern.domain}")
        case Breadth.ADDRESS:
            local = address.local.casefold()
            plain = local.partition(separator)[0] if separator else local
            return address.domain == pattern.domain and pattern.local in (local, plain or local)


def wildcard(text: str) -> Callable[[str], bool]:
    """A test for texts that are like this one, in which `*` stands for anything; case does not matter."""
    first, *rest = text.casefold().split("*")
    if not rest:
        return lambda other: other.casefold() == first
    *middle, last = rest

    def is_like(other: str) -> bool:
        folded = other.casefold()
        end = len(folded) - len(last)
        if not folded.startswith(first) or not folded.endswith(last) or end < len(first):
            return False
        at = len(first)
        for piece in middle:
            found = folded.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return is_like

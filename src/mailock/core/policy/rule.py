"""A rule: when – then – because.

What a rule may do depends on what it asks for (DECISIONS 19 and 20):

- A rule on *circumstances* selects. The first that matches a recipient says by which profile he is served and which
  exceptions hold for him; the rules below it are not asked.
- A rule on *evidence* adds. Where it matches, its `then` and its profile count besides what the rules below it say, and
  the strictest holds. So nobody gets mail past a rule by adding something bad to it.

`then` adds strictness and changes, never laxity: with `deliver` it only keeps the rules below from being asked. What
lets more through is a profile or an exception, and neither ever lifts *malicious* (DECISIONS 21).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.conditions.circumstances import CameFrom
from mailock.core.policy.conditions.condition import Condition, View
from mailock.core.policy.profile import Profile
from mailock.core.policy.way import STRAIGHT, Way
from mailock.core.rewriting.edits import Edit

MTA_RULE: Final = "mta"
"""The MTA's own rule, where it decides something else than what is malicious."""
MALICIOUS_RULE: Final = "malicious-mail"
"""The MTA's own rule on malicious mail, above all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What a rule orders."""

    disposition: Disposition = Disposition.DELIVER
    quarantine_class: str = "policy"
    edits: tuple[Edit, ...] = ()
    if_unfit: Disposition = Disposition.QUARANTINE
    copies_to: tuple[str, ...] = ()
    way: Way = STRAIGHT
    added: tuple[str, ...] = ()
    """Who gets the message too, as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the rulebase."""

    name: str
    when: tuple[Condition, ...] = ()
    """All of them have to hold; none: every recipient."""
    then: Then | None = None
    profile: Profile | None = None
    excepts: frozenset[str] = frozenset()
    """Kinds of finding, and engines, that do not count under this rule unless they say *malicious*."""
    because: str = ""
    """The administrator's reason."""
    loosens: bool = False
    """Whether it lets more through than no rule would."""

    @property
    def on_evidence(self) -> bool:
        """Whether it follows what was found, and so only adds."""
        return any(condition.on_evidence for condition in self.when)

    @property
    def needs_proof(self) -> bool:
        """Whether only a proven sender counts: it lets more through and names no source (DECISIONS 21)."""
        return self.loosens and not names_source(self.when)

    def matches(self, view: View) -> bool:
        """Whether it means this recipient of this message."""
        return all(condition.holds(view) for condition in self.when)


def names_source(conditions: Iterable[Condition]) -> bool:
    """Whether conditions ask for a source that nobody can pretend to be; a country is full of strangers."""
    return any(isinstance(one, CameFrom) and not one.sources.any and not one.sources.countries for one in conditions)

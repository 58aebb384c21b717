"""The rulebase: what is asked for each recipient, in order, and what applies to him.

On top, by itself, stands the MTA's own rule: the malicious mail policy of the profile that serves him. Below it come
the rules. `select` walks down: rules on evidence are collected, and the first rule on circumstances that matches ends
the walk.
"""

from dataclasses import dataclass, field

from mailock.core.evidence.wording import Sought
from mailock.core.policy.additions import Addition
from mailock.core.policy.conditions.circumstances import CameFrom
from mailock.core.policy.conditions.condition import View
from mailock.core.policy.conditions.evidence import Contains
from mailock.core.policy.guarding import Guarding
from mailock.core.policy.lists import Lists
from mailock.core.policy.profile import Profile
from mailock.core.policy.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebase:
    """All that decides, of one revision."""

    default: Profile = field(default_factory=Profile)
    """Serves recipients for whom no rule selects another."""
    rules: tuple[Rule, ...] = ()
    lists: Lists = field(default_factory=Lists)
    additions: tuple[Addition, ...] = ()
    """What is added to mail that goes through, whatever was found in it."""
    guarding: Guarding | None = None
    """Which links ask us before they lead on; None: none do."""
    separator: str = "+"
    """Between user and detail of a sub-address; empty for none."""

    @property
    def decides_unseen(self) -> bool:
        """Whether it may do something with mail of which nothing is due to be examined."""
        return bool(self.rules or self.lists.blocked)

    @property
    def sought(self) -> frozenset[Sought]:
        """The words that its rules ask for, and that the jail has to look for."""
        asked = (one.sought for rule in self.rules for one in rule.when if isinstance(one, Contains))
        return frozenset[Sought]().union(*asked)

    @property
    def needs_country(self) -> bool:
        """Whether a rule names a country."""
        return any(
            isinstance(condition, CameFrom) and condition.sources.countries
            for rule in self.rules
            for condition in rule.when
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What applies to one recipient."""

    rule: Rule | None
    """The rule that selects; None where none does."""
    added: tuple[Rule, ...]
    """Rules on evidence that matched on the way."""


def select(rulebase: Rulebase, view: View) -> Selected:
    """The rules that apply to a recipient."""
    proven = View(case=view.case, party=view.party, verdict=view.verdict, separator=view.separator, must_be_proven=True)
    added: list[Rule] = []
    for rule in rulebase.rules:
        if not rule.matches(proven if rule.needs_proof else view):
            continue
        if not rule.on_evidence:
            return Selected(rule=rule, added=tuple(added))
        added.append(rule)
    return Selected(rule=None, added=tuple(added))

"""The first steps, from a policy that nobody touched to mail that flows: what is done, and writing what is not.

The guide keeps nothing of its own. What it shows as done is read from the policy that runs, from the account and from
the log, so it is as true when it is opened again in a year.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mailock.console.form import changed
from mailock.core.mail.status import Status

EXAMPLE: Final = "example.com"
"""The domain in the file that `mailock init` writes."""
_INCOMING: Final = "incoming"
ENDED: Final = frozenset({Status.DELIVERED, Status.BOUNCED, Status.QUARANTINED, Status.DISCARDED, Status.REJECTED})
"""Statuses after which nothing more happens by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What the policy says of the first steps. `untouched`: it is still the example's."""

    domain: str
    next_hop: str
    networks: str
    mail_to: str
    untouched: bool


def beginning(text: str) -> Beginning:
    """Where a policy stands."""
    table = tomllib.loads(text)
    rules = _rules(table)
    rule = rules[0][1] if rules else {}
    domain = _line(rule.get("domain", ""))
    return Beginning(
        domain="" if domain == EXAMPLE else domain,
        next_hop="" if domain == EXAMPLE else _line(rule.get("next_hop", "")),
        networks=_line(table.get("mta", {}).get("internal_networks", "")),
        mail_to=_line(table.get("alerts", {}).get("mail_to", "")),
        untouched=domain in (EXAMPLE, ""),
    )


def written(text: str, told: Mapping[str, str]) -> str:
    """The policy with what the guide was told: `domain`, `next_hop`, `networks`, `mail_to`.

    Raises ValueError with a sentence.
    """
    if not told["domain"].strip() or not told["next_hop"].strip():
        raise ValueError("a domain and the server that takes its mail are needed")
    rules = _rules(tomllib.loads(text))
    key = f"{rules[0][0]}/" if rules else "new/"
    rule = {f"{key}domain": _lines(told["domain"]), f"{key}next_hop": told["next_hop"].strip()}
    text = changed(text, "mta.forwarding", rule)
    text = changed(text, "mta", {"internal_networks": _lines(told["networks"])})
    return changed(text, "alerts", {"mail_to": _lines(told["mail_to"])})


def _rules(table: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """The rules for incoming mail, with their places."""
    rules = table.get("mta", {}).get("forwarding", [])
    return [(n, rule) for n, rule in enumerate(rules) if rule.get("direction", _INCOMING) == _INCOMING]


def _line(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _lines(text: str) -> str:
    return "\n".join(text.replace(",", " ").split())

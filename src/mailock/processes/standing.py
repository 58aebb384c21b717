"""The revision that stands: one value, swapped whole, that every station asks at each step."""

from collections.abc import Callable, Mapping
from pathlib import Path

from mailock.config.compile import compile_policy, rule_name
from mailock.config.mistakes import Mistakes
from mailock.config.model import Policy
from mailock.config.mta import Forwarding
from mailock.config.recipients import read_recipients
from mailock.core.mail.message import DEFAULT_SYSTEM
from mailock.core.policy.installed import Installed
from mailock.core.policy.lists import Lists
from mailock.core.routing.rules import Verification
from mailock.net.geoip import Countries
from mailock.net.interfaces import internal_addresses, present_interfaces


class Standing:
    """A Participant of installs: prepares the next value, switches to it, or goes back."""

    name = "the policy"

    def __init__(self, hostname: str, country: Countries) -> None:
        """`country` tells where an address is."""
        self._hostname = hostname
        self.country = country
        self._plain: Installed | None = None
        self._installed: Installed | None = None
        self._lists: Mapping[str, frozenset[str]] = {}
        self._next: tuple[Policy, Mapping[str, frozenset[str]]] | None = None
        self._before: tuple[Installed, Mapping[str, frozenset[str]]] | None = None
        self._added = Lists()
        self.changed: list[Callable[[Installed], None]] = []
        """Called after each switch."""

    def __call__(self) -> Installed:
        """The revision that stands."""
        assert self._installed is not None, "asked for the policy before one was installed"
        return self._installed

    def lists(self) -> Mapping[str, frozenset[str]]:
        """The recipients of rules that verify by list, by the rule's name."""
        return self._lists

    def set_lists(self, added: Lists) -> None:
        """What people added to the allow and block lists, besides what the policy has; it counts at once."""
        self._added = added
        if self._plain is not None:
            self._installed = self._plain.with_lists(added)

    async def prepare(self, policy: Policy) -> None:
        """Reads what the policy names."""
        trial = compile_policy(policy, revision=0, hostname=self._hostname, inside_ips=())
        if trial.needs_country and not self.country.given:
            raise ValueError("rules name countries, and there is no GeoIP file: name one with [node] geoip")
        self._before = (self._plain, self._lists) if self._plain is not None else None
        self._next = (policy, _lists(policy))

    async def switch(self, revision: int) -> None:
        """From now on this one stands."""
        assert self._next is not None
        policy, lists = self._next
        inside = internal_addresses(present_interfaces(), policy.mta.internal_interfaces)
        installed = compile_policy(policy, revision=revision, hostname=self._hostname, inside_ips=inside)
        self._set(installed, lists)

    async def undo(self) -> None:
        """Goes back."""
        if self._before is not None:
            self._set(*self._before)

    def _set(self, installed: Installed, lists: Mapping[str, frozenset[str]]) -> None:
        self._plain, self._lists = installed, lists
        self._installed = installed = installed.with_lists(self._added)
        for told in self.changed:
            told(installed)


def _lists(policy: Policy) -> Mapping[str, frozenset[str]]:
    systems = [(DEFAULT_SYSTEM, policy.mta.forwarding)]
    systems += [(system.name, system.mta.forwarding) for system in policy.virtual_system]
    return {
        rule_name(rule, number, system): _addresses(rule)
        for system, rules in systems
        for number, rule in enumerate(rules)
        if rule.verification is Verification.LIST
    }


def _addresses(rule: Forwarding) -> frozenset[str]:
    found = frozenset(address.casefold() for address in rule.recipients)
    if rule.recipients_file is None:
        return found
    try:
        return found | read_recipients(Path(rule.recipients_file))
    except Mistakes as wrong:
        first, others = wrong.mistakes[0], len(wrong.mistakes) - 1
        raise ValueError(f"{first}{f' (and {others} more)' if others else ''}") from None

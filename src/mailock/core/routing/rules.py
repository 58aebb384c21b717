"""Forwarding rules: ordered, the first one that matches a recipient says where its mail goes.

A rule counts for one direction of one virtual system; without a direction it is for incoming mail. What it takes is in
`pattern`; a rule for `user@example.com` takes `user+detail@example.com` too where a separator for sub-addresses is set
(RFC 5233).

`Routes` is the compiled form. It answers in the order of the rules though it looks domains up in dictionaries: each
pattern keeps the number of its rule, and the smallest number that matches wins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import DEFAULT_SYSTEM
from mailock.core.routing.nexthop import NextHop, NoForward, OwnMx, lane
from mailock.core.routing.pattern import Breadth, Pattern

_NEVER: Final = 1 << 30
"""The number of no rule: greater than every rule's."""


class TlsDemand(Enum):
    """What a rule asks of the connection to its next hop."""

    NONE = "none"
    """Clear text, even where TLS is offered."""
    OPPORTUNISTIC = "opportunistic"
    """TLS where it is offered, with any certificate; otherwise clear text."""
    REQUIRED = "required"
    """TLS with any certificate, or the mail waits."""
    VERIFIED = "verified"
    """TLS with a certificate for the host's name from a trusted authority, or the mail waits."""


class Verification(Enum):
    """How a recipient is checked before its RCPT is accepted."""

    NONE = "none"
    LIST = "list"
    CALLOUT = "callout"
    """The next hop is asked, and its answer kept for a while."""


class EightBit(Enum):
    """What happens with 8-bit mail when the hop has no 8BITMIME (DECISIONS 18)."""

    SEND = "send"
    CONVERT = "convert"
    RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingRule:
    """One rule of the table. `direction` None is incoming."""

    name: str
    patterns: tuple[Pattern, ...]
    next_hop: NextHop
    direction: Direction | None = None
    virtual_system: str = DEFAULT_SYSTEM
    tls: TlsDemand = TlsDemand.OPPORTUNISTIC
    verification: Verification = Verification.NONE
    eight_bit: EightBit = EightBit.SEND
    _lane: str | None = field(init=False, repr=False, compare=False, default=None)
    """The lane, where it is the same for all domains; asked for every message and at every attempt."""

    def __post_init__(self) -> None:
        """Writes out what does not change."""
        if not isinstance(self.next_hop, OwnMx):
            object.__setattr__(self, "_lane", self._lane_for(""))

    @property
    def takes(self) -> Direction:
        """The direction that it counts for."""
        return self.direction or Direction.INCOMING

    @property
    def forwards(self) -> bool:
        """Whether it sends mail anywhere; otherwise mail is scanned only."""
        return not isinstance(self.next_hop, NoForward)

    def lane(self, domain: str) -> str:
        """The destination queue for a recipient of this domain: next hop, and what holds for all that goes through it.

        Rules that ask different things of TLS or of 8-bit mail never share a connection.
        """
        return self._lane or self._lane_for(domain)

    def _lane_for(self, domain: str) -> str:
        name = lane(self.next_hop, domain)
        if not self.forwards:
            return name
        if self.tls is not TlsDemand.OPPORTUNISTIC:
            name += f" tls={self.tls.value}"
        return name if self.eight_bit is EightBit.SEND else f"{name} eight_bit={self.eight_bit.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemScope:
    """What makes a recipient belong to a virtual system: the listener it was given to, or else its domain."""

    name: str
    listeners: frozenset[str] = frozenset()
    patterns: tuple[Pattern, ...] = ()
    """Domains of the system, besides those that its incoming and internal rules name."""


@dataclass(slots=True)
class Table:
    """The patterns of some rules, each with the smallest number of a rule that has it."""

    any: int = _NEVER
    domains: dict[str, int] = field(default_factory=dict)
    below: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, dict[str, int]] = field(default_factory=dict)
    """By domain, then by local part."""

    def add(self, pattern: Pattern, number: int) -> None:
        """Enters a pattern; numbers come in growing order, so what is there stays."""
        match pattern.breadth:
            case Breadth.ANY:
                self.any = min(self.any, number)
            case Breadth.BELOW:
                self.below.setdefault(pattern.domain, number)
            case Breadth.DOMAIN:
                self.domains.setdefault(pattern.domain, number)
            case Breadth.ADDRESS:
                self.addresses.setdefault(pattern.domain, {}).setdefault(pattern.local, number)

    @property
    def takes_any(self) -> bool:
        """Whether some rule has `*`."""
        return self.any < _NEVER

    def first(self, address: Address, separator: str) -> int:
        """The smallest number that takes the address."""
        domain = address.domain
        found = min(self.any, self.domains.get(domain, _NEVER))
        if self.below:
            found = min(found, self.first_below(domain))
        if self.addresses and domain in self.addresses:
            found = min(found, self.first_address(address, separator))
        return found

    def first_below(self, domain: str) -> int:
        """The smallest number among `*.` patterns."""
        found, rest = _NEVER, domain.partition(".")[2]
        while rest:
            found = min(found, self.below.get(rest, _NEVER))
            rest = rest.partition(".")[2]
        return found

    def first_address(self, address: Address, separator: str) -> int:
        """The smallest number among single addresses, with or without the detail of a sub-address."""
        locals_ = self.addresses.get(address.domain, {})
        local = address.local.casefold()
        found = locals_.get(local, _NEVER)
        if separator and separator in local:
            found = min(found, locals_.get(local.partition(separator)[0], _NEVER))
        return found

    def breadth(self, address: Address, separator: str) -> Breadth | None:
        """How narrowly the address is named, by the narrowest pattern that takes it."""
        if self.first_address(address, separator) < _NEVER:
            return Breadth.ADDRESS
        if address.domain in self.domains:
            return Breadth.DOMAIN
        if self.first_below(address.domain) < _NEVER:
            return Breadth.BELOW
        return Breadth.ANY if self.any < _NEVER else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """All forwarding rules of a revision, ready to be asked."""

    rules: tuple[ForwardingRule, ...]
    scopes: tuple[SystemScope, ...] = ()
    """Virtual systems besides the default one, in the order in which they are asked."""
    separator: str = "+"
    """Between user and detail of a sub-address; empty for none."""
    hostnames: frozenset[str] = frozenset()
    """Our own names: postmaster at one of them is ours, whatever the rules say."""
    postmaster: Address | None = None
    """Who gets mail for `<postmaster>` without a domain, and for the postmaster of our own names."""
    chosen: Mapping[str, NextHop] = field(default_factory=dict)
    """Next hops that rules of the rulebase choose, by the name of the rule."""
    _tables: dict[tuple[str, Direction], Table] = field(init=False, repr=False, compare=False, default_factory=dict)
    _owned: dict[str, Table] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Compiles the tables."""
        self._owned[DEFAULT_SYSTEM] = Table()
        for scope in self.scopes:
            owned = self._owned.setdefault(scope.name, Table())
            for pattern in scope.patterns:
                owned.add(pattern, 0)
        for number, rule in enumerate(self.rules):
            table = self._tables.setdefault((rule.virtual_system, rule.takes), Table())
            owned = self._owned.setdefault(rule.virtual_system, Table())
            for pattern in rule.patterns:
                table.add(pattern, number)
                if rule.takes is not Direction.OUTGOING and pattern.breadth is not Breadth.ANY:
                    owned.add(pattern, 0)

    @property
    def systems(self) -> tuple[str, ...]:
        """All virtual systems, the default one first."""
        return tuple(self._owned)

    def table(self, system: str, direction: Direction) -> Table:
        """The patterns of one system's rules for one direction; an empty table where it has none."""
        return self._tables.get((system, direction)) or Table()

    def owned(self, system: str) -> Table:
        """What a system surely owns: domains it states, and those its incoming and internal rules name (not `*`)."""
        return self._owned[system]

    def first_match(
        self, address: Address, direction: Direction, system: str = DEFAULT_SYSTEM
    ) -> ForwardingRule | None:
        """The first rule of a system and direction that takes the address."""
        table = self._tables.get((system, direction))
        number = _NEVER if table is None else table.first(address, self.separator)
        return None if number == _NEVER else self.rules[number]

    @property
    def monitors(self) -> bool:
        """Whether any rule scans only, so that nothing is enforced for its recipients."""
        return not all(rule.forwards for rule in self.rules)

    @property
    def monitor_only(self) -> bool:
        """Whether no rule forwards anything: nothing is enforced (DECISIONS 17). No rule at all is not monitoring."""
        return monitor_only(self.rules)


def monitor_only(rules: Iterable[ForwardingRule]) -> bool:
    """Whether there are rules, and each of them scans only."""
    hops = [rule.forwards for rule in rules]
    return bool(hops) and not any(hops)

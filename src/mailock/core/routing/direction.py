"""The facts of a recipient: its virtual system, its direction, and the rule that takes it (DECISIONS 16 and 19).

Virtual system. A listener that belongs to one system decides; on the others the recipient's domain does, by the
narrowest pattern among the systems' own domains; what nobody owns is the default system's.

Direction. Which domains are *ours* is not a setting: a domain is ours where an incoming or internal rule, or the
system's own list, names it; `*` names nothing.

    from outside       only an incoming rule lets a recipient in (`*` too: that is what the operator wrote; `policy
    check`
                       warns where nothing verifies the recipients of such a rule); otherwise relaying is denied.
    from inside, ours  internal: by the first internal rule, or else the first incoming one, that takes it; unless an
                       outgoing rule names the recipient more narrowly than any of those.
    from inside, else  outgoing: by the first outgoing rule. Where none takes it, by a `*` rule for internal or incoming
                       mail; where there is none either, it is refused.

So an outside source never reaches an outgoing rule: that is the whole defence against being an open relay, and it does
not hang on what a sender says of itself. A source that speaks to the listener of one system and writes to a domain that
another system owns is incoming mail there, if it is internal here; from outside it is refused.

`<postmaster>`, and the postmaster of every domain that is ours, is always taken and never verified (RFC 5321 section
4.5.1).
"""

from collections.abc import Set
from dataclasses import replace
from typing import Final

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import DEFAULT_SYSTEM
from mailock.core.mail.value import value
from mailock.core.routing.nexthop import OwnMx
from mailock.core.routing.pattern import Breadth
from mailock.core.routing.rules import ForwardingRule, Routes, Verification
from mailock.core.smtp.reply import Reply

RELAYING_DENIED: Final = Reply.of(550, "5.7.1", "Relaying denied")
NO_ROUTE: Final = Reply.of(550, "5.7.1", "Relaying denied: no forwarding rule for this domain")
NOT_CONFIGURED: Final = Reply.of(451, "4.3.5", "This domain has no next hop at the moment, try again later")


@value(frozen=True, slots=True, kw_only=True)
class Placed:
    """An accepted recipient. `address` is whom to deliver to: another than was given only for our own postmaster."""

    address: Address
    direction: Direction
    virtual_system: str
    rule: ForwardingRule
    verification: Verification
    """How it still has to be verified; postmasters never have to be."""


@value(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A recipient that is not taken: what the peer is told, and what we log."""

    reply: Reply
    why: str


def place(
    routes: Routes, address: Address, *, internal: bool, listener: str = "", also_ours: Set[str] = frozenset()
) -> Placed | Refusal:
    """Settles a recipient when RCPT is answered.

    `internal`: whether the source is an internal network or interface, or has authenticated. `also_ours`: domains known
    to be ours by other means, such as an MX that points here; with them a `*` rule for incoming mail goes before a `*`
    for outgoing.
    """
    bound = bound_system(routes, listener)
    system = bound or system_of(routes, address)
    if internal and bound and routes.owned(bound).breadth(address, routes.separator) is None:
        elsewhere = system_of(routes, address)
        if elsewhere not in (bound, DEFAULT_SYSTEM):
            return place_in(routes, elsewhere, address, internal=False)
    found = place_in(routes, system, address, internal=internal, also_ours=also_ours)
    if isinstance(found, Refusal) and bound is None and _is_postmaster(address):
        # Whoever takes somebody of this domain takes its postmaster, however the systems divide it among themselves.
        tried = (place_in(routes, other, address, internal=internal) for other in routes.systems)
        return next((placed for placed in tried if isinstance(placed, Placed)), found)
    return found


def bound_system(routes: Routes, listener: str) -> str | None:
    """The one system that a listener belongs to, if there is one."""
    return next((scope.name for scope in routes.scopes if listener in scope.listeners), None)


def system_of(routes: Routes, address: Address) -> str:
    """The system whose own domains name the address most narrowly; the first of equals; else the default one."""
    if not routes.scopes:
        return DEFAULT_SYSTEM
    best, narrowest = DEFAULT_SYSTEM, Breadth.ANY
    for system in routes.systems:
        breadth = routes.owned(system).breadth(address, routes.separator)
        if breadth is not None and breadth > narrowest:
            best, narrowest = system, breadth
    return best


def place_in(
    routes: Routes, system: str, address: Address, *, internal: bool, also_ours: Set[str] = frozenset()
) -> Placed | Refusal:
    """The same within a system that is known: at each attempt, since routes are made anew then (DECISIONS 28).

    A recipient that no rule takes any more comes back as a Refusal; its mail is then deferred with that reason.
    """
    if system not in routes.systems:
        return Refusal(reply=NOT_CONFIGURED, why=f"the virtual system {system} is not configured any more")
    postmaster = _is_postmaster(address)
    if postmaster and (not address.domain or address.domain in routes.hostnames):
        found = _own_postmaster(routes, system, address)
    elif internal:
        found = _from_inside(routes, system, address, also_ours)
    else:
        found = _from_outside(routes, system, address)
    if postmaster and isinstance(found, Placed):
        return replace(found, verification=Verification.NONE)
    return found


def place_own(routes: Routes, system: str, address: Address) -> Placed | Refusal:
    """The route of mail that we write ourselves: outgoing (DECISIONS 15), by whichever rule reaches the address."""
    found = place_in(routes, system, address, internal=True)
    if isinstance(found, Refusal) and system != DEFAULT_SYSTEM:
        found = place_in(routes, DEFAULT_SYSTEM, address, internal=True)
    return replace(found, direction=Direction.OUTGOING, virtual_system=system) if isinstance(found, Placed) else found


def _from_outside(routes: Routes, system: str, address: Address) -> Placed | Refusal:
    rule = routes.first_match(address, Direction.INCOMING, system) or _for_postmaster(routes, system, address)
    if rule is not None:
        return _placed(address, Direction.INCOMING, rule)
    if routes.owned(system).breadth(address, routes.separator) is None:
        return Refusal(reply=RELAYING_DENIED, why=f"no rule for incoming mail takes {address}")
    if routes.first_match(address, Direction.INTERNAL, system) is not None:
        return Refusal(
            reply=RELAYING_DENIED, why=f"{address} gets mail from inside only: its rule is for internal mail"
        )
    return Refusal(
        reply=NOT_CONFIGURED, why=f"{address.domain} belongs to {system}, but no rule says where its mail goes"
    )


def _from_inside(routes: Routes, system: str, address: Address, also_ours: Set[str]) -> Placed | Refusal:
    ours = routes.owned(system).breadth(address, routes.separator)
    if ours is None and address.domain in also_ours:
        ours = Breadth.DOMAIN
    outgoing = routes.table(system, Direction.OUTGOING).breadth(address, routes.separator)
    if outgoing is not None and (ours is None or outgoing > ours):
        rule = routes.first_match(address, Direction.OUTGOING, system)
        direction = Direction.OUTGOING
    else:
        rule = routes.first_match(address, Direction.INTERNAL, system)
        rule = (
            rule or routes.first_match(address, Direction.INCOMING, system) or _for_postmaster(routes, system, address)
        )
        direction = Direction.INTERNAL
    if rule is not None:
        return _placed(address, direction, rule)
    if ours is None:
        return Refusal(reply=NO_ROUTE, why=f"no rule for outgoing mail takes {address}")
    return Refusal(
        reply=NOT_CONFIGURED, why=f"{address.domain} belongs to {system}, but no rule says where its mail goes"
    )


def _for_postmaster(routes: Routes, system: str, address: Address) -> ForwardingRule | None:
    """The rule for the postmaster of a domain of which rules name single addresses only."""
    if not _is_postmaster(address):
        return None
    named = routes.table(system, Direction.INCOMING).addresses.get(address.domain)
    return routes.rules[min(named.values())] if named else None


def _own_postmaster(routes: Routes, system: str, address: Address) -> Placed | Refusal:
    """Our own postmaster: whom the settings name, else the first next hop for incoming mail, which must take it."""
    if routes.postmaster is not None and routes.postmaster != address:
        return _from_inside(routes, system, routes.postmaster, frozenset())
    for rule in routes.rules:
        if rule.virtual_system == system and rule.takes is Direction.INCOMING and not isinstance(rule.next_hop, OwnMx):
            return _placed(address, Direction.INCOMING, rule)
    return Refusal(
        reply=NOT_CONFIGURED, why="mail for our postmaster has no next hop; set [mta] postmaster to an address"
    )


def _is_postmaster(address: Address) -> bool:
    return address.local.casefold() == "postmaster"


def _placed(address: Address, direction: Direction, rule: ForwardingRule) -> Placed:
    return Placed(
        address=address,
        direction=direction,
        virtual_system=rule.virtual_system,
        rule=rule,
        verification=rule.verification,
    )

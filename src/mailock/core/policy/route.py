"""Which rule takes a recipient now.

Asked anew at every attempt, because rules change while mail waits (DECISIONS 28).
"""

from dataclasses import replace
from typing import Final

from mailock.core.mail.envelope import Direction, Recipient
from mailock.core.mail.message import Message
from mailock.core.routing.direction import Placed, place_in, place_own
from mailock.core.routing.rules import ForwardingRule, Routes

UNROUTED: Final = ""
"""The lane of a recipient that no rule takes any more:

it is deferred with that reason until one does (DECISIONS 28).
"""


def route(routes: Routes, message: Message, recipient: Recipient, via: str = "") -> ForwardingRule | None:
    """The rule for a recipient whose direction is settled; None where no rule takes it any more.

    `via` is the rule of the rulebase that chose the next hop, or empty. What the forwarding rule asks of TLS and of
    8-bit mail holds there too; one that scans only goes on doing so.
    """
    rule = _forwarding(routes, message, recipient)
    if not via or rule is None or not rule.forwards:
        return rule
    chosen = routes.chosen.get(via)
    return None if chosen is None else replace(rule, next_hop=chosen)


def _forwarding(routes: Routes, message: Message, recipient: Recipient) -> ForwardingRule | None:
    if message.own is not None:
        # It counts as outgoing, but to one of ours it goes the way that leads there, not out into the world and back.
        placed = place_own(routes, message.virtual_system, recipient.address)
        return placed.rule if isinstance(placed, Placed) else None
    rule = routes.first_match(recipient.address, recipient.direction, message.virtual_system)
    if rule is not None:
        return rule
    internal = recipient.direction is not Direction.INCOMING
    placed = place_in(routes, message.virtual_system, recipient.address, internal=internal)
    return placed.rule if isinstance(placed, Placed) else None

"""Ways: from whom, to whom and by which next hop mail leaves, where a rule says otherwise than its envelope and the
forwarding rules do (FEATURES 11).

A way says nothing of whether mail leaves: what is kept keeps its way, and goes by it once somebody lets it go. An
address is written in full, or as `*@domain`, which keeps the local part. The null return path stays as it is, for a
notice that could be answered by a notice would have no end (RFC 5321 section 4.5.5).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mailock.core.lifecycle.copies import Delivery
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Recipient
from mailock.core.mail.message import Message
from mailock.core.policy.route import UNROUTED, route
from mailock.core.routing.direction import Placed, place_in
from mailock.core.routing.rules import Routes

_XTEXT: Final = frozenset(map(chr, range(33, 127))) - {"+", "="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What is otherwise; empty texts are as ever."""

    sender: str = ""
    """The return path."""
    recipient: str = ""
    """Who gets it in the recipient's place."""
    via: str = ""
    """The rule that chose the next hop, under which the installed revision has it (`Routes.chosen`)."""
    hop: str = ""
    """That next hop as it was written when this was decided: for people."""


STRAIGHT: Final = Way()
"""As the envelope and the forwarding rules say."""


def joined(ways: Sequence[tuple[str, Way]]) -> tuple[Way, tuple[str, ...]]:
    """The ways that rules ask for, each with its rule's name, as one, and why in sentences: of several that say the
    same thing otherwise the first one holds.
    """
    asked = [(rule, way) for rule, way in ways if way != STRAIGHT]
    if not asked:
        return STRAIGHT, ()
    by, sender = _first(asked, lambda way: way.sender)
    to, recipient = _first(asked, lambda way: way.recipient)
    via, hop = _first(asked, lambda way: way.hop)
    told = (
        f"rule {by} sends it from {sender}" if by else "",
        f"rule {to} sends it to {recipient} instead" if to else "",
        f"rule {via} sends it by {hop}" if via else "",
    )
    return Way(sender=sender, recipient=recipient, via=via, hop=hop), tuple(filter(None, told))


def shown(way: Way) -> tuple[str, ...]:
    """A way in a few words each, as what-if and `mailock scan` print it."""
    words = (("from", way.sender), ("to", way.recipient), ("by", way.hop))
    return tuple(f"{word} {text}" for word, text in words if text)


def return_path(message: Message, way: Way) -> Address | None:
    """The return path that is put in the place of the envelope's; None where that stays."""
    sender = message.envelope.sender
    if not way.sender or sender is None:
        return None
    found = _rewritten(sender, way.sender)
    return found if found != sender else None


def led(
    routes: Routes, message: Message, deliveries: tuple[Delivery, ...], ways: Mapping[int, Way]
) -> tuple[Delivery, ...]:
    """The deliveries, each by the way of its recipient: to whom it goes, and the lane that leads there."""
    if all(way == STRAIGHT for way in ways.values()):
        return deliveries
    return tuple(_led(routes, message, one, ways.get(one.number, STRAIGHT)) for one in deliveries)


def _led(routes: Routes, message: Message, delivery: Delivery, way: Way) -> Delivery:
    if not (way.recipient or way.via):
        return delivery
    recipient = delivery.recipient
    if way.recipient:
        recipient = _redirected(routes, message, recipient, _rewritten(recipient.address, way.recipient))
    rule = route(routes, message, recipient, way.via)
    lane = UNROUTED if rule is None else rule.lane(recipient.address.domain)
    return replace(delivery, recipient=recipient, lane=lane)


def _first(asked: Sequence[tuple[str, Way]], of: Callable[[Way], str]) -> tuple[str, str]:
    return next(((rule, of(way)) for rule, way in asked if of(way)), ("", ""))


def _rewritten(address: Address, as_: str) -> Address:
    local, _, domain = as_.rpartition("@")
    return Address(address.local if local == "*" else local, domain)


def _redirected(routes: Routes, message: Message, recipient: Recipient, address: Address) -> Recipient:
    """Another recipient in the place of one. Where no rule of the same direction takes it, it goes as mail from inside
    does: we send it there ourselves. The next hop is told who was meant (RFC 3461 section 5.2.1).
    """
    if address == recipient.address:
        return recipient
    direction = recipient.direction
    if routes.first_match(address, direction, message.virtual_system) is None:
        placed = place_in(routes, message.virtual_system, address, internal=True)
        direction = placed.direction if isinstance(placed, Placed) else direction
    return replace(recipient, address=address, direction=direction, orcpt=recipient.orcpt or _orcpt(recipient.address))


def _orcpt(address: Address) -> str | None:
    """An address as ORCPT takes it (RFC 3461 section 4.2); None for one that xtext cannot write."""
    text = str(address)
    if not text.isascii():
        return None
    return "rfc822;" + "".join(one if one in _XTEXT else f"+{ord(one):02X}" for one in text)

"""The half of remake that opens dangerous bytes. It runs in the jail, once a copy.

It carries the orders out, has the outcome read by an independent reader besides, writes it to the output, and says in
one frame what became of it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import compat32
from typing import Final

from mailock.core.mime.parse import parse
from mailock.core.rewriting.carry import Remade, Unfit, carry_out
from mailock.core.rewriting.orders import Unreadable, read_orders
from mailock.core.rewriting.receipt import Garbled, Receipt, read_receipt, shown, write_receipt

TASK: Final = "remake"
_UNFIT: Final = b"U"
_SAME: Final = b"S"
_CHANGED: Final = b"C"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the jail says of a copy; untrusted until it was checked."""

    receipt: Receipt
    changed: bool
    """Whether there is an output: a body that is not the one that came."""


def remake(
    octets: bytes, order_octets: bytes, *, emit: Callable[[bytes], None], write: Callable[[bytes], None]
) -> None:
    """Makes one copy of a message. `write` puts its body out."""
    try:
        orders = read_orders(order_octets)
    except Unreadable as fault:
        emit(_UNFIT + str(fault).encode("utf-8", "replace"))
        return
    outcome = carry_out(octets, parse(octets), orders)
    if isinstance(outcome, Remade) and outcome.content is not None:
        new = defects(outcome.fields + outcome.content) - defects(octets)
        if new:
            named = ", ".join(sorted(new))
            outcome = Unfit(why=f"another reader finds defects in the changed message that it had not before: {named}")
    match outcome:
        case Unfit(why=why):
            emit(_UNFIT + why.encode("utf-8", "replace"))
        case Remade(content=content, receipt=receipt):
            if content is not None:
                write(content)
            emit((_SAME if content is None else _CHANGED) + write_receipt(receipt))


def read_outcome(untrusted: bytes) -> Made | Unfit:
    """What a frame says. Raises Garbled."""
    kind, document = untrusted[:1], untrusted[1:]
    if kind == _UNFIT:
        return Unfit(why=shown(document.decode("utf-8", "replace")))
    if kind not in (_SAME, _CHANGED):
        raise Garbled("the jail said what no remake says")
    return Made(receipt=read_receipt(document), changed=kind == _CHANGED)


def defects(octets: bytes) -> "Counter[str]":
    """What Python's own reader finds wrong with a message."""
    found: Counter[str] = Counter()
    message = BytesParser(policy=compat32).parsebytes(octets)
    for part in message.walk():
        found.update(type(defect).__name__ for defect in part.defects)
    return found

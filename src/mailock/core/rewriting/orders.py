"""What a copy is to become: the edits that policy ordered, and what holds for all of them, as a document of the queue.

The document is JSON of our own making, versioned; the queue keeps it as it is (`Copy.orders`), and the jail gets it.
Lone surrogates, which stand in what was read from hostile octets, survive it.
"""

import json
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Final

from mailock.core.lifecycle.copies import Disposition
from mailock.core.mime.part import PartPath
from mailock.core.rewriting.edits import (
    AddText,
    Edit,
    GuardLink,
    Place,
    PrefixSubject,
    RemoveHeader,
    ReplaceLink,
    SetHeader,
    StripPart,
    ToSevenBit,
)

VERSION: Final = 1


class Sealed(Enum):
    """What happens where an edit would break a signature over the content, or lies within encryption."""

    UNFIT = "unfit"
    """The edits cannot be made; text is not added there."""
    CHANGE = "change"
    """They are made all the same, for policy said so: the signature then fails. Text is still not added there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The changes that make a copy."""

    edits: tuple[Edit, ...]
    sealed: Sealed = Sealed.UNFIT
    if_unfit: Disposition = Disposition.QUARANTINE
    """What happens where the edits cannot be made."""
    quarantine_class: str = "unfit"
    """The class in quarantine, where that is what happens."""


class Unreadable(ValueError):
    """A document of orders is not what this version writes."""


_KINDS: Final[dict[str, type[Edit]]] = {
    "strip": StripPart,
    "link": ReplaceLink,
    "guard": GuardLink,
    "subject": PrefixSubject,
    "set": SetHeader,
    "remove": RemoveHeader,
    "add": AddText,
    "7bit": ToSevenBit,
}
_WORDS: Final = {kind: word for word, kind in _KINDS.items()}
_MAKERS: Final[dict[str, Any]] = {"place": Place, "part": PartPath}


def write_orders(orders: Orders) -> bytes:
    """Orders as they are kept. No edits at all are no orders: an empty document."""
    if not orders.edits:
        return b""
    edits = [{"kind": _WORDS[type(edit)], **_plain(asdict(edit))} for edit in orders.edits]
    document = {
        "version": VERSION,
        "edits": edits,
        "sealed": orders.sealed.value,
        "if_unfit": orders.if_unfit.value,
        "class": orders.quarantine_class,
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def read_orders(document: bytes) -> Orders:
    """The orders that `write_orders` wrote. Raises Unreadable."""
    if not document:
        return Orders(edits=())
    try:
        read = json.loads(document)
        if read["version"] != VERSION:
            raise Unreadable(f"orders of version {read['version']} were written by a newer Mailock")
        return Orders(
            edits=tuple(_edit(edit) for edit in read["edits"]),
            sealed=Sealed(read["sealed"]),
            if_unfit=Disposition(read["if_unfit"]),
            quarantine_class=read["class"],
        )
    except Unreadable:
        raise
    except (ValueError, KeyError, TypeError) as fault:
        raise Unreadable(f"the orders of a copy cannot be read ({fault}): they are damaged") from fault


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, Enum) else value for name, value in fields.items()}


def _edit(fields: dict[str, Any]) -> Edit:
    kind = _KINDS[fields.pop("kind")]
    return kind(**{name: _MAKERS.get(name, _same)(value) for name, value in fields.items()})


def _same(value: Any) -> Any:
    return value

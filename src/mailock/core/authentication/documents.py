"""What leaves the jail about who sent a message, as one document; and its way back, where nothing of it is believed.

A document is JSON of flat values. Reading it back checks every type and length; what does not fit is BadDocument, and
the message then counts as one whose sender could not be looked at.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

from mailock.core.authentication import arc_bytes, dkim_bytes, results
from mailock.core.authentication.arc_bytes import Chain
from mailock.core.authentication.author import Author, author
from mailock.core.authentication.dkim_bytes import Hashed
from mailock.core.authentication.fields import split

LONGEST: Final = 1 << 20
"""Characters of a document."""
TEXT: Final = 10_000
"""Characters of one text in it."""
LIST: Final = 100
"""Values of one list in it."""


class BadDocument(ValueError):
    """It is not what the jail writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that the bytes of a message say of who sent it."""

    author: Author
    dkim: tuple[Hashed, ...]
    arc: Chain
    forged: tuple[str, ...]
    """Beginnings of Authentication-Results fields that came in and bear our name."""


Made = TypeVar("Made", Evidence, Author, Chain, Hashed)


def evidence(message: bytes, identifier: str) -> Evidence:
    """What a message with CRLF line ends says; `identifier` is our host name. Reads hostile bytes."""
    parts = split(message)
    return Evidence(
        author=author(parts),
        dkim=dkim_bytes.hashed(parts),
        arc=arc_bytes.chain(parts),
        forged=results.forged(parts, identifier),
    )


def write(found: Evidence) -> str:
    """The document."""
    return json.dumps(found, default=_plain, ensure_ascii=True, separators=(",", ":"))


def read(untrusted_text: str) -> Evidence:
    """What a document says. Raises BadDocument."""
    if len(untrusted_text) > LONGEST:
        raise BadDocument("it is too long")
    try:
        found = json.loads(untrusted_text)
    except (ValueError, RecursionError):
        raise BadDocument("it is not JSON") from None
    evidence_ = _made(Evidence, found)
    chain = evidence_.arc
    whole = chain.sets if chain.sets and not chain.broken else 0
    if {len(chain.messages), len(chain.seals), len(chain.untrusted_results)} != {whole}:
        raise BadDocument("the chain is not whole")
    return evidence_


def _plain(value: Any) -> dict[str, Any]:
    """One of the values, as JSON has it; those within it come here by themselves."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _made(type_: type[Made], told: Any) -> Made:
    """A value whose fields have the types that it says they have."""
    if not isinstance(told, dict) or told.keys() != {field.name for field in fields(type_)}:
        raise BadDocument(f"{type_.__name__} has other fields")
    values: dict[str, Any] = {field.name: _READERS[field.type](told[field.name]) for field in fields(type_)}
    return type_(**values)


def _hashed(told: Any) -> Hashed:
    made = _made(Hashed, told)
    for octets in (made.body_told, made.body_hash, made.digest, made.signature):
        try:
            bytes.fromhex(octets)
        except ValueError:
            raise BadDocument("octets are not hexadecimal") from None
    return made


def _text(told: Any) -> str:
    if not isinstance(told, str) or len(told) > TEXT:
        raise BadDocument("a text is missing")
    return told


def _number(told: Any) -> int:
    if not isinstance(told, int) or isinstance(told, bool):
        raise BadDocument("a number is missing")
    return told


def _flag(told: Any) -> bool:
    if not isinstance(told, bool):
        raise BadDocument("a yes or no is missing")
    return told


def _list(told: Any) -> list[Any]:
    if not isinstance(told, list) or len(told) > LIST:
        raise BadDocument("a list is missing")
    return list(told)


_READERS: Final[dict[Any, Callable[[Any], Any]]] = {
    str: _text,
    int: _number,
    bool: _flag,
    tuple[str, ...]: lambda told: tuple(_text(one) for one in _list(told)),
    tuple[Hashed, ...]: lambda told: tuple(_hashed(one) for one in _list(told)),
    Author: lambda told: _made(Author, told),
    Chain: lambda told: _made(Chain, told),
}

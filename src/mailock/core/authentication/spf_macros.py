"""Macros of SPF (RFC 7208 section 7): checked when a record is read, expanded when it is evaluated."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MACRO: Final = re.compile(r"%(?:\{([slodiphcrtvSLODIPHCRTV])([0-9]*)(r?)([-.+,/_=]*)\}|([%_-]))")
_LITERAL: Final = re.compile(r"[\x21-\x24\x26-\x7e]+")
_TOP_LABEL: Final = re.compile(r"(?=[a-z0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
_PLAIN: Final = {"%": "%", "_": " ", "-": "%20"}
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
EXPLANATION_ONLY: Final = frozenset("crt")
LONGEST: Final = 253
"""Octets of a domain that a macro may expand to."""


class BadSyntax(Exception):
    """A record does not follow the grammar; the sentence says where."""


@dataclass(frozen=True, slots=True)
class Macro:
    """One macro: `%{d2r-}`."""

    letter: str
    keep: int
    """How many parts from the right; 0 for all."""
    reverse: bool
    delimiters: str
    escape: bool
    """Whether it is written in upper case: URL-escaped."""


MacroString = tuple[str | Macro, ...]


def read(text: str, *, spaces: bool = False) -> MacroString:
    """A macro-string. `spaces` also admits blanks, as an explanation does. Raises BadSyntax."""
    pieces: list[str | Macro] = []
    position = 0
    while position < len(text):
        if text[position] == "%":
            found = _MACRO.match(text, position)
            if found is None:
                raise BadSyntax(f"{text[position : position + 12]!r} is no macro")
            pieces.append(_macro(found))
            position = found.end()
            continue
        if spaces and text[position] == " ":
            pieces.append(" ")
            position += 1
            continue
        literal = _LITERAL.match(text, position)
        if literal is None:
            raise BadSyntax(f"{text[position]!r} may not stand in a macro-string")
        pieces.append(literal[0])
        position = literal.end()
    return tuple(pieces)


def read_domain_spec(text: str) -> MacroString:
    """A domain-spec: a macro-string that ends with a top label or a macro (section 7.1). Raises BadSyntax."""
    pieces = read(text)
    if not pieces:
        raise BadSyntax("a domain is missing")
    last = pieces[-1]
    if isinstance(last, Macro):
        pass
    elif text.endswith(("%%", "%_", "%-")):
        raise BadSyntax(f"{text!r} does not end with a domain")
    else:
        whole, _, label = last.removesuffix(".").rpartition(".")
        if not _TOP_LABEL.fullmatch(label) or (len(pieces) == 1 and not whole) or "." not in last.removesuffix("."):
            raise BadSyntax(f"{text!r} does not end with a domain")
    forbidden = letters(pieces) & EXPLANATION_ONLY
    if forbidden:
        raise BadSyntax(f"%{{{min(forbidden)}}} may only stand in an explanation")
    return pieces


def letters(pieces: MacroString) -> frozenset[str]:
    """The letters of the macros in it, in lower case."""
    return frozenset(piece.letter for piece in pieces if isinstance(piece, Macro))


def expand(pieces: MacroString, values: Mapping[str, str]) -> str:
    """The text, with `values` by letter."""
    return "".join(piece if isinstance(piece, str) else _expanded(piece, values[piece.letter]) for piece in pieces)


def as_domain(text: str) -> str:
    """An expanded domain-spec, cut from the left where it is too long (section 7.3), without a final dot."""
    text = text.removesuffix(".")
    while len(text) > LONGEST and "." in text:
        text = text.partition(".")[2]
    return text


def _macro(found: re.Match[str]) -> str | Macro:
    letter, digits, reverse, delimiters, plain = found.groups()
    if plain is not None:
        return _PLAIN[plain]
    if digits and not digits.strip("0"):
        raise BadSyntax(f"{found[0]!r} keeps no part")
    return Macro(letter.lower(), int(digits[:9] or 0), bool(reverse), delimiters or ".", letter.isupper())


def _expanded(macro: Macro, value: str) -> str:
    if macro.keep or macro.reverse or macro.delimiters != ".":
        parts = re.split(f"[{re.escape(macro.delimiters)}]", value)
        if macro.reverse:
            parts.reverse()
        if macro.keep:
            parts = parts[-macro.keep :]
        value = ".".join(parts)
    if not macro.escape:
        return value
    return "".join(
        character if character in _UNRESERVED else "".join(f"%{octet:02X}" for octet in character.encode())
        for character in value
    )

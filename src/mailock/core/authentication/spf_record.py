"""A record of SPF, read (RFC 7208 sections 4.5, 4.6 and 12): all of it, before any of it is evaluated.

Regular expressions are used where the grammar is one; each matches in linear time.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.authentication import spf_macros
from mailock.core.authentication.spf_macros import BadSyntax, MacroString

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
TERMS: Final = 500
"""Terms that are read of one record."""

_DIRECTIVE: Final = re.compile(r"([-+?~]?)([a-z][a-z0-9_.-]*)([:/].*)?", re.IGNORECASE)
_MODIFIER: Final = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
_PREFIXES: Final = re.compile(r"(.*?)(?:/(0|[1-9][0-9]{0,2}))?(?://(0|[1-9][0-9]{0,2}))?", re.DOTALL)


class Qualifier(Enum):
    """What a mechanism that matches says."""

    PASS = "+"
    FAIL = "-"
    SOFTFAIL = "~"
    NEUTRAL = "?"


class Kind(Enum):
    """The mechanisms (section 5)."""

    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """One mechanism with its qualifier."""

    text: str
    qualifier: Qualifier
    kind: Kind
    domain: MacroString | None = None
    prefix4: int = 32
    prefix6: int = 128
    network: Network | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record: its mechanisms in order, and the two modifiers that mean something."""

    mechanisms: tuple[Mechanism, ...]
    redirect: MacroString | None
    explanation: MacroString | None


def select(untrusted_texts: Sequence[str]) -> list[str]:
    """The texts that are records of SPF (section 4.5)."""
    return [text for text in untrusted_texts if text[:6].lower() == "v=spf1" and text[6:7] in ("", " ")]


def read(untrusted_text: str) -> Record:
    """The record. Raises BadSyntax for an error anywhere in it (section 4.6)."""
    if not untrusted_text.isascii():
        raise BadSyntax("it holds octets beyond ASCII")
    terms = [term for term in untrusted_text[6:].split(" ") if term]
    if len(terms) > TERMS:
        raise BadSyntax(f"it has more than {TERMS} terms")
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, MacroString] = {}
    for term in terms:
        modifier = _MODIFIER.fullmatch(term)
        if modifier is None:
            mechanisms.append(_mechanism(term))
            continue
        name = modifier[1].lower()
        if name not in ("redirect", "exp"):
            spf_macros.read(modifier[2])
        elif name in modifiers:
            raise BadSyntax(f"{name}= stands in it twice")
        else:
            modifiers[name] = spf_macros.read_domain_spec(modifier[2])
    return Record(mechanisms=tuple(mechanisms), redirect=modifiers.get("redirect"), explanation=modifiers.get("exp"))


def _mechanism(term: str) -> Mechanism:
    found = _DIRECTIVE.fullmatch(term)
    kind = next((kind for kind in Kind if found is not None and kind.value == found[2].lower()), None)
    if found is None or kind is None:
        raise BadSyntax(f"{term[:60]!r} is no mechanism")
    qualifier = Qualifier(found[1] or "+")
    rest = found[3] or ""
    match kind:
        case Kind.ALL:
            if rest:
                raise BadSyntax(f"{term[:60]!r}: `all` stands alone")
            return Mechanism(text=term, qualifier=qualifier, kind=kind)
        case Kind.IP4 | Kind.IP6:
            network = _network(kind, rest, term)
            return Mechanism(text=term, qualifier=qualifier, kind=kind, network=network)
        case Kind.INCLUDE | Kind.EXISTS:
            domain = spf_macros.read_domain_spec(_after_colon(rest, term))
            return Mechanism(text=term, qualifier=qualifier, kind=kind, domain=domain)
        case Kind.PTR:
            ptr = spf_macros.read_domain_spec(_after_colon(rest, term)) if rest else None
            return Mechanism(text=term, qualifier=qualifier, kind=kind, domain=ptr)
        case Kind.A | Kind.MX:
            return _with_prefixes(term, qualifier, kind, rest)


def _after_colon(rest: str, term: str) -> str:
    if not rest.startswith(":") or len(rest) == 1:
        raise BadSyntax(f"{term[:60]!r} lacks its domain")
    return rest[1:]


def _with_prefixes(term: str, qualifier: Qualifier, kind: Kind, rest: str) -> Mechanism:
    found = _PREFIXES.fullmatch(rest)
    assert found is not None, "every text matches"
    name, four, six = found.groups()
    domain = None
    if name:
        domain = spf_macros.read_domain_spec(_after_colon(name, term))
    prefix4, prefix6 = int(four or 32), int(six or 128)
    if prefix4 > 32 or prefix6 > 128:
        raise BadSyntax(f"{term[:60]!r}: the prefix is too long")
    return Mechanism(text=term, qualifier=qualifier, kind=kind, domain=domain, prefix4=prefix4, prefix6=prefix6)


def _network(kind: Kind, rest: str, term: str) -> Network:
    address, slash, prefix = _after_colon(rest, term).partition("/")
    longest = 32 if kind is Kind.IP4 else 128
    if slash and (not prefix.isdigit() or str(int(prefix[:4])) != prefix or int(prefix) > longest):
        raise BadSyntax(f"{term[:60]!r}: the prefix is none")
    try:
        if kind is Kind.IP4:
            return ipaddress.IPv4Network((str(ipaddress.IPv4Address(address)), int(prefix or 32)), strict=False)
        if "%" in address:
            raise BadSyntax(f"{term[:60]!r}: an address has no zone here")
        return ipaddress.IPv6Network((str(ipaddress.IPv6Address(address)), int(prefix or 128)), strict=False)
    except ValueError:
        raise BadSyntax(f"{term[:60]!r} names no address") from None

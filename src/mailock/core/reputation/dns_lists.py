"""Lists in the DNS of sources and domains (RFC 5782): what is asked, and what an answer means.

An answer lists somebody only where it is one that a list gives: addresses of 127.0.0.0/8, few of them, and none that
says "your question is refused" (127.255.255.0/24) or nothing at all (127.0.0.1). Everything else, such as the address
of a parking page of a domain that ran out, is no answer: it is neither "listed" nor "not listed", and is told.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, ip_address
from typing import Final

from mailock.core.routing.access import read_networks

MOST_RECORDS: Final = 32
"""More addresses than any list gives for one name."""
_FOUR: Final = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3"
_SIX: Final = "::/127 fc00::/7 fe80::/10 ff00::/8"
NOT_ASKED: Final = read_networks(f"{_FOUR} {_SIX}".split())
"""Addresses that mean another machine everywhere: no list of the Internet can know them, and no stranger has them."""
_CODE: Final = re.compile(r"([0-9.;\[\]]+)(?:=(-?[0-9]{1,3}(?:\.[0-9]{1,2})?))?")
_OCTET: Final = re.compile(r"\[([0-9.;]+)\]|([0-9]{1,3})")


class Asks(Enum):
    """What a list knows."""

    SOURCE = "source"
    """Addresses of clients."""
    DOMAIN = "domain"
    """Domains: of senders, of clients, and of what a message links to."""


@dataclass(frozen=True, slots=True)
class Code:
    """Answers that mean one thing, as `127.0.0.[2;4..8]=6`: the values that each octet may have, and the weight."""

    octets: tuple[frozenset[int], frozenset[int], frozenset[int], frozenset[int]]
    weight: float
    text: str = ""

    def takes(self, answer: IPv4Address) -> bool:
        """Whether an answer is one of them."""
        return all(octet in allowed for octet, allowed in zip(answer.packed, self.octets, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsList:
    """One list. A weight above zero speaks against, one below zero for whoever is on it."""

    zone: str
    asks: Asks = Asks.SOURCE
    weight: float = 4.0
    """Of every answer where `codes` is empty; else only of those that they name without one of their own."""
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that somebody is on."""

    zone: str
    name: str
    """Who: the address or domain."""
    answer: str
    weight: float

    @property
    def told(self) -> str:
        """As a sentence."""
        how = "lists" if self.weight >= 0 else "vouches for"
        return f"{self.zone} {how} {self.name} ({self.answer})"


@dataclass(frozen=True, slots=True)
class Repute:
    """What the lists say."""

    listings: tuple[Listing, ...] = ()
    failed: tuple[str, ...] = field(default=())
    """A sentence for each list that did not answer, or answered what no list does."""

    @property
    def score(self) -> float:
        """The sum of the weights."""
        return sum(one.weight for one in self.listings)

    @property
    def told(self) -> str:
        """As a sentence."""
        return ", ".join(one.told for one in self.listings)


class NoAnswer(Exception):
    """What came is nothing that a list says; the text is a sentence."""


def read_code(text: str, weight: float) -> Code:
    """Answers and their weight: `127.0.0.2`, `127.0.0.[4..7]=6.5`, `127.0.[0..255].[2;3]=-2`. Raises ValueError."""
    match = _CODE.fullmatch(text.replace(" ", ""))
    octets = _octets(match[1]) if match else None
    if match is None or octets is None or octets[0] != {127}:
        raise ValueError(f'{text!r} is no answer of a list; write "127.0.0.2", "127.0.0.[4..7]=6.5" or the like')
    return Code(octets, float(match[2]) if match[2] else weight, text.replace(" ", ""))


def question(ip: str, zone: str) -> str | None:
    """The name to ask for an address (RFC 5782 section 2); None for one that is not asked about."""
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if str(address) in NOT_ASKED:
        return None
    parts = str(address).split(".") if address.version == 4 else list(address.exploded.replace(":", ""))
    return f"{'.'.join(reversed(parts))}.{zone}"


def test_point(asks: Asks, zone: str) -> str:
    """A name that no list may have on it (RFC 5782 section 5): one that has lists the whole world."""
    return f"1.0.0.127.{zone}" if asks is Asks.SOURCE else f"invalid.{zone}"


def listing(one: DnsList, name: str, answers: tuple[str, ...]) -> Listing | None:
    """What the addresses that a list gave mean; None: it does not list the name. Raises NoAnswer."""
    if len(answers) > MOST_RECORDS:
        raise NoAnswer(f"{one.zone} gave {len(answers)} addresses, which no list does")
    found: list[tuple[float, str]] = []
    for text in answers:
        answer = _answer(one.zone, text)
        code = next((code for code in one.codes if code.takes(answer)), None)
        if code is not None:
            found.append((code.weight, text))
        elif not one.codes:
            found.append((one.weight, text))
    if not found:
        return None
    weight, text = max(found, key=lambda each: abs(each[0]))
    return Listing(one.zone, name, text, weight)


def _answer(zone: str, text: str) -> IPv4Address:
    try:
        answer = IPv4Address(text)
    except ValueError:
        raise NoAnswer(f"{zone} gave what is no address") from None
    octets = answer.packed
    if octets[0] != 127:
        raise NoAnswer(f"{zone} gave {answer}, which no list does: is it still there, and our DNS server honest?")
    if octets[:3] == b"\x7f\xff\xff":
        raise NoAnswer(f"{zone} refuses our questions ({answer}): ask by a DNS server of your own, or pay for it")
    if octets == b"\x7f\x00\x00\x01":
        raise NoAnswer(f"{zone} gave 127.0.0.1, which means nothing")
    return answer


def _octets(text: str) -> tuple[frozenset[int], frozenset[int], frozenset[int], frozenset[int]] | None:
    """Four sets of values; None where the text is no pattern."""
    pieces = re.split(r"\.(?![^\[]*\])", text)
    if len(pieces) != 4:
        return None
    one, two, three, four = (_values(piece) for piece in pieces)
    if one is None or two is None or three is None or four is None:
        return None
    return one, two, three, four


def _values(piece: str) -> frozenset[int] | None:
    match = _OCTET.fullmatch(piece)
    if match is None:
        return None
    values: set[int] = set()
    for span in (match[1] or match[2]).split(";"):
        low, dots, high = span.partition("..")
        if not low.isdigit() or (dots and not high.isdigit()) or len(low) > 3 or len(high) > 3:
            return None
        values |= set(range(int(low), int(high or low) + 1))
    return frozenset(values) if values and max(values) < 256 else None


@lru_cache(maxsize=4096)
def is_stranger(ip: str) -> bool:
    """Whether an address may be anybody's on the Internet."""
    return bool(ip) and ip not in NOT_ASKED

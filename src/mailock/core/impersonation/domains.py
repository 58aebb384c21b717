"""Domains that pass for others: by letters that look alike, by one letter more or less, by words that are added.

Two names look alike where their skeletons are equal: each letter, or group of letters, replaced by what it may be taken
for (the idea of UTS #39, section 4, with the pairs of ASCII that readers of small screens confuse).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mailock.core.evidence.links.hosts import glanced, readable
from mailock.core.impersonation.listing import words

_GROUPS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_LETTERS: Final = str.maketrans("01i|35489672", "olllesabgbtz")
_SHORTEST_TYPO: Final = 6
"""Letters of a name below which one letter more or less makes another honest name."""
_SHORTEST_PIECE: Final = 3
_SHORTEST_WITHIN: Final = 7
"""Letters of a name from which on no other word holds it by chance."""
ADDED: Final = words(
    "account accounts accounting admin alert alerts app auth authenticate bank banking billing care center centre"
    " claim client confirm connect customer delivery desk express help helpdesk id info invoice kunden kundenservice"
    " konto login logon mail mailbox mailer manage member my net notice notification notifications online order"
    " paket parcel pay payment payments portal post refund renew reward rewards safe safety secure secured security"
    " server service services shipping sicherheit sign signin store support team tracking update updates user"
    " validate verification verify wallet web webmail win active com de co us uk eu inc group hr payroll office tax www"
)
"""Words that imitators add to a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """How a domain passes for another."""

    of: str
    """What it passes for, as people write it."""
    how: str
    """In words that follow the domain: `has other letters that look the same`."""
    sure: bool
    """Whether nobody would choose such a name by chance."""


class Names:
    """Names that others may pass for, found by what a lookalike has in common with them."""

    __slots__ = ("_by_end", "_by_skeleton", "_of")

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names`: labels of domains, and what each is the name of."""
        self._of = dict(names)
        self._by_skeleton: dict[str, str] = {}
        self._by_end: dict[tuple[int, str], list[str]] = {}
        for label in names:
            self._by_skeleton.setdefault(skeleton(label), label)
            # One edit leaves the first letter or the last as it is.
            for key in {(0, label[:1]), (1, label[-1:])}:
                self._by_end.setdefault(key, []).append(label)

    def resemblance(self, site: str) -> Resemblance | None:
        """How a registrable domain passes for one of the names; None where it does not."""
        label = site.partition(".")[0]
        for name in self._candidates(label):
            found = _resembles(label, name)
            if found is not None:
                how, sure = found
                return Resemblance(of=self._of[name], how=how, sure=sure)
        return None

    def looks_like(self, label: str) -> str:
        """What a label is written to look like, letter by letter; empty where it is nothing, or that name itself."""
        name = self._by_skeleton.get(skeleton(label), "")
        return self._of[name] if name != label and len(name) >= _SHORTEST_TYPO - 1 else ""

    def _candidates(self, label: str) -> Iterator[str]:
        if label in self._of:
            yield label
        for piece in (label, *label.split("-")):
            if (name := self._by_skeleton.get(skeleton(piece))) is not None:
                yield name
        for key in ((0, label[:1]), (1, label[-1:])):
            for name in self._by_end.get(key, ()):
                if abs(len(name) - len(label)) <= 1 or name in label:
                    yield name
        if "-" in label:
            yield from (piece for piece in label.split("-") if piece in self._of)


def _resembles(label: str, name: str) -> tuple[str, bool] | None:
    if label == name:
        return "has the same name under another ending", False
    if len(name) >= _SHORTEST_TYPO - 1 and skeleton(label) == skeleton(name):
        return "has other letters that look the same", True
    if len(name) >= _SHORTEST_TYPO and abs(len(label) - len(name)) <= 1 and one_edit(label, name):
        return "is one letter away", True
    if len(label) > len(name) >= _SHORTEST_PIECE:
        return _within(label, name)
    return None


def _within(label: str, name: str) -> tuple[str, bool] | None:
    """Whether a name stands within a label, with words around it that imitators add."""
    pieces = label.split("-")
    alike = [piece for piece in pieces if piece == name or (len(name) > 4 and skeleton(piece) == skeleton(name))]
    if alike and len(pieces) > 1:
        others = [piece for piece in pieces if piece not in alike]
        return "has the name among others", all(piece in ADDED or piece.isdigit() for piece in others)
    if len(name) >= _SHORTEST_TYPO - 1 and (label.startswith(name) or label.endswith(name)):
        rest = (label.removeprefix(name) if label.startswith(name) else label.removesuffix(name)).strip("-")
        if rest in ADDED or rest.isdigit():
            return "has the name with a word added", True
    if len(name) >= _SHORTEST_WITHIN and name in label:
        return "has the name within", False
    return None


@lru_cache(maxsize=2048)
def skeleton(label: str) -> str:
    """What a label is taken for at a glance."""
    shown = readable(label)
    text = shown if shown.isascii() else glanced(shown)
    for group, one in _GROUPS:
        text = text.replace(group, one)
    return text.translate(_LETTERS).replace("-", "")


def one_edit(one: str, other: str) -> bool:
    """Whether one letter added, left out, replaced, or two neighbours exchanged make one name of the other."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    tail, its = one[start:], other[start:]
    if len(tail) == len(its):
        exchanged = len(tail) > 1 and tail[0] == its[1] and tail[1] == its[0] and tail[2:] == its[2:]
        return exchanged or tail[1:] == its[1:]
    return tail[1:] == its if len(tail) > len(its) else its[1:] == tail

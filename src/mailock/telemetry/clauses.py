"""What of a query the index over words can tell: clauses, each a word that some columns of the index must have.

All clauses of a query are asked for together, unless one of them is dear: of a word that may go on (`someone…`) the
index first gathers every row that has any such word, which are millions where the beginning is common. Whether it is
common shows in a sample of rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.lifecycle.query import Query, Term, Where
from mailock.core.mail.shown import cleaned
from mailock.telemetry.index import COLUMNS, FACETS, facet, indexed_row, system_fact
from mailock.telemetry.words import address_key, ends_inside, tokens

_COLUMNS: Final = {
    Where.ANYWHERE: ("subject", "sender", "recipient", "id"),
    Where.FROM: ("sender",),
    Where.TO: ("recipient",),
    Where.SUBJECT: ("subject",),
    Where.IP: ("ip",),
    Where.ID: ("id",),
    Where.SESSION: ("session",),
    Where.HOP: ("hop",),
    Where.REASON: ("reason",),
}
_FACT: Final = ("fact",)
_COMMON: Final = 16
"""A beginning is common that one of so many rows has."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A word that one of the columns has; with `goes_on` one that begins so."""

    columns: tuple[str, ...]
    word: str
    goes_on: bool = False

    def __str__(self) -> str:
        return f'{{{" ".join(self.columns)}}} : "{self.word}"' + (" *" if self.goes_on else "")

    def holds(self, row: Sequence[int | str]) -> bool:
        """Whether a row of the index has it."""
        found = (word for name in self.columns for word in tokens(str(row[COLUMNS.index(name) + 1])))
        return any(word.startswith(self.word) if self.goes_on else word == self.word for word in found)


def clauses(query: Query, *, facets: bool) -> list[Clause]:
    """The clauses of a query; none where the index can tell nothing of it.

    `facets`: whether the rows are meant of which it has these.
    """
    terms = (term for term in query.terms if facets or term.where not in FACETS)
    found = [clause for term in terms for clause in _of_term(term)]
    if query.virtual_system is not None:
        found.append(Clause(_FACT, system_fact(query.virtual_system)))
    return found


def match(wanted: Iterable[Clause]) -> str:
    """Clauses in the language of the index."""
    return " AND ".join(map(str, wanted))


def cheap(wanted: Sequence[Clause], sample: Iterable[bytes]) -> Sequence[Clause]:
    """The clauses without those that are dear, as long as any are left. `sample`: stories, read where it matters."""
    if len(wanted) < 2 or not any(clause.goes_on for clause in wanted):
        return wanted
    rows = [indexed_row(0, story) for story in sample]
    often = len(rows) / _COMMON
    left = [one for one in wanted if not one.goes_on or sum(one.holds(row) for row in rows) <= often]
    return left or wanted


def _of_term(term: Term) -> Iterator[Clause]:
    match term.where, term.text:
        case Where.FROM, "<>":
            yield Clause(_FACT, "null")
        case Where.VERDICT, verdict:
            yield from (Clause(_FACT, f"v{word}") for word in tokens(verdict))
        case ((Where.CLASS | Where.RULE) as kind, text):
            yield from (Clause(_FACT, facet(kind, word)) for word in tokens(text))
        case ((Where.FINDING | Where.FILE | Where.HASH | Where.URL) as kind, text):
            yield from _words(_FACT, [facet(kind, word) for word in tokens(cleaned(text))], text)
        case Where.IP, address:
            yield Clause(("ip",), address_key(address), goes_on=True)
        case where, text:
            yield from _words(_COLUMNS[where], tokens(cleaned(text)), text)


def _words(columns: tuple[str, ...], words: Sequence[str], text: str) -> Iterator[Clause]:
    yield from (Clause(columns, word) for word in words[:-1])
    yield Clause(columns, words[-1], goes_on=ends_inside(text))

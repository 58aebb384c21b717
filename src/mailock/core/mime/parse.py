"""Takes a message apart: one entity after the other, without recursion, until nothing is left or the budget is spent.

What the most likely reading has is read first, in the order in which it stands; what only other readings have comes
after it, so that a budget is never spent on oddities before the message itself is read. The same octets are never read
twice as an entity. Nothing here raises for any octets, opens anything or contacts anybody; the time is linear in the
size of the message, times the depth that the budget allows.
"""

from collections import deque
from typing import Final

from mailock.core.mime.budget import USUAL, Account, Budget
from mailock.core.mime.defects import Defect
from mailock.core.mime.entity import Reader
from mailock.core.mime.part import Anatomy, Part, PartPath, Provenance, Span
from mailock.core.mime.work import DEFAULT, Enclosure, Entity, Work, found_within, late, split_off, within_enclosure

ROOT: Final = PartPath("1")


def parse(message: bytes | memoryview, budget: Budget = USUAL) -> Anatomy:
    """The anatomy of a message, whatever its octets are."""
    return _Dissection(bytes(message), budget).anatomy()


class _Dissection:
    """A message being taken apart."""

    def __init__(self, message: bytes, budget: Budget) -> None:
        self._account = Account(budget)
        self._reader = Reader(message, self._account)
        self._parts: list[Part] = []
        self._defects: set[Defect] = set()
        self._seen: set[tuple[int, int, int, bool]] = set()
        self._undivided: list[tuple[Entity, Part]] = []
        self._next: list[Work] = [
            Entity(
                path=ROOT,
                parent=None,
                provenance=Provenance.MIME,
                alternate=False,
                depth=1,
                space=0,
                start=0,
                end=len(message),
                limit=len(message),
                default=DEFAULT,
            )
        ]
        self._later: deque[Work] = deque()
        self._boundaries: set[bytes] = set()

    def anatomy(self) -> Anatomy:
        while self._next or self._later or self._divided_late():
            work = self._next.pop() if self._next else self._later.popleft()
            if not self._affordable(work):
                break
            if isinstance(work, Enclosure):
                self._take_enclosure(work)
            else:
                self._take_entity(work)
        defects = self._defects.union(*(part.defects for part in self._parts))
        return Anatomy(spaces=tuple(self._reader.spaces), parts=tuple(self._parts), defects=frozenset(defects))

    def _affordable(self, work: Work) -> bool:
        if self._parts and not self._account.part():
            self._defects.add(Defect.TOO_MANY_PARTS)
            return False
        if work.alternate and not self._account.alternative():
            self._defects.add(Defect.AMBIGUOUS)
            return False
        return True

    def _take_entity(self, entity: Entity) -> None:
        headless = entity.provenance in (Provenance.PREAMBLE, Provenance.EPILOGUE)
        place = (entity.space, entity.start, entity.end, headless)
        if place in self._seen:
            return
        self._seen.add(place)
        part, outcome = self._reader.read(entity)
        self._parts.append(part)
        if part.readings and not outcome.ways:
            self._undivided.append((entity, part))
        if outcome.ways:
            self._boundaries.update(part.boundaries)
            self._schedule(split_off(entity, part, outcome, self._reader.spaces))
        if outcome.messages or outcome.strays or outcome.enclosed:
            self._schedule(found_within(entity, part, outcome))

    def _schedule(self, offspring: list[Work]) -> None:
        self._next.extend(work for work in reversed(offspring) if not work.alternate)
        self._later.extend(work for work in offspring if work.alternate)

    def _divided_late(self) -> bool:
        """Look, once all is read, for delimiters in bodies that were not split; whether there are any.

        A client may not have ended an inner multipart where the outer one goes on.
        """
        undivided, self._undivided = self._undivided, []
        for entity, part in undivided:
            found, cut = late(self._reader.spaces[entity.space], part, entity, self._boundaries)
            if cut:
                self._defects.add(Defect.AMBIGUOUS)
            self._later.extend(found)
        return bool(self._later)

    def _take_enclosure(self, work: Enclosure) -> None:
        file = work.file
        defects = set(file.defects)
        kept = [reading for reading in file.contents if self._account.take(len(reading.content))]
        if len(kept) < len(file.contents):
            defects.add(Defect.TOO_LARGE)
        offspring = within_enclosure(work, kept, defects, self._reader.spaces)
        if offspring and work.depth >= self._account.budget.depth:
            defects.add(Defect.TOO_DEEP)
            offspring = []
        self._parts.append(
            Part(
                path=work.path,
                parent=work.parent,
                provenance=file.provenance,
                alternate=work.alternate,
                space=work.space,
                header=Span(work.span.start, work.span.start),
                body=work.span,
                types=(file.media,),
                charsets=(),
                encodings=(),
                dispositions=(),
                untrusted_names=file.untrusted_names,
                boundaries=(),
                readings=tuple(kept),
                defects=frozenset(defects),
            )
        )
        self._schedule(offspring)

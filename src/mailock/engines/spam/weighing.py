"""`spam`: the half of the classifier outside of the jail. It gets what the jail saw, and no byte of the mail.

It asks nobody: like the online engines it works on facts alone, so that the model and what virtual systems have learnt
may change without a new jail.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from mailock.core.classify import model as models
from mailock.core.classify import seen as documents
from mailock.core.classify.model import Model
from mailock.core.classify.seen import BadDocument, Seen
from mailock.core.classify.weighing import ENGINE, KINDS, weigh
from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Fact, FactKind, Finding
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.message import Message
from mailock.ports.lessons import Lessons

FILE: Final = Path(__file__).with_name("shipped.model")


@cache
def shipped() -> Model:
    """The model that comes with Mailock. Raises OSError and BadModel where it is damaged."""
    return models.read(FILE.read_bytes())


class Weighing:
    """Weighs by the shipped model and by what the virtual system of a message has been taught."""

    def __init__(self, lessons: Lessons) -> None:
        self._model = shipped()
        self._lessons = lessons
        self._manifest = Manifest(
            name=ENGINE,
            version=self._model.version,
            where=Where.ONLINE,
            scope=Scope.MESSAGE,
            duty=Duty.SPAM,
            seconds=10.0,
            kinds=KINDS,
        )

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return self._manifest

    async def ask(self, message: Message, facts: Sequence[Fact]) -> Sequence[Finding]:
        """The findings that add up to the score. Raises Unfinished where the jail said nothing that can be read."""
        return weigh(reading_in(facts), self._model, self._lessons.of(message.virtual_system)).findings


def reading_in(facts: Sequence[Fact]) -> Seen:
    """What the jail saw of a message. Raises Unfinished where it says nothing, more than one thing, or rubbish."""
    told = [fact.untrusted_value for fact in facts if fact.kind is FactKind.READING and fact.part == ROOT]
    if len(told) != 1:
        raise Unfinished(Why.UNREADABLE, "the jail did not say how the message reads")
    try:
        return documents.read(told[0])
    except BadDocument as error:
        raise Unfinished(Why.NONSENSE, f"what the jail says of how it reads cannot be read: {error}") from None

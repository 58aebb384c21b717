"""What is remembered of a case that was judged, beside its message: enough to tell why, and to judge it again.

Under another policy the evidence stays what it was; what is enforced for whom is asked of that policy's routes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailock.core.authentication.authentication import as_document
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.manifest import Duty
from mailock.core.mail.message import Message
from mailock.core.policy.case import Case, parties_of
from mailock.core.policy.decide import Judgement
from mailock.core.routing.rules import Routes


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What was seen of a message, in which circumstances, and what was decided."""

    examination: Examination
    duties: Mapping[str, Duty]
    at: float
    """When it was judged, in Unix seconds."""
    judgement: Judgement
    offset: float = 0.0
    """Seconds that local time was ahead of UTC."""
    proven: frozenset[str] = frozenset()
    country: str | None = None
    in_session: bool = False
    groups: tuple[frozenset[str], ...] = field(default=())
    """Of each recipient, by its place in the envelope."""
    monitored: frozenset[int] = frozenset()
    """Places of the recipients for whom nothing was enforced."""

    sender: Mapping[str, object] | None = None
    """Who sent it, as it is told; None where nobody was asked."""


def remember(case: Case, judgement: Judgement) -> Remembered:
    """What is remembered of a case."""
    return Remembered(
        examination=case.examination,
        duties=case.duties,
        at=case.now,
        judgement=judgement,
        offset=case.offset,
        proven=case.proven,
        country=case.country,
        in_session=case.in_session,
        groups=tuple(party.groups for party in case.parties),
        monitored=frozenset(party.number for party in case.parties if party.monitoring),
        sender=None if case.examination.authentication is None else as_document(case.examination.authentication),
    )


def again(message: Message, remembered: Remembered, routes: Routes) -> Case:
    """The case as it was, with these routes."""
    groups = dict(enumerate(remembered.groups))
    return Case(
        message=message,
        examination=remembered.examination,
        duties=remembered.duties,
        parties=parties_of(message, routes, groups),
        now=remembered.at,
        offset=remembered.offset,
        proven=remembered.proven,
        country=remembered.country,
        in_session=remembered.in_session,
    )

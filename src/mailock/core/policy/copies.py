"""The copies of a message that policy has sent to those who watch, in words (FEATURES 8: send a copy).

They tell of the message as its recipients may know it: who was to stay unseen is counted and not named (DECISIONS 14),
and a link is written so that it cannot be followed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.finding import Link
from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.record import sender_text
from mailock.core.mail.message import Message, show_id
from mailock.core.mail.shown import cleaned, header
from mailock.core.notices.compose import date
from mailock.core.policy.case import Case
from mailock.core.policy.decide import Judgement
from mailock.core.policy.decision import Decision
from mailock.core.rewriting.edits import shown
from mailock.core.rewriting.texts import expand, listed, neutralise

MOST_LINKS: Final = 50
_DONE: Final = {
    Disposition.DELIVER: "delivered",
    Disposition.HOLD: "held",
    Disposition.QUARANTINE: "kept in quarantine",
    Disposition.REJECT: "rejected",
    Disposition.DISCARD: "discarded",
}
_BETWEEN: Final = str.maketrans(dict.fromkeys("<>,;:\"'()[]\t", " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """One copy that is to be sent."""

    to: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The message itself, as it came, for those whom rules add to its recipients."""

    to: tuple[str, ...]


def passed(case: Case, judgement: Judgement) -> tuple[Passed, ...]:
    """Whom rules add where the message is delivered; one who is its recipient already is not added."""
    known = {str(party.address).lower() for party in case.parties}
    going = (one for one in judgement.decisions if one.disposition is Disposition.DELIVER)
    added = dict.fromkeys(address for one in going for address in one.added if address.lower() not in known)
    return (Passed(to=tuple(added)),) if added else ()


def copies(case: Case, judgement: Judgement, template: str) -> tuple[Ordered, ...]:
    """The copies that decisions order: one for each group of people, about the recipients whom it concerns."""
    groups: dict[tuple[str, ...], list[Decision]] = {}
    for decision in judgement.decisions:
        if decision.copies_to:
            groups.setdefault(decision.copies_to, []).append(decision)
    message = case.message
    subject = header(message.glimpse.subject)
    threat = judgement.verdict.threat.name.lower()
    return tuple(
        Ordered(
            to=to,
            subject=f"Copy of a message that is {threat}: {subject}",
            text=expand(template, _values(case, judgement, decisions, subject)),
        )
        for to, decisions in groups.items()
    )


def _values(case: Case, judgement: Judgement, decisions: Sequence[Decision], subject: str) -> dict[str, str]:
    message = case.message
    origin = message.origin
    return {
        "queue_id": show_id(message.queue_id),
        "date": date(message.accepted_at),
        "source": cleaned(f"{origin.untrusted_helo} [{origin.ip}]"),
        "sender": sender_text(message.envelope.sender),
        "recipients": _named(message, [one.recipient for one in decisions]),
        "subject": subject,
        "decision": listed([_told(message, one) for one in decisions]),
        "verdicts": listed(judgement.verdict.because) or "- nothing",
        "links": _neutralised(case.examination.links) or "- none",
    }


def _told(message: Message, decision: Decision) -> str:
    changes = f", changed ({', '.join(map(shown, decision.edits))})" if decision.edits else ""
    who = _named(message, [decision.recipient])
    return f"{_DONE[decision.disposition]}{changes} for {who}, by rule {decision.rule}: {'; '.join(decision.because)}"


def _named(message: Message, numbers: Iterable[int]) -> str:
    """The recipients whom the header names too; the others are counted."""
    seen = f"{message.glimpse.to} {message.glimpse.cc}".lower().translate(_BETWEEN).split()
    addresses = [str(message.envelope.recipients[number].address) for number in numbers]
    known = [address for address in addresses if address.lower() in seen]
    others = len(addresses) - len(known)
    if not others:
        return ", ".join(known)
    unseen = f"{others} whom its header does not name"
    return f"{', '.join(known)} and {unseen}" if known else unseen


def _neutralised(links: Sequence[Link]) -> str:
    urls = list(dict.fromkeys(neutralise(link.untrusted_url) for link in links))
    more = [f"and {len(urls) - MOST_LINKS} more"] if len(urls) > MOST_LINKS else []
    return listed([*urls[:MOST_LINKS], *more])

"""How much of what there was: the sums that views of the log read, counted from the events of each message.

There are two kinds of sums. Of the one, a message stands in the minute in which it *arrived*, under what is known of it
now: when its status changes, it leaves the old status of that minute and joins the new one, so that a sum over a time
frame says what became of the mail of that time. Of the other, what *happened* stands in the minute in which it did: a
delivery, a deferral, a decision. `Measure` says which is which.

The sums of a message follow from its events alone. Whoever counts them while they are written, and whoever counts them
again from the log, comes to the same numbers; amounts are whole numbers, so that no order of adding matters.
"""

from typing import Final, assert_never

from mailock.core.lifecycle.copies import Deferred, Failed, NotForwarded, Response, Sent
from mailock.core.lifecycle.events import (
    Accepted,
    Attempted,
    Discarded,
    Event,
    Held,
    Judged,
    Noted,
    Quarantined,
    Refused,
    Released,
    Remade,
    Returned,
    ScanStarted,
)
from mailock.core.lifecycle.measures import Measure, seconds_key, size_key
from mailock.core.lifecycle.record import sender_text
from mailock.core.lifecycle.standing import DECIDED, status_of
from mailock.core.lifecycle.timeline import moment_of
from mailock.core.mail.address import Address
from mailock.core.mail.message import Message
from mailock.core.mail.status import Status

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86_400
"""Of UTC, which has neither summer nor leap seconds here."""
_KEY_LENGTH: Final = 120
"""Characters of a key; what is longer is cut."""


Place = tuple[int, Measure, str, str]
"""The minute in Unix seconds, the measure's word, the virtual system, the key."""
Sums = dict[Place, tuple[int, int]]
"""Number and amount at each place."""


class Counted:
    """What of one message stands in the sums, so that it can be moved when more is known."""

    __slots__ = ("arrived", "judged", "recipients", "refusals", "size", "status", "system")

    def __init__(self) -> None:
        self.system = ""
        self.arrived = 0.0
        self.size = 0
        self.status: Status | None = None
        self.judged: tuple[tuple[Measure, str], ...] = ()
        """Where its latest judgement counts."""
        self.recipients = 0
        """How many there are; 0 where the beginning of its story was lost."""
        self.refusals = 0


def count(sums: Sums, counted: Counted, event: Event, *, skipped: bool) -> None:
    """Adds what an event is worth, except for the message's status. `skipped`: see Standing."""
    if not counted.arrived:
        counted.arrived = event.at if isinstance(event, Refused) else moment_of(event)
    match event:
        case Accepted():
            _accepted(sums, counted, event.message)
        case Judged():
            _judged(sums, counted, event)
        case Attempted():
            _attempted(sums, counted, event, skipped=skipped)
        case Refused():
            _refused(sums, counted, event)
        case Quarantined():
            many = _many(counted, event.recipients)
            _happened(sums, counted, event.at, Measure.QUARANTINED, event.quarantine_class, many)
            _happened(sums, counted, event.at, Measure.OUTCOME, Status.QUARANTINED.value, many)
        case Held():
            _happened(sums, counted, event.at, Measure.OUTCOME, Status.HOLD.value, _many(counted, event.recipients))
        case Released():
            _happened(sums, counted, event.at, Measure.OUTCOME, Status.RELEASED.value, _many(counted, event.recipients))
        case Discarded():
            _happened(
                sums, counted, event.at, Measure.OUTCOME, Status.DISCARDED.value, _many(counted, event.recipients)
            )
        case Returned():
            _happened(sums, counted, event.at, Measure.OUTCOME, Status.BOUNCED.value, _many(counted, event.recipients))
            _happened(sums, counted, event.at, Measure.BOUNCED, event.why, _many(counted, event.recipients))
        case ScanStarted() | Noted() | Remade():
            return
        case _:
            assert_never(event)


def settle(sums: Sums, counted: Counted, status: Status) -> None:
    """Moves a message, of which something was counted, to the status that it shows now."""
    if counted.status is status:
        return
    weight = max(1, counted.refusals)
    if counted.status is not None:
        _arrived(sums, counted, Measure.STATUS, counted.status.value, -weight)
    _arrived(sums, counted, Measure.STATUS, status.value, weight)
    counted.status = status


def reason(response: Response) -> str:
    """What replies are alike by: their codes; where nobody replied, what happened."""
    return f"{response.code} {response.enhanced or ''}".strip() if response.code else response.text


def _accepted(sums: Sums, counted: Counted, message: Message) -> None:
    counted.system, counted.size = message.virtual_system, message.body.size
    recipients, sender = message.envelope.recipients, message.envelope.sender
    counted.recipients = len(recipients)
    for direction in {recipient.direction for recipient in recipients}:
        _arrived(sums, counted, Measure.DIRECTION, direction.value)
    _arrived(sums, counted, Measure.SIZE, size_key(counted.size))
    _arrived(sums, counted, Measure.SENDER, sender_text(sender and _readable(sender)))
    for recipient in recipients:
        _arrived(sums, counted, Measure.RECIPIENT, str(_readable(recipient.address)))
    if message.own is None:
        _arrived(sums, counted, Measure.SOURCE, message.origin.ip)


def _judged(sums: Sums, counted: Counted, event: Judged) -> None:
    for measure, key in counted.judged:
        _arrived(sums, counted, measure, key, -1)
    at = [(Measure.VERDICT, event.verdict)]
    if event.scan is not None:
        at.append((Measure.CLASS, event.scan.mail_class))
        _happened(sums, counted, event.at, Measure.EXAMINED, *_took(event.at - event.started))
        if event.scan.outline is not None:
            outline = event.scan.outline
            at.append((Measure.CONTENT, outline.kind))
            at += [(Measure.DETECTION, kind) for kind in outline.detections]
            at += [(Measure.UNFINISHED, engine) for engine in outline.unfinished]
    for measure, key in at:
        _arrived(sums, counted, measure, key)
    counted.judged = tuple(at)
    for decided in event.decisions:
        many = _many(counted, decided.recipients)
        _happened(sums, counted, event.at, Measure.RULE, decided.rule, many)
        _happened(sums, counted, event.at, Measure.OUTCOME, DECIDED[decided.disposition].value, many)
        if decided.quarantine_class is not None:
            _happened(sums, counted, event.at, Measure.QUARANTINED, decided.quarantine_class, many)


def _attempted(sums: Sums, counted: Counted, event: Attempted, *, skipped: bool) -> None:
    at, hop = event.at, event.hop.name or event.hop.ip
    for outcome in event.outcomes:
        status = status_of(outcome, skipped=skipped)
        match outcome:
            case Sent():
                _happened(sums, counted, at, Measure.HOP, hop)
                if counted.recipients:
                    _happened(sums, counted, at, Measure.DELAY, *_took(at - counted.arrived))
            case Deferred():
                _happened(sums, counted, at, Measure.HOP_DEFERRED, hop)
                _happened(sums, counted, at, Measure.DEFERRED, reason(outcome.response))
            case Failed():
                _happened(sums, counted, at, Measure.HOP_BOUNCED, hop)
                _happened(sums, counted, at, Measure.BOUNCED, reason(outcome.response))
            case NotForwarded():
                pass
            case _:
                assert_never(outcome)
        _happened(sums, counted, at, Measure.OUTCOME, status.value)


def _refused(sums: Sums, counted: Counted, event: Refused) -> None:
    many = event.count - counted.refusals
    counted.refusals = event.count
    if counted.status is not None:
        _arrived(sums, counted, Measure.STATUS, counted.status.value, many)
    _happened(sums, counted, event.at, Measure.REFUSED, event.reply, many, 0)
    _happened(sums, counted, event.at, Measure.REFUSED_SOURCE, event.source_ip, many, 0)


def _many(counted: Counted, recipients: tuple[int, ...]) -> int:
    """How many recipients an event is about: one that names nobody is about all of them."""
    return len(recipients) or counted.recipients


def _readable(address: Address) -> Address:
    """An address as the log has it. Its parts are escaped before it is written out, for escapes are quoted then."""
    local = address.local
    return address if local.isascii() else Address(_escaped(local), _escaped(address.domain))


def _escaped(text: str) -> str:
    """Without lone surrogates, which are octets that were no text."""
    return text.encode("utf-8", "backslashreplace").decode()


def _took(seconds: float) -> tuple[str, int, int]:
    return seconds_key(seconds), 1, max(0, round(seconds * 1000))


def _arrived(sums: Sums, counted: Counted, measure: Measure, key: str, many: int = 1) -> None:
    _happened(sums, counted, counted.arrived, measure, key, many)


def _happened(
    sums: Sums, counted: Counted, at: float, measure: Measure, key: str, many: int = 1, amount: int | None = None
) -> None:
    key = key[:_KEY_LENGTH]
    place = int(at) // MINUTE * MINUTE, measure, counted.system, key if key.isascii() else _escaped(key)
    number, total = sums.get(place, (0, 0))
    sums[place] = number + many, total + (many * counted.size if amount is None else amount)

"""What messages can be counted by: each a function of the log's record, and the search that finds those behind a count.

A widget names one of these; a new fact is one entry here, and every kind of widget, export and drill-down has it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.lifecycle.record import RecipientRecord, Record
from mailock.core.mail.shown import cleaned
from mailock.core.mail.status import Status

Labels = Sequence[str]
SIZES: Final = (("under 10 KB", 0), ("10 to 100 KB", 10_000), ("100 KB to 1 MB", 100_000), ("1 to 10 MB", 1_000_000))
LARGEST: Final = ("over 10 MB", 10_000_000)
DELAYS: Final = (
    ("under 1 s", 1.0),
    ("1 to 5 s", 5.0),
    ("5 to 60 s", 60.0),
    ("1 to 10 min", 600.0),
    ("10 to 60 min", 3600.0),
)
SLOWEST: Final = "over an hour"
WENT_WRONG: Final = frozenset({Status.DEFERRED, Status.BOUNCED, Status.REJECTED, Status.HOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something to count by."""

    title: str
    of: Callable[[Record], Labels]
    """The labels of a record; it counts once under each."""
    term: Callable[[str], str]
    """The search for one label; empty where none can say it."""
    order: tuple[str, ...] = ()
    """All labels there are, in their order, where they are few; else the most frequent come first."""


def _none(label: str) -> str:
    return ""


def _quoted(name: str) -> Callable[[str], str]:
    def term(label: str) -> str:
        return f'{name}:"{label}"' if label and '"' not in label else ""

    return term


def _one(text: str) -> Labels:
    return (text,) if text else ()


def _address(text: str) -> str:
    return cleaned(text).lower()


def _recipients(record: Record) -> Labels:
    return tuple(dict.fromkeys(_address(one.address) for one in record.recipients if one.address))


def _hops(record: Record) -> Labels:
    return tuple(
        dict.fromkeys(cleaned(one.hop.name) for one in record.recipients if one.hop is not None and one.hop.name)
    )


def _reasons(record: Record) -> Labels:
    if record.refused is not None:
        return _one(cleaned(record.refused.why))
    return tuple(dict.fromkeys(_why(one) for one in record.recipients if one.status in WENT_WRONG and _why(one)))


def _why(one: RecipientRecord) -> str:
    """A reason without what is particular to one message, so that alike ones are counted together."""
    return cleaned(str(one.reply) if one.reply is not None else one.why)[:160]


def _size(record: Record) -> Labels:
    if record.message is None:
        return ()
    found = (
        LARGEST[0]
        if record.size >= LARGEST[1]
        else next(label for label, least in reversed(SIZES) if record.size >= least)
    )
    return (found,)


def _size_term(label: str) -> str:
    bounds = [least for _, least in SIZES] + [LARGEST[1]]
    names = [name for name, _ in SIZES] + [LARGEST[0]]
    place = names.index(label)
    above = f"size>{bounds[place] - 1}" if bounds[place] else ""
    below = f"size<{bounds[place + 1]}" if place + 1 < len(bounds) else ""
    return f"{above} {below}".strip()


def _delay(record: Record) -> Labels:
    if record.delivered_at is None:
        return ()
    took = record.delivered_at - record.arrival
    return (next((label for label, most in DELAYS if took < most), SLOWEST),)


def _directions(record: Record) -> Labels:
    return tuple(direction.value for direction in record.directions)


def _rules(record: Record) -> Labels:
    return tuple(dict.fromkeys(one.rule for one in record.recipients if one.rule))


def _classes(record: Record) -> Labels:
    return tuple(dict.fromkeys(one.quarantine_class for one in record.recipients if one.quarantine_class))


def _tls(record: Record) -> Labels:
    if record.message is None or record.message.own is not None:
        return ()
    tls = record.message.origin.tls
    return (tls.version if tls is not None else "clear text",)


FACTS: Final[dict[str, Fact]] = {
    "all": Fact(title="All", of=lambda record: ("messages",), term=_none, order=("messages",)),
    "status": Fact(
        title="Status",
        of=lambda record: (record.status.value,),
        term=lambda label: f"status:{label}",
        order=tuple(status.value for status in reversed(Status)),
    ),
    "verdict": Fact(
        title="Verdict",
        of=lambda record: _one(record.verdict),
        term=lambda label: f"verdict:{label}",
        order=("benign", "unknown", "suspicious", "malicious"),
    ),
    "class": Fact(
        title="Class of mail",
        of=lambda record: _one(record.scan.mail_class if record.scan is not None else ""),
        term=lambda label: f"class:{label}",
        order=("ham", "bulk", "suspected_spam", "spam", "phishing"),
    ),
    "direction": Fact(title="Direction", of=_directions, term=_none, order=("incoming", "outgoing", "internal")),
    "size": Fact(title="Size", of=_size, term=_size_term, order=(*(name for name, _ in SIZES), LARGEST[0])),
    "delay": Fact(title="Delay", of=_delay, term=_none, order=(*(name for name, _ in DELAYS), SLOWEST)),
    "sender": Fact(title="Sender", of=lambda record: _one(_address(record.sender)), term=_quoted("from")),
    "recipient": Fact(title="Recipient", of=_recipients, term=_quoted("to")),
    "source": Fact(title="Source", of=lambda record: _one(record.source_ip), term=_quoted("ip")),
    "hop": Fact(title="Next hop", of=_hops, term=_quoted("hop")),
    "reason": Fact(title="Reason", of=_reasons, term=_quoted("reason")),
    "rule": Fact(title="Rule", of=_rules, term=_none),
    "quarantine_class": Fact(title="Kept as", of=_classes, term=_none),
    "tls": Fact(title="Encryption in", of=_tls, term=_none),
}

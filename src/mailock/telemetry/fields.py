"""The fields of the log that can be counted, as a table: what each is called, and where a story has it.

A message counts once under each different value that it has: under every rule that decided for one of its recipients,
under every next hop that was tried. Of what is judged again, the last judgement counts. Refusals have the fields that
are known before custody.

Counting reads millions of stories, so it takes out of them what a field needs and passes over the rest: `reader` makes
what reads one field. The places of values in an event stand in files (`story`), so they never change.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import reduce
from operator import attrgetter, or_
from typing import Any, Final, TypeAlias

import msgspec

from mailock.core.lifecycle.measures import size_key
from mailock.core.mail.address import Address
from mailock.core.mail.message import show_id
from mailock.core.mail.shown import cleaned, header
from mailock.core.mail.status import least_finished
from mailock.telemetry.schema import BITS
from mailock.telemetry.story import ACCEPTED, ATTEMPTED, JUDGED, REFUSED

_KINDS: Final = 12
"""The numbers of events go up to this."""
SCAN: Final = 8
"""The place of the scan in a judgement, which has places of its own: 4 is its outline."""
_SCANNED: Any = msgspec.defstruct(
    "Scanned",
    [(name, msgspec.Raw if name == "f3" else Any, None) for name in ("f0", "f1", "f2", "f3", "f4")],
    array_like=True,
)
"""A scan without its document, which is the largest part of a story."""
Values: TypeAlias = Iterable[object]


@dataclass(frozen=True, slots=True)
class Row:
    """What the columns of a record tell. `arrival`: Unix seconds; `size`: octets."""

    arrival: float
    mask: int
    size: int


class Group(Enum):
    """Where in the list of fields one stands."""

    MESSAGE = "The message"
    SOURCE = "Where it came from"
    CONTENT = "What was seen"
    DECISION = "What was decided"
    DELIVERY = "What became of it"
    TIME = "When"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `places`: by kind of event, the place of its value; `read` makes the values of what stands there."""

    title: str
    group: Group
    places: Mapping[int, int]
    read: Callable[..., Values]
    term: str = ""
    """The field of the search that finds one value of it; empty where none does."""


def scanned(packed: Sequence[Any] | None) -> Any:
    """A packed scan, as fields are read from it; None where nothing was examined."""
    return None if packed is None else _SCANNED(*packed[:5])


def _plain(value: object) -> Values:
    return () if value is None or value == "" else (value,)


def _clean(value: str | None) -> Values:
    return (cleaned(value),) if value else ()


def _header(value: str) -> Values:
    return (header(value),) if value else ()


def _told(value: bool) -> Values:
    return ("yes" if value else "no",)


def _sender(sender: Sequence[str] | str | None) -> Values:
    if isinstance(sender, str):
        return (cleaned(sender),)
    return (cleaned(str(Address(*sender))) if sender is not None else "<>",)


def _sender_domain(sender: Sequence[str] | None) -> Values:
    return (cleaned(sender[1]).lower() if sender is not None else "<>",)


def _recipients(recipients: Sequence[Sequence[str]]) -> Values:
    return {cleaned(str(Address(one[0], one[1]))) for one in recipients}


def _outline(place: int) -> Callable[[Any], Values]:
    def read(scan: Any) -> Values:
        outline = scan.f4 if scan is not None else None
        if outline is None or len(outline) <= place:
            return ()
        found = outline[place]
        return found if isinstance(found, list) else (found,)

    return read


def _scan(place: int) -> Callable[[Any], Values]:
    return lambda scan: () if scan is None else (getattr(scan, f"f{place}"),)


def _decided(place: int) -> Callable[[Sequence[Sequence[Any]]], Values]:
    return lambda decisions: {one[place] for one in decisions if one[place]}


def _because(decisions: Sequence[Sequence[Any]]) -> Values:
    return {cleaned(reason) for one in decisions for reason in one[3]}


def _replies(outcomes: Sequence[Sequence[Any]]) -> Values:
    return {cleaned(f"{one[2]} {one[3] or ''} {one[4]}") for one in outcomes if len(one) > 4}


def _tls(tls: Sequence[Any] | None) -> Values:
    return (f"{tls[0]} {tls[1]}" if tls is not None else "none",)


def _status(row: Row) -> Values:
    return (least_finished(status for status, bit in BITS.items() if row.mask & bit).value if row.mask else "new",)


def _moment(form: str) -> Callable[[Row], Values]:
    return lambda row: (datetime.fromtimestamp(row.arrival, UTC).astimezone().strftime(form),)


def _of_message(title: str, group: Group, place: int, read: Callable[..., Values] = _plain, term: str = "") -> Field:
    return Field(title, group, {ACCEPTED: place}, read, term)


def _of_verdict(title: str, group: Group, place: int, read: Callable[..., Values] = _plain, term: str = "") -> Field:
    return Field(title, group, {JUDGED: place}, read, term)


def _of_row(title: str, group: Group, read: Callable[[Row], Values], term: str = "") -> Field:
    return Field(title, group, {}, read, term)


FIELDS: Final[Mapping[str, Field]] = {
    "id": _of_message("Queue id", Group.MESSAGE, 1, lambda value: (show_id(value),), "id:"),
    "sender": Field("Sender", Group.MESSAGE, {ACCEPTED: 28, REFUSED: 8}, _sender, "from:"),
    "sender_domain": _of_message("Sender's domain", Group.MESSAGE, 28, _sender_domain, "from:"),
    "recipients": _of_message("Recipient", Group.MESSAGE, 29, _recipients, "to:"),
    "recipient_domain": _of_message(
        "Recipient's domain", Group.MESSAGE, 29, lambda all_: {cleaned(one[1]).lower() for one in all_}, "to:"
    ),
    "recipients_number": _of_message("Number of recipients", Group.MESSAGE, 29, lambda all_: (len(all_),)),
    "direction": _of_message("Direction", Group.MESSAGE, 29, lambda all_: {one[2] for one in all_}),
    "subject": _of_message("Subject", Group.MESSAGE, 15, _header, "subject:"),
    "from": _of_message("From", Group.MESSAGE, 16, _header, "from:"),
    "to": _of_message("To", Group.MESSAGE, 17, _header, "to:"),
    "cc": _of_message("Cc", Group.MESSAGE, 18, _header, "to:"),
    "message_id": _of_message("Message-ID", Group.MESSAGE, 14, _clean, "id:"),
    "size": _of_row("Size, up to", Group.MESSAGE, lambda row: (size_key(row.size),)),
    "sha256": _of_message("SHA-256 of the message", Group.MESSAGE, 11, _plain, "hash:"),
    "virtual_system": _of_message("Virtual system", Group.MESSAGE, 4, _plain, "system:"),
    "own": _of_message("Mail of our own", Group.MESSAGE, 8),
    "parent": _of_message(
        "Made from", Group.MESSAGE, 9, lambda value: () if value is None else (show_id(value),), "id:"
    ),
    "source_ip": Field("Source", Group.SOURCE, {ACCEPTED: 19, REFUSED: 5}, _plain, "ip:"),
    "source_port": _of_message("Source's port", Group.SOURCE, 20),
    "helo": Field("HELO", Group.SOURCE, {ACCEPTED: 21, REFUSED: 6}, _clean),
    "protocol": _of_message("Protocol", Group.SOURCE, 22),
    "listener": Field("Listener", Group.SOURCE, {ACCEPTED: 23, REFUSED: 7}, _plain),
    "internal": _of_message("Internal source", Group.SOURCE, 24, _told),
    "authenticated_as": _of_message("Authenticated as", Group.SOURCE, 25, _clean),
    "proxy_ip": _of_message("Proxy", Group.SOURCE, 26),
    "tls_in": _of_message("TLS in", Group.SOURCE, 27, _tls),
    "tls_client": _of_message("Client's certificate", Group.SOURCE, 27, lambda tls: _clean(tls[2] if tls else None)),
    "session": _of_message("Session", Group.SOURCE, 2, _plain, "session:"),
    "ordinal": _of_message("Place in its session", Group.SOURCE, 3),
    "node": _of_message("Node", Group.SOURCE, 5),
    "accept_revision": _of_message("Policy that accepted it", Group.SOURCE, 7),
    "verdict": _of_verdict("Verdict", Group.CONTENT, 5, _plain, "verdict:"),
    "confidence": _of_verdict("Confidence", Group.CONTENT, SCAN, _scan(0)),
    "class": _of_verdict("Class of mail", Group.CONTENT, SCAN, _scan(1), "class:"),
    "score": _of_verdict("Score, rounded", Group.CONTENT, SCAN, lambda s: () if s is None else (round(s.f2),)),
    "content": _of_verdict("Content", Group.CONTENT, SCAN, _outline(0)),
    "attachments": _of_verdict("Number of attachments", Group.CONTENT, SCAN, _outline(1)),
    "links": _of_verdict("Number of links", Group.CONTENT, SCAN, _outline(2)),
    "detections": _of_verdict("Detection", Group.CONTENT, SCAN, _outline(3), "finding:"),
    "unfinished": _of_verdict("Not examined by", Group.CONTENT, SCAN, _outline(4)),
    "files": _of_verdict("Name of a file", Group.CONTENT, SCAN, _outline(5), "file:"),
    "hashes": _of_verdict("SHA-256 of a file", Group.CONTENT, SCAN, _outline(6), "hash:"),
    "urls": _of_verdict("URL", Group.CONTENT, SCAN, _outline(7), "url:"),
    "skipped": _of_verdict("Went unexamined", Group.CONTENT, 7, _told),
    "judge_revision": _of_verdict("Policy that judged it", Group.DECISION, 4),
    "disposition": _of_verdict("Disposition", Group.DECISION, 6, _decided(1)),
    "rule": _of_verdict("Rule", Group.DECISION, 6, _decided(2), "rule:"),
    "because": _of_verdict("Because", Group.DECISION, 6, _because, "reason:"),
    "quarantine_class": _of_verdict("Kept as", Group.DECISION, 6, _decided(4), "reason:"),
    "status": _of_row("Status", Group.DELIVERY, _status, "status:"),
    "next_hop": Field("Next hop", Group.DELIVERY, {ATTEMPTED: 4}, _clean, "hop:"),
    "next_hop_ip": Field("Next hop's address", Group.DELIVERY, {ATTEMPTED: 5}, _plain, "hop:"),
    "tls_out": Field("TLS out", Group.DELIVERY, {ATTEMPTED: 7}, lambda tls: (tls or "none",)),
    "reply": Field("Reply of the next hop", Group.DELIVERY, {ATTEMPTED: 8}, _replies, "reason:"),
    "refused": Field("Refused with", Group.DELIVERY, {REFUSED: 10}, _clean, "reason:"),
    "refused_why": Field("Refused because", Group.DELIVERY, {REFUSED: 11}, _clean, "reason:"),
    "hour": _of_row("Hour of the day", Group.TIME, _moment("%H:00")),
    "weekday": _of_row("Day of the week", Group.TIME, _moment("%u %A")),
    "day": _of_row("Day", Group.TIME, _moment("%Y-%m-%d")),
}
"""Every field, by its name in docs/log.md where it stands there."""


def term(name: str, value: str) -> str:
    """The search that finds one value of a field; empty where none can say it."""
    prefix = FIELDS[name].term
    if not prefix or '"' in value or not (any(c.isalnum() for c in value) or value == "<>"):
        return ""
    return f'{prefix}"{value}"'


def reader(field: Field) -> Callable[[Row, bytes], set[str]]:
    """What gives the values that a message has, from its row and its story. It raises ValueError for a damaged one."""
    if not field.places:
        return lambda row, _: {str(value) for value in field.read(row)}
    kinds = {kind: _event(kind, field.places.get(kind)) for kind in range(1, _KINDS + 1)}
    union: Any = reduce(or_, kinds.values())
    decode = msgspec.msgpack.Decoder[Any](list[union]).decode
    wanted = {kinds[kind]: attrgetter(f"f{place}") for kind, place in field.places.items()}
    judged, read = kinds[JUDGED], field.read

    def read_story(_: Row, story: bytes) -> set[str]:
        found: set[str] = set()
        at, whole = 0, len(story)
        while at < whole:
            end = at + 4 + int.from_bytes(story[at : at + 4], "big")
            for event in decode(story[at + 4 : end]):
                get = wanted.get(type(event))
                if get is None:
                    continue
                if type(event) is judged:
                    found.clear()
                found.update(map(str, read(get(event))))
            at = end
        return found

    return read_story


def _event(kind: int, place: int | None) -> type[msgspec.Struct]:
    """A kind of event with the value that is wanted; the others are passed over."""
    types: list[tuple[str, Any]] = [(f"f{n}", msgspec.Raw) for n in range(1, place or 0)]
    if place is not None:
        types.append((f"f{place}", _SCANNED | None if (kind, place) == (JUDGED, SCAN) else Any))
    return msgspec.defstruct(f"Event{kind}", types, array_like=True, tag=kind)

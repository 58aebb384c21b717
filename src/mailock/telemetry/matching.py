"""What a term of a query finds, said once: the index over words only offers candidates, and this decides."""

from typing import Final, assert_never

from mailock.core.lifecycle.query import NULL_SENDER, Query, Term, Where
from mailock.core.lifecycle.record import Record
from mailock.core.mail.message import QueueId, read_id
from mailock.core.mail.shown import cleaned
from mailock.telemetry.index import Texts, texts
from mailock.telemetry.words import address_key, begins_word, folded


class Matcher:
    """Checks records against a query."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._terms = [(term, folded(cleaned(term.text))) for term in query.terms]

    def matches(self, record: Record) -> bool:
        """Whether a record is meant."""
        query = self._query
        if query.statuses and all(r.status not in query.statuses for r in record.recipients):
            return False
        if query.virtual_system is not None and record.virtual_system != query.virtual_system:
            return False
        if not (
            (query.larger_than is None or record.size > query.larger_than)
            and (query.smaller_than is None or record.size < query.smaller_than)
            and (query.since is None or record.arrival >= query.since)
            and (query.until is None or record.arrival <= query.until)
        ):
            return False
        if not self._terms:
            return True
        found = texts(record)
        return all(_found(term, text, record, found) for term, text in self._terms)


def _found(term: Term, text: str, record: Record, found: Texts) -> bool:
    outline = record.scan.outline if record.scan is not None else None
    match term.where:
        case Where.ANYWHERE:
            places = (found.subject, found.sender, found.recipient, found.id)
            return _is_id(term, record) or any(begins_word(text, folded(place)) for place in places)
        case Where.FROM:
            if term.text == NULL_SENDER:
                return record.sender == NULL_SENDER
            return begins_word(text, folded(found.sender))
        case Where.TO:
            return begins_word(text, folded(found.recipient))
        case Where.SUBJECT:
            return begins_word(text, folded(found.subject))
        case Where.VERDICT:
            return fits(term, text, record.verdict)
        case Where.CLASS:
            return record.scan is not None and fits(term, text, record.scan.mail_class)
        case Where.FINDING:
            return outline is not None and any(fits(term, text, kind) for kind in outline.detections)
        case Where.RULE:
            return any(folded(one.rule) == text for one in record.recipients)
        case Where.FILE:
            return outline is not None and any(fits(term, text, name) for name in outline.files)
        case Where.HASH:
            digests = (*(outline.hashes if outline is not None else ()), *_own_digest(record))
            return any(fits(term, text, digest) for digest in digests)
        case Where.URL:
            return outline is not None and any(fits(term, text, url) for url in outline.urls)
        case Where.IP:
            return fits(term, text, record.source_ip)
        case Where.ID:
            return _is_id(term, record) or begins_word(text, folded(found.id))
        case Where.SESSION:
            return begins_word(text, folded(found.session))
        case Where.HOP:
            return begins_word(text, folded(found.hop))
        case Where.REASON:
            return begins_word(text, folded(found.reason))
        case _:
            assert_never(term.where)


COLUMNED: Final = {
    Where.VERDICT: ("verdict",),
    Where.CLASS: ("class",),
    Where.FINDING: ("detections",),
    Where.FILE: ("files",),
    Where.HASH: ("hashes", "sha256"),
    Where.URL: ("urls",),
    Where.IP: ("source_ip",),
}
"""The fields of the log of which any value that fits decides whether a term finds a message."""


def fits(term: Term, text: str, value: str) -> bool:
    """Whether one value of such a field is what a term means. `text`: the term's, cleaned and folded."""
    match term.where:
        case Where.VERDICT | Where.CLASS:
            return text == folded(value)
        case Where.FINDING:
            return folded(value).startswith(text)
        case Where.HASH:
            return value.startswith(text)
        case Where.IP:
            return address_key(value).startswith(address_key(term.text))
        case _:
            return begins_word(text, folded(value))


def _own_digest(record: Record) -> tuple[str, ...]:
    return (record.message.body.sha256,) if record.message is not None else ()


def _is_id(term: Term, record: Record) -> bool:
    return as_id(term.text) == record.queue_id


def as_id(text: str) -> QueueId | None:
    """The queue id that a text is; None where it is none."""
    try:
        return read_id(text)
    except ValueError:
        return None

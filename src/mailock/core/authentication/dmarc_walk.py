"""The DNS Tree Walk (RFC 9989 section 4.10): which policies stand above a domain, and which organisation it is of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.authentication import dmarc_record
from mailock.core.authentication.dmarc_record import DmarcRecord
from mailock.core.authentication.questions import RecordType, Steps, Unlearnt, is_name, records

LABELS: Final = 8
"""Names that a walk asks for."""


@dataclass(slots=True)
class Walks:
    """Records that were asked for, by their domains, so that two walks ask for each once."""

    known: dict[str, DmarcRecord | None]


class Unsure(Exception):
    """A name of a walk could not be read."""


def discover(walks: Walks, domain: str) -> Steps[DmarcRecord | None]:
    """The record for an author's domain: its own, its organisation's, or its public suffix's. Raises Unsure."""
    own = yield from _at(walks, domain)
    if own is not None:
        return own
    found = yield from _walk(walks, domain)
    organisation = _organisation(found, domain)
    by_domain = {record.domain: record for record in found}
    if organisation in by_domain:
        return by_domain[organisation]
    return next((record for record in found if record.suffix == "y"), None)


def organisation(walks: Walks, domain: str) -> Steps[str]:
    """The organisational domain of a domain. Raises Unsure."""
    return _organisation((yield from _walk(walks, domain)), domain)


def _organisation(found: Sequence[DmarcRecord], start: str) -> str:
    """The organisational domain by the records of a walk, the longest name first."""
    for record in found:
        if record.suffix == "n":
            return record.domain
        if record.suffix == "y" and record.domain != start:
            return ".".join(start.split(".")[-(record.domain.count(".") + 2) :])
    return found[-1].domain if found else start


def _walk(walks: Walks, start: str) -> Steps[list[DmarcRecord]]:
    """The records that a Tree Walk finds, the longest name first. Raises Unsure."""
    found: list[DmarcRecord] = []
    for name in names(start):
        record = yield from _at(walks, name)
        if record is not None:
            found.append(record)
            if record.suffix in ("y", "n"):
                break
    return found


def names(start: str) -> list[str]:
    """The names of a walk: the domain itself, then, from its last seven labels on, each one above."""
    labels = start.split(".")
    above = labels[1:] if len(labels) < LABELS else labels[-(LABELS - 1) :]
    return [start, *(".".join(above[index:]) for index in range(len(above)))]


def _at(walks: Walks, domain: str) -> Steps[DmarcRecord | None]:
    if domain not in walks.known:
        name = f"_dmarc.{domain}"
        answer = yield from records(name, RecordType.TXT)
        if isinstance(answer, Unlearnt):
            raise Unsure(f"TXT of {name}: {answer.why}")
        walks.known[domain] = dmarc_record.select(domain, answer.untrusted_values) if is_name(name) else None
    return walks.known[domain]

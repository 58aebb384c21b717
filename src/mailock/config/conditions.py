"""The conditions of a rule as the file writes them: `when = { direction = "incoming", "file.type" = ["exe", "js"] }`.

`ASKED` is the table of all of them; docs/rules.md is made from it. Whatever stands in `when` is taken apart here, every
mistake with its own place; the core gets values that say of a case whether they hold.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from mailock.config.askings import (
    Complain,
    Names,
    choice,
    countries,
    digest,
    hours,
    number,
    patterns,
    size,
    sought,
    sources,
    switch,
    texts,
    words,
)
from mailock.config.lines import Path
from mailock.config.units import shown
from mailock.core.evidence.finding import Confidence
from mailock.core.evidence.report import Why
from mailock.core.evidence.wording import BODY
from mailock.core.mail.envelope import Direction
from mailock.core.mime.defects import Defect
from mailock.core.policy.case import GLIMPSED
from mailock.core.policy.conditions import circumstances as on
from mailock.core.policy.conditions import evidence as found
from mailock.core.policy.conditions.condition import Condition
from mailock.core.verdict.verdict import MailClass, Threat

OTHER_HEADER: Final = "header.list-id"
"""Stands in the table for every field that is not named there."""
_FIELD_NAME: Final = re.compile(r"[!-9;-~]{1,76}")

Read = Callable[[Any, Names], Condition | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One condition: what it asks, an example of its value in TOML, and how that is read."""

    doc: str
    example: str
    read: Read
    on_evidence: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """What a rule asks for, as the file says it; `conditions_of` reads it."""

    entries: tuple[tuple[Path, object], ...] = ()
    """Keys, dotted ones taken apart, with their values."""

    @classmethod
    def read(cls, raw: object) -> "When":
        """From a table."""
        if not isinstance(raw, dict):
            raise ValueError(f'{shown(raw)} is no table of conditions: write one such as {{ direction = "incoming" }}')
        return cls(tuple(_flat(raw, ())))

    def __str__(self) -> str:
        """The names of the conditions."""
        return ", ".join(_name(path) for path, _ in self.entries)

    @property
    def names(self) -> frozenset[str]:
        """What it asks for."""
        return frozenset(_name(path) for path, _ in self.entries)


def conditions_of(when: When, names: Names, complain: Complain) -> tuple[Condition, ...]:
    """The conditions of a rule, without those that are wrong; each mistake is told with its path below `when`."""
    read: dict[str, Condition] = {}
    for path, raw in when.entries:
        name = _name(path)
        asked = ASKED.get(name) or _other_header(name)
        if asked is None:
            complain(path, _unknown(name))
            continue
        try:
            condition = asked.read(raw, names)
        except ValueError as mistake:
            complain(path, str(mistake))
            continue
        if condition is not None:
            read[name] = condition
    return tuple(_joined(read, when, complain))


def conditions_reference() -> str:
    """The conditions as a table in Markdown."""
    rows = [
        f"| `{name}` | {asked.doc} | `{asked.example}` | {'evidence' if asked.on_evidence else 'circumstances'} |"
        for name, asked in ASKED.items()
    ]
    return "\n".join(["| condition | holds where | example | about |", "|---|---|---|---|", *rows])


def words_reference() -> str:
    """The words of `coverage` and of `defect` as lists in Markdown."""
    reasons = ", ".join(f"`{why.value}`" for why in Why if why is not Why.NOT_CONFIGURED)
    return f"- {reasons}\n- {', '.join(f'`{defect.value}`' for defect in Defect)}"


def _flat(table: Mapping[str, object], above: Path) -> Iterator[tuple[Path, object]]:
    for key, value in table.items():
        path = (*above, key)
        if isinstance(value, dict) and _name(path) not in ASKED:
            yield from _flat(value, path)
        else:
            yield path, tuple(value) if isinstance(value, list) else value


def _name(path: Path) -> str:
    return ".".join(str(key) for key in path)


def _unknown(name: str) -> str:
    if name.startswith("header."):
        return 'that is no name of a header field: write one such as header.list-id = ["news"]'
    close = get_close_matches(name.lower(), ASKED, n=1)
    mend = f"did you mean {close[0]}?" if close else f"there are {', '.join(ASKED)}"
    return f"there is no such condition: {mend}"


def _joined(read: dict[str, Condition], when: When, complain: Complain) -> Iterator[Condition]:
    """The conditions, with those about one file as one, and a confidence with what it is about."""
    files = [read.pop(name) for name in tuple(read) if name.startswith("file.")]
    if files:
        yield _one_file(files)
    sure = read.pop("confidence", None)
    grave = read.pop("verdict", None)
    if isinstance(sure, found.Dangerous):
        threat = grave.threat if isinstance(grave, found.Dangerous) else Threat.SUSPICIOUS
        if threat <= Threat.UNKNOWN:
            complain(("confidence",), "belongs to what is suspicious or malicious: set verdict to one of these")
        grave = found.Dangerous(threat, sure.confidence)
    if grave is not None:
        yield grave
    yield from read.values()


def _one_file(conditions: list[Condition]) -> found.HasFile:
    parts = [one for one in conditions if isinstance(one, found.HasFile)]
    return found.HasFile(
        names=tuple(name for one in parts for name in one.names),
        types=frozenset[str]().union(*(one.types for one in parts)),
        hashes=frozenset[str]().union(*(one.hashes for one in parts)),
        inside=frozenset[str]().union(*(one.inside for one in parts)),
    )


def _header(name: str) -> Asked:
    return Asked(
        doc=f"its field {name.capitalize()} has one of these words anywhere, decoded; case does not matter",
        example='["lottery"]',
        read=lambda raw, names: on.Says(name, words(raw)),
    )


def _sought_header(name: str) -> Asked:
    return Asked(
        doc="any other field, by its name: one of them has one of these words anywhere, decoded; case does not matter",
        example='["lottery"]',
        read=lambda raw, names: found.Contains(sought(name, raw)),
        on_evidence=True,
    )


def _other_header(name: str) -> Asked | None:
    """The condition on a field that is not glimpsed; None where it is none, or no name of a field (RFC 5322, 2.2)."""
    kind, _, field = name.partition(".")
    if kind != "header" or not _FIELD_NAME.fullmatch(field):
        return None
    return _sought_header(field.lower())


def _recipients(raw: Any, names: Names) -> Condition:
    return on.SentTo(patterns(raw, names))


def _groups(raw: Any, names: Names) -> Condition:
    members = tuple(pattern for group in texts(raw) for pattern in names.group(group))
    return on.SentTo(members, frozenset(texts(raw)))


def _senders(raw: Any, names: Names) -> Condition:
    said = texts(raw)
    named = tuple(text for text in said if text.strip() != "<>")
    return on.SentBy(patterns(named, names) if named else (), null=len(named) < len(said))


def _systems(raw: Any, names: Names) -> Condition:
    for name in texts(raw):
        names.require("virtual system", name, names.systems)
    return on.InSystem(frozenset(texts(raw)))


def _verdict(raw: Any, names: Names) -> Condition:
    threat = Threat[choice(raw, [threat.name.lower() for threat in Threat]).upper()]
    if threat is Threat.BENIGN:
        raise ValueError('"benign" is what every message is at least: write "unknown", or leave it out')
    return found.Dangerous(threat)


def _coverage(raw: Any, names: Names) -> Condition:
    said = texts(raw)
    if "complete" in said:
        raise ValueError('"complete" would make mail pass better for being seen: write "incomplete", or a reason')
    reasons = [why.value for why in Why if why is not Why.NOT_CONFIGURED]
    chosen = {choice(one, ["incomplete", *reasons]) for one in said}
    return found.Missed(frozenset() if "incomplete" in chosen else frozenset(Why(one) for one in chosen))


ASKED: Final[Mapping[str, Asked]] = {
    "direction": Asked(
        doc="the recipient's mail goes this way",
        example='"incoming"',
        read=lambda raw, names: on.Directed(
            frozenset(Direction(choice(one, [way.value for way in Direction])) for one in texts(raw))
        ),
    ),
    "virtual_system": Asked(doc="the recipient belongs to this virtual system", example='"branch"', read=_systems),
    "sender": Asked(
        doc='it says that this is its sender, in the envelope or in From; `"<>"` is the null sender. In a rule that '
        "lets something through, only an authenticated sender counts",
        example='"*@partner.example"',
        read=_senders,
    ),
    "authenticated": Asked(
        doc="its From is proven by aligned authentication, or by whoever signed in",
        example="true",
        read=lambda raw, names: on.Proven(switch(raw)),
    ),
    "recipient": Asked(
        doc="this is the recipient: an address, a domain, or `group:NAME`", example='"group:board"', read=_recipients
    ),
    "group": Asked(doc="the recipient belongs to this group", example='"board"', read=_groups),
    "domain": Asked(doc="the recipient is in this domain", example='"example.com"', read=_recipients),
    "source": Asked(
        doc="it came from this network, address or object, or from a country (`country:DE`)",
        example='"198.51.100.0/24"',
        read=lambda raw, names: on.CameFrom(sources(raw, names)),
    ),
    "country": Asked(
        doc="it came from this country (ISO 3166-1), by the GeoIP file that `[node] geoip` names",
        example='["DE", "AT"]',
        read=lambda raw, names: on.CameFrom(countries(raw)),
    ),
    "listener": Asked(
        doc="it came in by this listener; the one of `[mta] port` is called `mta`",
        example='"submission"',
        read=lambda raw, names: on.CameBy(frozenset(texts(raw))),
    ),
    "subject": Asked(
        doc="its subject has one of these words anywhere; case does not matter",
        example='["invoice", "Rechnung"]',
        read=lambda raw, names: on.Says("subject", words(raw)),
    ),
    **{f"header.{name}": _header(name) for name in GLIMPSED if name != "subject"},
    "body": Asked(
        doc="a text part of it has one of these words, as it is written or as it is shown; case does not matter",
        example='["lottery"]',
        read=lambda raw, names: found.Contains(sought(BODY, raw)),
        on_evidence=True,
    ),
    OTHER_HEADER: _sought_header("list-id"),
    "size": Asked(
        doc="it has this many bytes or more", example='"10MB"', read=lambda raw, names: on.AtLeast(size(raw))
    ),
    "time": Asked(
        doc="it is judged at such a time, by the gateway's clock: days and hours, or an object with `time`",
        example='"mo-fr 08:00-18:00"',
        read=lambda raw, names: on.Hours(hours(raw, names)),
    ),
    "file.name": Asked(
        doc="a file in it, at any depth, has such a name; `*` stands for anything, case does not matter",
        example='["*.exe", "*.js"]',
        read=lambda raw, names: found.HasFile(names=texts(raw)),
        on_evidence=True,
    ),
    "file.type": Asked(
        doc="a file in it is of this true type or family, in any reading",
        example='["exe", "script"]',
        read=lambda raw, names: found.HasFile(types=frozenset(texts(raw))),
        on_evidence=True,
    ),
    "file.hash": Asked(
        doc="a file in it has this SHA-256",
        example=f'"{"0" * 64}"',
        read=lambda raw, names: found.HasFile(hashes=frozenset(map(digest, texts(raw)))),
        on_evidence=True,
    ),
    "file.inside": Asked(
        doc="that file was packed into such a type or family of file",
        example='"archive"',
        read=lambda raw, names: found.HasFile(inside=frozenset(texts(raw))),
        on_evidence=True,
    ),
    "verdict": Asked(
        doc="it is at least this dangerous: unknown, suspicious, malicious",
        example='"suspicious"',
        read=_verdict,
        on_evidence=True,
    ),
    "confidence": Asked(
        doc="an engine is at least this sure of that: low, medium, high; without `verdict`, of what is suspicious",
        example='"high"',
        read=lambda raw, names: found.Dangerous(
            Threat.SUSPICIOUS, Confidence[choice(raw, [one.name.lower() for one in Confidence]).upper()]
        ),
        on_evidence=True,
    ),
    "class": Asked(
        doc="it is of this class of mail or a worse one: bulk, suspected_spam, spam, phishing",
        example='"suspected_spam"',
        read=lambda raw, names: found.Unwanted(
            MailClass(choice(raw, [one.value for one in MailClass if one is not MailClass.HAM]))
        ),
        on_evidence=True,
    ),
    "score": Asked(
        doc="its score for spam reaches this",
        example="7.5",
        read=lambda raw, names: found.Scores(number(raw)),
        on_evidence=True,
    ),
    "coverage": Asked(
        doc='something that was due was not seen: `"incomplete"`, or for one of these reasons',
        example='["encrypted", "too large"]',
        read=_coverage,
        on_evidence=True,
    ),
    "defect": Asked(
        doc="it contradicts itself in one of these ways",
        example='"contradicting-readings"',
        read=lambda raw, names: found.Contradicts(
            frozenset(Defect(choice(one, [defect.value for defect in Defect])) for one in texts(raw))
        ),
        on_evidence=True,
    ),
    "finding": Asked(
        doc="something of this kind was found",
        example='"office.macro"',
        read=lambda raw, names: found.Found(frozenset(texts(raw))),
        on_evidence=True,
    ),
    "engine": Asked(
        doc="this engine found something suspicious or malicious",
        example='"yara"',
        read=lambda raw, names: found.FoundBy(frozenset(texts(raw))),
        on_evidence=True,
    ),
}
"""Every condition, by the name that the file gives it."""

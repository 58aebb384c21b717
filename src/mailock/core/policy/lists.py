"""Pins and lists: what an administrator knows of a file, a sender or a source, whatever engines say.

Only a pin on the exact SHA-256 of a file lifts *malicious*, and for that file alone: what is packed into it has hashes
of its own, and so has the message around it (DECISIONS 21). An entry that allows a sender counts where the sender is
authenticated, or names a source, and lifts the class spam and what is milder; never phishing, never *malicious*.
Everything expires.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked, Report, Why
from mailock.core.mime.part import PartPath
from mailock.core.policy.case import Case
from mailock.core.policy.conditions.condition import takes
from mailock.core.reputation.entries import Effect, Entry
from mailock.core.reputation.register import Register
from mailock.core.verdict.sentences import files_of

PINNED: Final = "pin"
"""The engine and the kind of what a pin says of a file."""


class Pinned(Enum):
    """What a file is, by order of an administrator."""

    BENIGN = "benign"
    MALICIOUS = "malicious"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What an administrator says of one file."""

    sha256: str
    """Lower-case hex."""
    pinned: Pinned
    because: str
    until: float | None = None
    """Unix seconds; None: for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """All that administrators know."""

    pins: Mapping[str, Pin] = field(default_factory=dict)
    """By SHA-256."""
    allowed: tuple[Entry, ...] = ()
    blocked: tuple[Entry, ...] = ()
    register: Register = field(init=False, repr=False, compare=False)
    """The same entries, as the door asks them."""

    def __post_init__(self) -> None:
        """Enters them where they are found."""
        object.__setattr__(self, "register", Register(allowed=self.allowed, blocked=self.blocked))


def pinned(examination: Examination, pins: Mapping[str, Pin], now: float) -> Examination:
    """The examination as pins leave it: a benign file's findings are gone, a malicious one has one more."""
    alive = {sha256: pin for sha256, pin in pins.items() if pin.until is None or now < pin.until}
    if not alive:
        return examination
    files = files_of(examination)
    # What is said of part 1 may be about the whole message, and that is no file.
    lifted = {path for path, file in files.items() if path != ROOT and _all_are(file, alive, Pinned.BENIGN)}
    reports = [_without(report, lifted) for report in examination.coverage.reports]
    reports += [_said(path, pin) for path, file in files.items() for pin in _against(file, alive)]
    return replace(examination, coverage=replace(examination.coverage, reports=tuple(reports)))


def allowing(case: Case, entries: tuple[Entry, ...], separator: str) -> Entry | None:
    """The entry that allows a message: for a proven sender, or a source that it names."""
    return next((entry for entry in entries if _is_meant(entry, case, separator, must_be_proven=True)), None)


def blocking(case: Case, lists: Lists, separator: str) -> Entry | None:
    """The entry that blocks a message, whatever its sender can prove. Who signed in is not blocked for his network."""
    origin, system = case.message.origin, case.message.virtual_system
    source = lists.register.source(origin.ip, case.now, system) if origin.authenticated_as is None else None
    if source is not None and source.effect is Effect.BLOCK:
        return source.entry
    for sender in case.senders:
        ruling = lists.register.sender(sender, case.now, system, separator)
        if ruling is not None:
            return ruling.entry
    of_both = (entry for entry in lists.blocked if entry.sender is not None and entry.networks.networks)
    return next((entry for entry in of_both if _is_meant(entry, case, separator, must_be_proven=False)), None)


def _is_meant(entry: Entry, case: Case, separator: str, *, must_be_proven: bool) -> bool:
    if not entry.counts(case.now) or entry.system not in (None, case.message.virtual_system):
        return False
    has_source = bool(entry.networks.networks)
    if has_source and case.message.origin.ip not in entry.networks:
        return False
    pattern = entry.sender
    if pattern is None:
        return has_source
    senders = case.authenticated if must_be_proven and not has_source else case.senders
    return any(takes(pattern, sender, separator) for sender in senders)


def _all_are(file: File, pins: Mapping[str, Pin], wanted: Pinned) -> bool:
    """Whether every reading of a file is pinned so: a second reading is another file."""
    return bool(file.sha256) and all(one in pins and pins[one].pinned is wanted for one in file.sha256)


def _against(file: File, pins: Mapping[str, Pin]) -> tuple[Pin, ...]:
    found = (pins[one] for one in file.sha256 if one in pins)
    return tuple(pin for pin in found if pin.pinned is Pinned.MALICIOUS)


def _without(report: Report, lifted: set[PartPath]) -> Report:
    if isinstance(report, Incomplete) and report.part in lifted:
        report = replace(report, why=Why.EXCLUDED, detail="an administrator says that the file is benign")
    if not any(finding.part in lifted for finding in report.findings):
        return report
    return replace(report, findings=tuple(finding for finding in report.findings if finding.part not in lifted))


def _said(path: PartPath, pin: Pin) -> Looked:
    finding = Finding(
        engine=PINNED,
        kind=PINNED,
        severity=Severity.MALICIOUS,
        confidence=Confidence.HIGH,
        part=path,
        evidence=f"an administrator says so of SHA-256 {pin.sha256}: {pin.because}",
    )
    return Looked(engine=PINNED, version="", part=path, milliseconds=0.0, findings=(finding,))

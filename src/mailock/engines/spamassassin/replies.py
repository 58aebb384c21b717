"""What spamd answers, read: the head of a response and the report in it (spamd/PROTOCOL of SpamAssassin).

    SPAMD/1.1 0 EX_OK
    Content-length: 1234
    Spam: True ; 15.0 / 5.0

    … the report: a table of points, rules and descriptions below a line of dashes

SpamAssassin's shipped threshold is 5, where suspicion begins here, so each of its points counts one. The report is a
template that an administrator may change, and quotes the message; so only what stands below the last line of dashes is
read, and what the score has beyond the rules read there is the weight of the finding that names the score.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.shown import cleaned

NAME: Final = "spamassassin"
KINDS: Final = {
    "spamassassin.rule": "A rule of SpamAssassin that counted, with its points and what they count here.",
    "spamassassin.score": "The score of SpamAssassin; it counts what the rules that are told do not.",
}
LONGEST_HEAD: Final = 4096
LONGEST: Final = 1 << 20
"""Octets of a report."""
RULES: Final = 100
"""How many rules are told, those that count most first."""
HIGHEST: Final = 100_000.0
_FIRST: Final = re.compile(r"SPAMD/([0-9]\.[0-9]) ([0-9]{1,3}) (.{0,80})")
_SPAM: Final = re.compile(r"(?:True|False|Yes|No) ; (-?[0-9.]{1,12}) / (-?[0-9.]{1,12})")
_RULE: Final = re.compile(r"\s{0,4}(-?[0-9]{1,5}\.[0-9]{1,3}|-?[0-9]{1,5})\s+([A-Za-z_][A-Za-z0-9_]{1,63})(?:\s+(.*))?")
_DASHES: Final = re.compile(r"\s*-{3,}\s+-{3,}.*")
_TIMED_OUT: Final = 79
"""EX_TIMEOUT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a response."""

    version: str
    length: int
    score: float
    threshold: float


def read_head(untrusted_octets: bytes) -> Head:
    """A head that says that the message was looked at. Raises Unfinished for another one, and for nonsense."""
    lines = untrusted_octets.decode("utf-8", "replace").replace("\r\n", "\n").strip("\n").split("\n")
    version, _ = _accepted(lines[0])
    fields: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    length, spam = fields.get("content-length", ""), _SPAM.fullmatch(fields.get("spam", ""))
    if spam is None or not (length.isascii() and length.isdigit()) or len(length) > 9:
        raise nonsense(untrusted_octets.decode("utf-8", "replace"))
    if int(length) > LONGEST:
        raise nonsense(f"a report of {int(length)} octets")
    return Head(version=version, length=int(length), score=_number(spam[1]), threshold=_number(spam[2]))


def read_pong(untrusted_octets: bytes) -> str:
    """The version of the protocol, from the answer to PING. Raises Unfinished."""
    version, said = _accepted(untrusted_octets.decode("utf-8", "replace").strip())
    if said != "PONG":
        raise nonsense(said)
    return f"SPAMD/{version}"


def read_report(head: Head, untrusted_octets: bytes, weight: float) -> tuple[Finding, ...]:
    """The findings."""
    rules = sorted(_rules(untrusted_octets.decode("utf-8", "replace")), key=lambda rule: -abs(rule[0]))[:RULES]
    rest = head.score - sum(points for points, _ in rules)
    total = f"SpamAssassin gives {head.score:.1f} of {head.threshold:.1f} points"
    return (
        *(_finding("spamassassin.rule", said, points * weight) for points, said in rules),
        # The points of the table are rounded, so tenths may be left over.
        _finding("spamassassin.score", total, rest * weight),
    )


def nonsense(untrusted_text: str) -> Unfinished:
    """For an answer that spamd does not give."""
    return Unfinished(Why.NONSENSE, f'spamd answered "{cleaned(untrusted_text[:80])}"')


def _accepted(line: str) -> tuple[str, str]:
    found = _FIRST.fullmatch(line.strip())
    if found is None:
        raise nonsense(line)
    version, code, said = found[1], int(found[2]), found[3]
    if code:
        why = Why.TIMED_OUT if code == _TIMED_OUT else Why.DIED
        raise Unfinished(why, f'spamd could not look at it: "{code} {cleaned(said)}"')
    return version, said


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise nonsense(text) from None
    if not math.isfinite(number) or abs(number) > HIGHEST:
        raise nonsense(text)
    return number


def _rules(untrusted_report: str) -> Iterator[tuple[float, str]]:
    lines = untrusted_report.replace("\r\n", "\n").split("\n")
    dashes = [number for number, line in enumerate(lines) if _DASHES.fullmatch(line)]
    for line in lines[dashes[-1] + 1 :] if dashes else ():
        found = _RULE.fullmatch(line)
        if found is None:
            continue
        points = float(found[1])
        if points:
            said = f": {found[3].strip()}" if found[3] else ""
            yield points, f"SpamAssassin gives {points:+.1f} for {found[2]}{said[:160]}"


def _finding(kind: str, sentence: str, weight: float) -> Finding:
    return Finding(
        engine=NAME,
        kind=kind,
        severity=Severity.NOTE,
        confidence=Confidence.HIGH,
        part=ROOT,
        evidence=cleaned(sentence),
        weight=round(weight, 3) + 0.0,
    )

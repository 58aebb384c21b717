"""What clamd says, read: its replies in a session, its version, and what the name of a signature tells.

The protocol is that of clamd(8), "COMMANDS": within IDSESSION each reply is `<number>: <text>`, ended by NUL as the
commands were. A scan is answered `stream: OK`, `stream: <name> FOUND` or `<text> ERROR`. A reply that is none of these
is nonsense, and never taken for OK.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.shown import cleaned
from mailock.core.mime.part import PartPath

NAME: Final = "clamav"
LONGEST: Final = 4096
"""Octets of a reply; clamd's are far shorter."""
OLD_DAYS: Final = 7.0
KINDS: Final = {
    "clamav.signature": "A signature matches: malware that is known by name.",
    "clamav.heuristic": "It looks like something that signatures do not name.",
    "clamav.phishing": "A link or a form that pretends to be somebody else's.",
    "clamav.pua": "A program that is possibly unwanted: a tool, a packer, adware.",
    "clamav.encrypted": "It is encrypted, so ClamAV could not look into it.",
}
_REPLY: Final = re.compile(rb"([0-9]{1,10}): (.*)", re.DOTALL)
_VERSION: Final = re.compile(r"ClamAV [!-.0-~]{1,40}(?:/([0-9]{1,10})/([A-Za-z0-9: ]{10,40}))?")
_FOUND: Final = re.compile(r"stream: (.{1,1000}) FOUND", re.DOTALL)
_LIMITS: Final = "Heuristics.Limits.Exceeded"
_TIME_LIMITS: Final = ("time limit", "timed out", "timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What VERSION says. Where no official database is loaded there is no date."""

    text: str
    dated: float | None
    """When its daily signatures were made, Unix seconds."""

    def notes(self, now: float) -> tuple[str, ...]:
        """What deserves a look."""
        if self.dated is None:
            return ("it has no official signatures, only others: run freshclam, and see its log",)
        days = (now - self.dated) / 86_400
        if days > OLD_DAYS:
            return (f"its signatures are {days:.0f} days old: run freshclam, and see its log",)
        return ()


def read_numbered(untrusted_reply: bytes) -> tuple[int, str]:
    """The number of the command that a reply answers, and its text. Raises Unfinished for nonsense."""
    found = _REPLY.fullmatch(untrusted_reply)
    if found is None:
        raise nonsense(untrusted_reply.decode("utf-8", "replace"))
    return int(found[1]), found[2].decode("utf-8", "replace")


def read_version(untrusted_text: str) -> Version:
    """The version. Raises Unfinished for nonsense."""
    found = _VERSION.fullmatch(untrusted_text.strip())
    if found is None:
        raise nonsense(untrusted_text)
    dated = None
    if found[2]:
        try:
            dated = datetime.strptime(found[2].strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise nonsense(untrusted_text) from None
    return Version(text=untrusted_text.strip(), dated=dated)


def read_verdict(untrusted_text: str, part: PartPath) -> tuple[Finding, ...]:
    """What a scan came to. Raises Unfinished where it was not a whole scan."""
    if untrusted_text == "stream: OK":
        return ()
    found = _FOUND.fullmatch(untrusted_text)
    if found is not None:
        return (_finding(cleaned(found[1]), part),)
    if untrusted_text.endswith("ERROR"):
        raise _refusal(cleaned(untrusted_text.removesuffix("ERROR").strip(" .")))
    raise nonsense(untrusted_text)


def nonsense(untrusted_text: str) -> Unfinished:
    """For an answer that clamd does not give."""
    return Unfinished(Why.NONSENSE, f'clamd answered "{cleaned(untrusted_text[:80])}"')


def _refusal(text: str) -> Unfinished:
    if "size limit exceeded" in text:
        return Unfinished(Why.TOO_LARGE, "clamd takes no stream of that size: raise its StreamMaxLength")
    if any(words in text.lower() for words in _TIME_LIMITS):
        return Unfinished(Why.TIMED_OUT, f'clamd gave up: "{text[:120]}"')
    return Unfinished(Why.DIED, f'clamd could not scan it: "{text[:120]}"')


def _finding(name: str, part: PartPath) -> Finding:
    """What a signature's name tells. Raises Unfinished where it names a limit that clamd met (AlertExceedsMax)."""
    own = name.removesuffix(".UNOFFICIAL")
    if own.startswith(_LIMITS):
        limit = own.removeprefix(_LIMITS).strip(".") or "a limit"
        why = Why.TIMED_OUT if "Time" in limit else Why.TOO_COSTLY
        raise Unfinished(why, f"clamd looked at a part of it only: {limit} of its settings was reached")
    kind, severity, confidence = _weighed(own)
    return Finding(
        engine=NAME,
        kind=kind,
        severity=severity,
        confidence=confidence,
        part=part,
        evidence=f"ClamAV calls it {name[:200]}",
    )


def _weighed(name: str) -> tuple[str, Severity, Confidence]:
    if name.startswith("Heuristics.Encrypted."):
        return "clamav.encrypted", Severity.NOTE, Confidence.HIGH
    if name.startswith(("Heuristics.Phishing.", "Phishing.Heuristics.")):
        return "clamav.phishing", Severity.SUSPICIOUS, Confidence.MEDIUM
    if name.startswith(("Heuristics.Structured.", "Heuristics.OLE2.ContainsMacros", "Heuristics.Broken.")):
        # Credit card numbers, macros, damage: worth knowing, and common in honest mail.
        return "clamav.heuristic", Severity.NOTE, Confidence.HIGH
    if name.startswith("Heuristics."):
        return "clamav.heuristic", Severity.SUSPICIOUS, Confidence.MEDIUM
    if name.startswith("PUA."):
        return "clamav.pua", Severity.SUSPICIOUS, Confidence.MEDIUM
    return "clamav.signature", Severity.MALICIOUS, Confidence.HIGH

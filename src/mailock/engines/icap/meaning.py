"""What an answer to a content means. RFC 3507 has no word for "infected": scanners say it in fields of their own, which
draft-stecher-icap-subid names, and put something else in the content's place.

    204                            it is as it should be; likewise 200 with exactly what was sent
    X-Infection-Found, X-Virus-ID  it is not, whatever the status
    200 with something else        it was blocked or changed: who sent a scanner a file and got another page back knows
    anything else                  it was not scanned
"""

import re
from typing import Final

from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.shown import cleaned
from mailock.core.mime.part import PartPath
from mailock.engines.icap.wire import Head

KINDS: Final = {
    "icap.infection": "The scanner names an infection.",
    "icap.policy": "The scanner names a breach of its own policy.",
    "icap.container": "The scanner could not open a container, or found it too deep or too large.",
    "icap.blocked": "The scanner put something else in its place and named no reason.",
}
_NAMED: Final = ("x-infection-found", "x-virus-id", "x-violations-found", "x-blocked-reason")
_LIMITS: Final = "Heuristics.Limits.Exceeded"
"""What scanners with ClamAV behind them say of a content that is beyond their limits."""
_PARAMETER: Final = re.compile(r"\b(type|resolution|threat)\s*=\s*([^;]*)", re.IGNORECASE)
_STATUS: Final = {
    404: (Why.UNREACHABLE, "it knows no such service: correct its URL in [anti_virus] icap"),
    405: (Why.UNREACHABLE, "the service does not take what it says it takes: see its settings"),
    408: (Why.TIMED_OUT, "it waited too long for us"),
    413: (Why.TOO_LARGE, "it takes no content of that size"),
    503: (Why.UNREACHABLE, "it is overloaded"),
    504: (Why.TIMED_OUT, "what it stands for did not answer"),
}


def named(engine: str, part: PartPath, head: Head) -> Finding | None:
    """What the fields of an answer name, or None. Raises Unfinished where they name a limit that the scanner met."""
    if not any(head.field(name) for name in _NAMED) or head.field("x-violations-found").strip() == "0":
        return None
    parameters = {name.lower(): value.strip() for name, value in _PARAMETER.findall(head.field("x-infection-found"))}
    said = parameters.get("threat") or head.field("x-virus-id") or head.field("x-blocked-reason")
    threat = cleaned(said or head.field("x-violations-found") or head.field("x-infection-found"))[:200]
    if threat.startswith(_LIMITS):
        raise Unfinished(Why.TOO_COSTLY, f"the ICAP service looked at a part of it only: {threat[:80]}")
    kind, severity, confidence = {
        "1": ("icap.policy", Severity.SUSPICIOUS, Confidence.MEDIUM),
        "2": ("icap.container", Severity.SUSPICIOUS, Confidence.MEDIUM),
    }.get(parameters.get("type", "0"), ("icap.infection", Severity.MALICIOUS, Confidence.HIGH))
    return Finding(
        engine=engine,
        kind=kind,
        severity=severity,
        confidence=confidence,
        part=part,
        evidence=f"the ICAP service calls it {threat}",
    )


def replaced(engine: str, part: PartPath, http_status: str) -> Finding:
    """For an answer that is something else than what was sent. `http_status` is its first line, if it has one."""
    page = f' ("{cleaned(http_status)[:80]}")' if http_status else ""
    return Finding(
        engine=engine,
        kind="icap.blocked",
        severity=Severity.MALICIOUS,
        confidence=Confidence.MEDIUM,
        part=part,
        evidence=f"the ICAP service put something else in its place{page}",
    )


def refusal(head: Head) -> Unfinished:
    """For a status that says that nothing was scanned."""
    why, text = _STATUS.get(head.status, (Why.DIED if head.status >= 500 else Why.NONSENSE, ""))
    said = f"{head.status} {cleaned(head.reason)[:80]}".strip()
    return Unfinished(why, f"the ICAP server answered {said}" + (f": {text}" if text else ""))

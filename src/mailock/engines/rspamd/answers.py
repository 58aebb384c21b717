"""What rspamd answers, read: the object that `/checkv2` gives (https://docs.rspamd.com, "Rspamd protocol").

Each symbol that counted becomes a finding with its weight. rspamd's points are not ours: its shipped threshold for the
spam header is 6, where suspicion begins at 5 here, so each of its points counts 5/6. What its score has beyond the
symbols (limits of groups, symbols that are not listed) is the weight of the finding that names the score, so that the
sum is always rspamd's own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.shown import cleaned

NAME: Final = "rspamd"
KINDS: Final = {
    "rspamd.symbol": "A symbol of rspamd that counted, with its points and what they count here.",
    "rspamd.score": "The score of rspamd, with what it would have done; it counts what the symbols do not.",
}
POINT: Final = 5.0 / 6.0
"""What one point of rspamd counts here."""
LONGEST: Final = 4 << 20
"""Octets of an answer."""
SYMBOLS: Final = 100
"""How many symbols are told, those that count most first."""
HIGHEST: Final = 10_000.0
"""No score of rspamd is beyond it."""


class Symbol(msgspec.Struct):
    """One symbol."""

    score: float
    description: str | None = None
    options: list[object] = []


class Answer(msgspec.Struct):
    """The object, as far as it is read."""

    score: float
    required_score: float
    action: str
    is_skipped: bool = False
    symbols: dict[str, Symbol] = {}


@dataclass(frozen=True, slots=True)
class Refused:
    """What else it says: that it could not."""

    why: Why
    text: str


_decode: Final = msgspec.json.Decoder(Answer).decode
_STATUS: Final[Mapping[int, Refused]] = {
    403: Refused(Why.UNREACHABLE, "it does not let us in: see secure_ip and the address in [anti_spam.rspamd]"),
    404: Refused(Why.UNREACHABLE, "this is no worker that scans: name the normal worker in [anti_spam.rspamd]"),
    413: Refused(Why.TOO_LARGE, "it takes no message of that size: raise its max_message"),
    503: Refused(Why.UNREACHABLE, "it is overloaded"),
}


def read_answer(untrusted_octets: bytes, weight: float) -> tuple[Finding, ...]:
    """The findings. Raises Unfinished for nonsense, and where rspamd skipped the message."""
    try:
        answer = _decode(untrusted_octets)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise nonsense(untrusted_octets.decode("utf-8", "replace")) from None
    points = [answer.score, answer.required_score, *(symbol.score for symbol in answer.symbols.values())]
    if not all(math.isfinite(one) and abs(one) <= HIGHEST for one in points):
        raise nonsense(f"a score of {max(points, key=abs)}")
    if answer.is_skipped:
        raise Unfinished(Why.EXCLUDED, "rspamd skipped the message, as its own settings say")
    heavy = sorted(answer.symbols.items(), key=lambda item: -abs(item[1].score))[:SYMBOLS]
    counted = [(name, symbol) for name, symbol in heavy if symbol.score]
    rest = answer.score - sum(symbol.score for _, symbol in counted)
    total = f"rspamd gives {answer.score:.1f} of {answer.required_score:.1f} points ({cleaned(answer.action)[:40]})"
    factor = POINT * weight
    return (
        *(_finding("rspamd.symbol", _sentence(name, symbol), symbol.score * factor) for name, symbol in counted),
        _finding("rspamd.score", total, rest * factor if abs(rest) >= 0.005 else 0.0),
    )


def refusal(status: int) -> Unfinished:
    """For a status that says that nothing was scanned."""
    refused = _STATUS.get(status, Refused(Why.DIED if status >= 500 else Why.NONSENSE, ""))
    return Unfinished(refused.why, f"rspamd answered {status}" + (f": {refused.text}" if refused.text else ""))


def nonsense(untrusted_text: str) -> Unfinished:
    """For an answer that rspamd does not give."""
    return Unfinished(Why.NONSENSE, f'rspamd answered "{cleaned(untrusted_text[:80])}"')


def _sentence(name: str, symbol: Symbol) -> str:
    options = ", ".join(one for one in symbol.options[:5] if isinstance(one, str) and one)
    said = f": {symbol.description}" if symbol.description else ""
    about = f" ({options[:120]})" if options else ""
    return f"rspamd gives {symbol.score:+.1f} for {name[:60]}{said[:160]}{about}"


def _finding(kind: str, sentence: str, weight: float) -> Finding:
    return Finding(
        engine=NAME,
        kind=kind,
        severity=Severity.NOTE,
        confidence=Confidence.HIGH,
        part=ROOT,
        evidence=cleaned(sentence),
        weight=round(weight, 3),
    )

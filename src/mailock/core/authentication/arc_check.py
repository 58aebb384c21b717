"""The half of ARC that asks (RFC 8617 section 5.2): every seal, and the newest message signature, have to hold.

The outcome is none, pass or fail, and temperror where a key could not be learnt; there is no other.
"""

from dataclasses import dataclass
from enum import Enum

from mailock.core.authentication import dkim_check
from mailock.core.authentication.arc_bytes import Chain
from mailock.core.authentication.dkim_bytes import Hashed
from mailock.core.authentication.dkim_check import DkimResult
from mailock.core.authentication.questions import Steps


class ArcResult(Enum):
    """The results of RFC 8617 section 4.4, and temperror (RFC 8601 section 2.7)."""

    NONE = "none"
    PASS = "pass"
    FAIL = "fail"
    TEMPERROR = "temperror"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """What a chain is worth."""

    result: ArcResult
    reason: str
    sets: int = 0
    sealers: tuple[str, ...] = ()
    """Domains, the newest first. Only those of a chain that passes sealed it."""
    oldest_pass: int = 0
    """The oldest instance from which on nothing was changed (section 5.2); 0 where nothing was since the first."""
    untrusted_results: tuple[str, ...] = ()
    """What each sealer says that it had found, the newest first; worth as much as the sealer."""
    broken_before: bool = False
    """Whether the newest seal itself says cv=fail."""


def check(chain: Chain, now: float) -> Steps[Arc]:
    """Checks a chain. `now` is Unix time in seconds."""

    def is_(result: ArcResult, reason: str) -> Arc:
        return Arc(result=result, reason=reason, sets=chain.sets, broken_before=chain.status == "fail")

    if not chain.sets:
        return is_(ArcResult.NONE, "there is no chain")
    if chain.broken:
        return is_(ArcResult.FAIL, chain.broken)
    if chain.status == "fail":
        return is_(ArcResult.FAIL, "the newest seal says that the chain was broken already (cv=fail)")
    signatures = [("the newest message signature", chain.messages[0])]
    signatures += [(f"seal {chain.sets - number}", seal) for number, seal in enumerate(chain.seals)]
    for what, one in signatures:
        checked = yield from _holds(one, now)
        if checked is not None:
            result, reason = checked
            return is_(result, f"{what}: {reason}")
    return Arc(
        result=ArcResult.PASS,
        reason=f"{chain.sets} {'set' if chain.sets == 1 else 'sets'}",
        sets=chain.sets,
        sealers=tuple(seal.domain for seal in chain.seals),
        oldest_pass=(yield from _oldest_pass(chain, now)),
        untrusted_results=chain.untrusted_results,
    )


def _holds(one: Hashed, now: float) -> Steps[tuple[ArcResult, str] | None]:
    """None where a signature holds; else what it makes of the chain."""
    checked = yield from dkim_check.check(one, now)
    match checked.result:
        case DkimResult.PASS:
            return None
        case DkimResult.TEMPERROR:
            return ArcResult.TEMPERROR, checked.reason
        case _:
            return ArcResult.FAIL, checked.reason


def _oldest_pass(chain: Chain, now: float) -> Steps[int]:
    """From which instance on every message signature still fits."""
    for number, one in enumerate(chain.messages[1:], start=1):
        if (yield from _holds(one, now)) is not None:
            return chain.sets - number + 1
    return 0

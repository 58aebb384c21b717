"""The half of DKIM that asks: it fetches keys, checks what the jail hashed, and says what each signature is worth.

What a signature needs to count is more than that it fits (RFC 8301): SHA-256, RSA keys of 1024 bits at least, the whole
body. A signature that fits and lacks one of these is `policy` (RFC 8601 section 2.7.1), never `pass`.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.authentication import dkim_key, signature
from mailock.core.authentication.dkim_bytes import Hashed
from mailock.core.authentication.dkim_key import BadKey
from mailock.core.authentication.questions import (
    Check,
    Checked,
    Fit,
    KeyType,
    RecordType,
    Steps,
    Unlearnt,
    fits,
    records,
)

SHORTEST_RSA: Final = 1024
"""Bits (RFC 8301 section 3.2)."""
KEYS: Final = 3
"""Records of one selector that are tried; there should be one (RFC 6376 section 3.6.2.2)."""
EARLY: Final = 86_400
"""Seconds that a signature may come out of the future."""


class DkimResult(Enum):
    """The results of RFC 8601 section 2.7.1."""

    NONE = "none"
    PASS = "pass"
    FAIL = "fail"
    POLICY = "policy"
    NEUTRAL = "neutral"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dkim:
    """What one signature is worth."""

    result: DkimResult
    domain: str
    selector: str
    algorithm: str
    identity: str
    reason: str
    """A sentence for people."""
    bits: int = 0
    testing: bool = False


def check(hashed: Hashed, now: float) -> Steps[Dkim]:
    """Checks one signature. `now` is Unix time in seconds."""

    def is_(result: DkimResult, reason: str, checked: Checked | None = None, *, testing: bool = False) -> Dkim:
        return Dkim(
            result=result,
            domain=hashed.domain,
            selector=hashed.selector,
            algorithm=hashed.algorithm,
            identity=hashed.identity,
            reason=reason,
            bits=checked.bits if checked is not None else 0,
            testing=testing,
        )

    if hashed.broken:
        return is_(DkimResult.POLICY if hashed.skipped else DkimResult.PERMERROR, hashed.broken)
    if hashed.timestamp > now + EARLY:
        return is_(DkimResult.FAIL, "the signature comes from the future")
    answer = yield from records(f"{hashed.selector}._domainkey.{hashed.domain}", RecordType.TXT)
    if isinstance(answer, Unlearnt):
        return is_(DkimResult.TEMPERROR, f"the key could not be fetched: {answer.why}")
    if not answer.untrusted_values:
        return is_(DkimResult.PERMERROR, "there is no key for it")
    worst = is_(DkimResult.PERMERROR, "there is no key for it")
    for text in answer.untrusted_values[:KEYS]:
        try:
            key = dkim_key.read(text)
            key_type, hash_name = signature.algorithm(hashed.algorithm)
            dkim_key.allow(key, key_type, hash_name, hashed.identity, hashed.domain)
        except (BadKey, signature.Broken) as error:
            worst = is_(DkimResult.PERMERROR, str(error))
            continue
        checked = yield from verify(hashed, key_type, hash_name, key.key)
        match checked.fit:
            case Fit.NO_KEY:
                worst = is_(DkimResult.PERMERROR, f"the key cannot be used: {checked.why}")
            case Fit.BAD:
                worst = is_(DkimResult.FAIL, "the signature does not fit the header", checked)
            case Fit.GOOD:
                result, reason = _worth(hashed, now, hash_name, checked)
                return is_(
                    result, reason + (" (the domain only tests)" if key.testing else ""), checked, testing=key.testing
                )
    return worst


def verify(hashed: Hashed, key_type: KeyType, hash_name: str, key: bytes) -> Steps[Checked]:
    """Asks whether the signature fits."""
    return (
        yield from fits(
            Check(
                key_type=key_type,
                untrusted_key=key,
                hash_name=hash_name,
                digest=bytes.fromhex(hashed.digest),
                untrusted_signature=bytes.fromhex(hashed.signature),
            )
        )
    )


def _worth(hashed: Hashed, now: float, hash_name: str, checked: Checked) -> tuple[DkimResult, str]:
    """What a signature is worth that fits the header."""
    if hashed.body_hash != hashed.body_told:
        return DkimResult.FAIL, "the body was changed after it was signed"
    if hashed.draft:
        return DkimResult.POLICY, "it fits, but a draft from before RFC 4871 made it (v=)"
    if hash_name == "sha1":
        return DkimResult.POLICY, "it fits, but SHA-1 proves nothing (RFC 8301)"
    if hashed.algorithm.startswith("rsa-") and checked.bits < SHORTEST_RSA:
        return DkimResult.POLICY, f"it fits, but a key of {checked.bits} bits proves nothing (RFC 8301)"
    if 0 <= hashed.expires < now:
        return DkimResult.POLICY, "it fits, but has expired"
    if 0 <= hashed.length < hashed.body_length:
        missing = hashed.body_length - hashed.length
        return DkimResult.POLICY, f"it fits, but leaves out the last {missing} octets of the body (l=)"
    return DkimResult.PASS, f"{checked.bits}-bit key"

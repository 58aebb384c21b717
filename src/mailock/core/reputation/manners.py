"""How a client behaves before its message comes: what no honest server does, by ids that can be switched off.

None of it refuses by itself: it weighs, and makes a source suspicious. What breaks the protocol so that it could
smuggle is refused by `core.smtp` whatever stands here.
"""

from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address
from typing import Final, assert_never

from mailock.core.smtp.domain import read_domain
from mailock.core.smtp.effects import Attack


class Sign(Enum):
    """One of them; the value is its id."""

    EARLY_TALKER = "early-talker"
    HELO_ADDRESS = "helo-address"
    HELO_OURS = "helo-ours"
    HELO_UNQUALIFIED = "helo-unqualified"
    BARE_NEWLINE = "bare-newline"
    STARTTLS_INJECTION = "starttls-injection"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a sign weighs, and says."""

    weight: float
    text: str


SIGNS: Final = {
    Sign.EARLY_TALKER: Meaning(4.0, "it spoke before it was greeted"),
    Sign.HELO_ADDRESS: Meaning(1.5, "it gave a bare address as its name in EHLO"),
    Sign.HELO_OURS: Meaning(5.0, "it gave our own name as its name in EHLO"),
    Sign.HELO_UNQUALIFIED: Meaning(0.5, "it gave a name without a domain in EHLO"),
    Sign.BARE_NEWLINE: Meaning(2.0, "it sent a bare CR or LF where a line ends"),
    Sign.STARTTLS_INJECTION: Meaning(5.0, "it sent commands in the clear behind STARTTLS"),
}


def of_hello(untrusted_name: str, hostname: str) -> Sign | None:
    """What a name in EHLO or HELO says of its client (RFC 5321 sections 2.3.5 and 4.1.1.1)."""
    name = untrusted_name.rstrip(".").casefold()
    if name == hostname.casefold():
        return Sign.HELO_OURS
    try:
        ip_address(name)
    except ValueError:
        pass
    else:
        return Sign.HELO_ADDRESS
    if name.startswith("["):
        return None
    domain = read_domain(name)
    return Sign.HELO_UNQUALIFIED if domain is None or "." not in domain else None


def of_attack(attack: Attack) -> Sign:
    """What an attack on the protocol, which had no effect, says of its client."""
    match attack:
        case Attack.BARE_NEWLINE:
            return Sign.BARE_NEWLINE
        case Attack.STARTTLS_INJECTION:
            return Sign.STARTTLS_INJECTION
        case never:
            assert_never(never)

"""Which recipients a forwarding rule takes: everybody, a domain, all names below a domain, or one address.

`*.example.com` means every name below example.com, at any depth, and not example.com itself. The local part of an
address is compared without regard to case: only its owner may say what case means in it (RFC 5321 section 2.4), but an
operator who writes a rule for one mailbox means all its spellings.
"""

from dataclasses import dataclass
from enum import IntEnum

from mailock.core.smtp.domain import read_domain, read_literal


class Breadth(IntEnum):
    """What a pattern takes, from narrow to broad."""

    ADDRESS = 3
    DOMAIN = 2
    BELOW = 1
    ANY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One entry of a rule's `domain`. `local` is set for an address, case-folded; `domain` is empty for `*`."""

    breadth: Breadth
    domain: str = ""
    local: str = ""

    def covers(self, other: "Pattern") -> bool:
        """Whether every address that the other pattern takes is taken by this one."""
        match self.breadth:
            case Breadth.ANY:
                return True
            case Breadth.BELOW if other.breadth is Breadth.BELOW:
                return f".{other.domain}".endswith(f".{self.domain}")
            case Breadth.BELOW:
                return other.domain.endswith(f".{self.domain}")
            case Breadth.DOMAIN:
                return other.breadth in (Breadth.DOMAIN, Breadth.ADDRESS) and other.domain == self.domain
            case Breadth.ADDRESS:
                return other == self

    def __str__(self) -> str:
        """As it is written in a rule."""
        match self.breadth:
            case Breadth.ANY:
                return "*"
            case Breadth.BELOW:
                return f"*.{self.domain}"
            case Breadth.DOMAIN:
                return self.domain
            case Breadth.ADDRESS:
                return f"{self.local}@{self.domain}"


def read_pattern(text: str) -> Pattern:
    """One entry of a rule's `domain`. Raises ValueError with what is wrong and the mend."""
    stripped = text.strip()
    if stripped == "*":
        return Pattern(breadth=Breadth.ANY)
    local, at, domain = stripped.rpartition("@")
    below = domain.startswith("*.") and not at
    name = (
        read_literal(domain) if domain.startswith("[") else read_domain(domain.removeprefix("*.") if below else domain)
    )
    if name is None or (at and not local) or local == "*":
        raise ValueError(
            f'{text!r} is no domain of a rule; write "*", "example.com", "*.example.com" or "user@example.com"'
        )
    if at:
        return Pattern(breadth=Breadth.ADDRESS, domain=name, local=local.casefold())
    return Pattern(breadth=Breadth.BELOW if below else Breadth.DOMAIN, domain=name)

"""Who may have a message signed with the keys of a domain. Whoever may send from inside writes any From he likes, so a
domain that matters is kept for those who send its mail.
"""

from dataclasses import dataclass, field

from mailock.core.mail.origin import Origin
from mailock.core.routing.access import Networks


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Domains that are signed for, with those below them, for some submitters alone."""

    domains: frozenset[str]
    networks: Networks = field(default_factory=Networks)
    users: frozenset[str] = frozenset()
    """Those who signed in, by the names that they signed in with."""

    def covers(self, domain: str) -> bool:
        """Whether a domain is one of these, or lies below one."""
        labels = domain.lower().split(".")
        return any(".".join(labels[start:]) in self.domains for start in range(len(labels)))

    def names(self, origin: Origin) -> bool:
        """Whether a submitter is among those for whom it is done."""
        return origin.ip in self.networks or origin.authenticated_as in self.users


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """The settings of [authentication.signing], compiled."""

    enabled: bool = True
    reserved: tuple[Reserved, ...] = ()

    def allows(self, domain: str, origin: Origin) -> bool:
        """Whether mail of an author's domain is signed for a submitter; a domain that none reserves is, for anybody."""
        reserved = [one for one in self.reserved if one.covers(domain)]
        return not reserved or any(one.names(origin) for one in reserved)

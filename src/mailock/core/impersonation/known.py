"""Whom a letter might pass for: what policy says of our people, our domains and our partners, and the brands."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from mailock.core.impersonation.brands import SHIPPED, Brand
from mailock.core.impersonation.domains import Names
from mailock.core.impersonation.listing import words
from mailock.core.impersonation.wording import plain

_SHORT: Final = 4
"""Letters of a name that is a word of everybody."""
_LONGEST_HOST: Final = 120
_SUFFIXES: Final = words("com net org de fr it es nl co.uk ch at be pl se dk no fi co.jp com.br com.mx com.au")
"""Those by which a reader takes two labels of a host for somebody's domain."""
_LABELS: Final = 12
"""Labels of a host that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose name is protected."""

    name: str
    addresses: frozenset[str] = frozenset()
    """Those that are his, in lower case; others that bear his name are not."""

    @property
    def words(self) -> frozenset[str]:
        """His name in words, in any order."""
        return words_of(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """Somebody whose name stands before another's domain."""

    of: str
    ours: bool
    """Whether it is one of ours or of our partners'."""


# Without slots, since what is asked again and again is worked out once and kept.
@dataclass(frozen=True, kw_only=True)
class Known:
    """All of them."""

    people: tuple[Person, ...] = ()
    own: frozenset[str] = frozenset()
    """Registrable domains of ours."""
    partners: frozenset[str] = frozenset()
    """Registrable domains of partners."""
    brands: tuple[Brand, ...] = SHIPPED

    @cached_property
    def names(self) -> Names:
        """What domains may pass for a brand."""
        return Names({label: brand.name for brand in reversed(self.brands) for label in brand.labels})

    @cached_property
    def own_names(self) -> Names:
        """What domains may pass for ours."""
        return _names(self.own)

    @cached_property
    def partner_names(self) -> Names:
        """What domains may pass for a partner's."""
        return _names(self.partners)

    @cached_property
    def labels(self) -> dict[str, Brand]:
        """Brands by the names of their sites that are long enough to be nobody else's word."""
        return {label: brand for brand in reversed(self.brands) for label in brand.labels if len(label) > _SHORT}

    @cached_property
    def owners(self) -> dict[str, Brand]:
        """Brands by their sites, those under every suffix as `name.`."""
        return {site: brand for brand in reversed(self.brands) for site in brand.sites}

    def prepare(self) -> None:
        """Works out now what a message will ask for: in a jail, what is worked out for one message is gone after it."""
        _ = self.names, self.own_names, self.partner_names, self.labels, self.owners

    def posed(self, host: str, site: str) -> Posed | None:
        """Whom a host below a registrable domain of somebody else's names: `bank.example.evil.example`, the dots
        perhaps dashes; or with letters that look the same. None where it names nobody.
        """
        pieces = host[:_LONGEST_HOST].removeprefix("www.").replace("-", ".").split(".")
        above = host.removesuffix(site).replace("-", ".").count(".")
        for start in range(min(len(pieces), _LABELS)):
            for end in range(start + 2, min(start + 4, len(pieces) - 1) + 1):
                name = ".".join(pieces[start:end])
                if name == site or site.startswith(f"{name}."):
                    continue
                if name in self.own or name in self.partners:
                    return Posed(of=name, ours=True)
                if name.partition(".")[2] not in _SUFFIXES:
                    continue
                if (brand := self.owner(name)) is not None and not brand.owns(site):
                    return Posed(of=brand.name, ours=False)
        for label in pieces[: min(above, _LABELS)]:
            for names, ours in ((self.own_names, True), (self.partner_names, True), (self.names, False)):
                if label not in self.labels and (name := names.looks_like(label)):
                    return Posed(of=name, ours=ours)
        return None

    def owner(self, site: str) -> Brand | None:
        """A brand that a registrable domain belongs to."""
        label = site.partition(".")[0]
        member = self.labels.get(label.partition("-")[0])
        if member is not None and member.owns(site):
            return member
        return self.owners.get(site) or self.owners.get(f"{label}.")


def _names(sites: frozenset[str]) -> Names:
    labels = {site.partition(".")[0]: site for site in sites}
    return Names({label: site for label, site in labels.items() if len(label) > _SHORT - 1})


def words_of(name: str) -> frozenset[str]:
    """A name in words, folded."""
    return frozenset(plain(name).replace(",", " ").replace(".", " ").replace('"', " ").split())

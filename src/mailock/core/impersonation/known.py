"""Whom a letter might pass for: what policy says of our people, our domains and our partners, and the brands."""

from dataclasses import dataclass

from mailock.core.impersonation.brands import SHIPPED, Brand
from mailock.core.impersonation.wording import plain


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
class Known:
    """All of them."""

    people: tuple[Person, ...] = ()
    own: frozenset[str] = frozenset()
    """Registrable domains of ours."""
    partners: frozenset[str] = frozenset()
    """Registrable domains of partners."""
    brands: tuple[Brand, ...] = SHIPPED


def words_of(name: str) -> frozenset[str]:
    """A name in words, folded."""
    return frozenset(plain(name).replace(",", " ").replace(".", " ").replace('"', " ").split())

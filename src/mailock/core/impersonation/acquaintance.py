"""Who corresponds with whom: what one virtual system remembers of others, and what that says of a new letter.

A stranger is nothing bad: everybody was one. But a stranger who bears the name of somebody that one knows, whose domain
passes for that of a known correspondent, or who begins by changing an account number, is what fraud by mail looks like.
What makes somebody known is above all that one of ours wrote to him; what he writes himself counts where he proved who
he is and his mail was wanted, and then only after some days and letters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from mailock.core.evidence.quoting import quoted
from mailock.core.impersonation.domains import Names, skeleton
from mailock.core.impersonation.identity import OFFICES
from mailock.core.impersonation.known import words_of
from mailock.core.impersonation.places import is_free
from mailock.core.impersonation.sign import Group, Sign

KEPT_FOR: Final = 400 * 86_400.0
"""Seconds after which somebody of whom nothing was heard is a stranger again."""
HEARD_FROM: Final = 3
"""Wanted messages of somebody who proved who he is, until he is known without our having written."""
KNOWN_AFTER: Final = 3 * 86_400.0
"""Seconds since the first of them."""
_SHORTEST_LABEL: Final = 5
_LONGEST: Final = 200


class Kind(Enum):
    """What is remembered."""

    ADDRESS = "address"
    SITE = "site"
    """A registrable domain at which not everybody gets an address."""
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Mark:
    """By what somebody is known again."""

    kind: Kind
    text: str
    site: str = ""
    """Of a site itself, and of a name the domain that it was seen with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What is remembered of a mark. Times are Unix seconds."""

    first: float
    last: float
    wrote: int
    """Messages of ours."""
    heard: int
    """Wanted messages of theirs, by senders who proved who they are."""
    site: str = ""

    def with_one(self, now: float, *, wrote: bool, site: str) -> "Contact":
        """The same with one message more."""
        return replace(
            self,
            last=max(now, self.last),
            wrote=self.wrote + wrote,
            heard=self.heard + (not wrote),
            site=site or self.site,
        )

    def is_known(self, now: float) -> bool:
        """Whether it is somebody whom one knows."""
        if now > self.last + KEPT_FOR:
            return False
        return self.wrote > 0 or (self.heard >= HEARD_FROM and now >= self.first + KNOWN_AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """The author of a letter that came in."""

    name: str
    """As it is shown."""
    address: str
    """In lower case."""
    site: str
    """The registrable domain."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """By what he may be known."""
        return marks_of(self.name, self.address, self.site)


def marks_of(untrusted_name: str, address: str, site: str) -> tuple[Mark, ...]:
    """The marks of a correspondent."""
    found = [Mark(Kind.ADDRESS, address[:_LONGEST])]
    if site and not is_free(site):
        found.append(Mark(Kind.SITE, site, site))
    if name := name_key(untrusted_name):
        found.append(Mark(Kind.NAME, name, site))
    return tuple(found)


def name_key(untrusted_name: str) -> str:
    """The name of a person as it is compared: two words and more in any order; empty for offices and single words."""
    words = {word for word in words_of(untrusted_name[:_LONGEST]) if word.isalpha() and len(word) > 1}
    return " ".join(sorted(words)) if len(words) > 1 and not words & OFFICES else ""


def alike_keys(site: str) -> tuple[str, ...]:
    """Under what a known domain is found by one that passes for it: one edit leaves its beginning or its end."""
    label = site.partition(".")[0]
    if len(label) < _SHORTEST_LABEL:
        return ()
    half = (len(label) - 1) // 2
    return f"={skeleton(label)}", f"/{label}", f"<{label[:half]}", f">{label[-half:]}"


def keys_to_ask(site: str) -> tuple[str, ...]:
    """Under what a domain's originals would be found."""
    label = site.partition(".")[0]
    if len(label) < _SHORTEST_LABEL - 1:
        return ()
    keys = [f"={skeleton(piece)}" for piece in {label, *label.split("-")}]
    keys += [f"/{piece}" for piece in {label, *label.split("-")} if len(piece) >= _SHORTEST_LABEL]
    for half in {(len(label) + more - 1) // 2 for more in (-1, 0, 1)} - {0}:
        keys += [f"<{label[:half]}", f">{label[-half:]}"]
    return tuple(dict.fromkeys(keys))


def compared(
    who: Stranger, known: dict[Mark, Contact], alike: Sequence[str], now: float, *, proven: bool, pays: bool
) -> Iterator[Sign]:
    """What it says that somebody is known, or is not.

    `known`: what is remembered of his marks; `alike`: known domains that his may pass for; `proven`: whether he proved
    who he is; `pays`: whether the letter wants money to go another way.
    """
    contacts = {mark.kind: contact for mark, contact in known.items() if contact.is_known(now)}
    if Kind.ADDRESS in contacts:
        if proven:
            wrote = contacts[Kind.ADDRESS].wrote
            says = f"Somebody here {'wrote to' if wrote else 'has had mail from'} {quoted(who.address)} before."
            yield Sign("impersonation.known", Group.IDENTITY, -1.0 if wrote else -0.5, says)
        return
    if Kind.SITE not in contacts:
        yield from _cousin(who, alike)
    name = contacts.get(Kind.NAME)
    if name is not None and name.site != who.site:
        says = (
            f"The sender has the name of somebody who is known here, {quoted(who.name)}, and"
            f" {quoted(who.address)} is an address that nobody here knows."
        )
        yield Sign("impersonation.acquaintance", Group.IDENTITY, 2.0, says)
    if Kind.SITE not in contacts:
        says = f"It is the first contact with {quoted(who.address)}" + (
            ", and it wants money to go another way." if pays else "."
        )
        yield Sign("impersonation.first_contact", Group.IDENTITY, 1.5 if pays else 0.1, says)


def _cousin(who: Stranger, alike: Sequence[str]) -> Iterator[Sign]:
    others = [site for site in alike if site != who.site]
    if not others or is_free(who.site):
        return
    found = Names({site.partition(".")[0]: site for site in others}).resemblance(who.site)
    if found is None:
        return
    says = f"The sender's domain {quoted(who.site)} {found.how} as {found.of}, with which people here correspond."
    kind = "impersonation.lookalike" if found.sure else "impersonation.cousin"
    yield Sign(kind, Group.IDENTITY, 4.0 if found.sure else 0.8, says)

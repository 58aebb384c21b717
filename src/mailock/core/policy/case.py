"""A case: all that policy may know of a message, as one value.

Facts of a recipient (which way his mail goes, whether anything is enforced for him) are in a `Party` each. Who sent the
message is what the envelope and the From field say, which anybody can write, and apart from that what was *proven*: by
authentication that is aligned with the From field, or by a submitter who signed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import getaddresses
from functools import cached_property
from types import MappingProxyType
from typing import Final

from mailock.core.evidence.examination import Examination
from mailock.core.evidence.manifest import Duty
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import Message
from mailock.core.mail.shown import header
from mailock.core.policy.route import route
from mailock.core.routing.rules import Routes
from mailock.core.smtp.domain import read_domain

GLIMPSED: Final = ("message-id", "subject", "from", "to", "cc")
"""The header fields that a case has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One recipient."""

    number: int
    """Its place in the envelope, from 0."""
    address: Address
    direction: Direction
    groups: frozenset[str] = frozenset()
    """Groups of a directory that it belongs to; those that the policy lists are matched by address."""
    monitoring: bool = False
    """Whether nothing is enforced for it: its forwarding rule says scan only (DECISIONS 17)."""


# Without slots, since what rules ask again and again is worked out once and kept.
@dataclass(frozen=True, kw_only=True)
class Case:
    """One message, as policy sees it. Times are Unix seconds."""

    message: Message
    examination: Examination
    duties: Mapping[str, Duty]
    """What each engine is for."""
    parties: tuple[Party, ...]
    now: float
    offset: float = 0.0
    """Seconds that local time is ahead of UTC: hours in rules are those of the gateway's clock."""
    proven: frozenset[str] = frozenset()
    """Domains, in lower case and as A-labels, that are proven to have sent it and are aligned with its From field."""
    country: str | None = None
    """Of the source, two letters (ISO 3166-1), where a GeoIP file is given."""
    untrusted_text: str | None = field(default=None, repr=False)
    """What the reader sees, where a station gives it."""
    in_session: bool = False
    """Whether the client still waits for its reply, so that it can be rejected (DECISIONS 12)."""

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The header fields that were glimpsed, decoded for reading, by name in lower case."""
        glimpse = self.message.glimpse
        raw = (glimpse.message_id, glimpse.subject, glimpse.from_, glimpse.to, glimpse.cc)
        return {name: header(value) for name, value in zip(GLIMPSED, raw, strict=True)}

    @cached_property
    def authors(self) -> tuple[Address, ...]:
        """The addresses of the From field."""
        found = (_address(text) for _, text in getaddresses([self.message.glimpse.from_]))
        return tuple(address for address in found if address is not None)

    @cached_property
    def senders(self) -> tuple[Address, ...]:
        """Everybody who is said to have sent it: the envelope's sender, then the From field's."""
        envelope = self.message.envelope.sender
        return (*((envelope,) if envelope is not None else ()), *self.authors)

    @cached_property
    def authenticated(self) -> tuple[Address, ...]:
        """Of those, the ones that are proven: every author's domain is, or the one who signed in wrote it himself."""
        user = self.message.origin.authenticated_as
        if user is not None:
            return tuple(sender for sender in self.senders if str(sender).casefold() == user.casefold())
        if not self.authors or any(author.domain not in self.proven for author in self.authors):
            return ()
        return self.authors


def parties_of(
    message: Message, routes: Routes, groups: Mapping[int, frozenset[str]] = MappingProxyType({})
) -> tuple[Party, ...]:
    """The recipients of a message; what is enforced for each is said by the forwarding rule that takes it.

    `groups`: those of a directory, by the recipient's place in the envelope.
    """
    return tuple(
        Party(
            number=number,
            address=recipient.address,
            direction=recipient.direction,
            groups=groups.get(number, frozenset()),
            monitoring=(rule := route(routes, message, recipient)) is not None and not rule.forwards,
        )
        for number, recipient in enumerate(message.envelope.recipients)
    )


def _address(text: str) -> Address | None:
    local, at, domain = text.strip().rpartition("@")
    name = read_domain(domain)
    return Address(local, name) if at and name is not None else None

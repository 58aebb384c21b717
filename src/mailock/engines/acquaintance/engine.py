"""`acquaintance`: whether a sender is known here or passes for somebody who is, and where codes in pictures lead."""

from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from typing import Final

from mailock.config.engines import ImpersonationSettings
from mailock.core.evidence.finding import Finding, Link, Shown
from mailock.core.evidence.links.target import WEB, target
from mailock.core.evidence.links.wrapped import chain
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.impersonation.acquaintance import Stranger, compared
from mailock.core.impersonation.brands import SHIPPED, brand
from mailock.core.impersonation.concluding import CONCLUDED, ENGINE, PAYMENT, draw
from mailock.core.impersonation.known import Known
from mailock.core.impersonation.leads import leads
from mailock.core.impersonation.letter import Lead, Letter, Writer
from mailock.core.impersonation.places import is_free
from mailock.core.impersonation.sign import Sign
from mailock.core.mail.message import Message
from mailock.core.mail.shown import header
from mailock.engines.suffixes import load, site
from mailock.ports.clock import Clock
from mailock.ports.correspondents import Correspondents
from mailock.ports.engine import Heard

MANIFEST: Final = Manifest(
    name=ENGINE,
    version="1",
    where=Where.ONLINE,
    scope=Scope.MESSAGE,
    duty=Duty.SPAM,
    seconds=2.0,
    kinds=CONCLUDED,
)
CODE: Final = "qr.link"
"""The kind of finding that says that a part has a code with a link in it."""
_MOST_LINKS: Final = 400


class Acquaintance:
    """Implements `ports.engine.Concluding`."""

    def __init__(self, settings: ImpersonationSettings, correspondents: Correspondents | None, clock: Clock) -> None:
        """`correspondents`: None where nobody is remembered."""
        load()
        self._correspondents = correspondents
        self._clock = clock
        self._known = Known(
            own=frozenset(site(domain) or domain for domain in settings.own),
            partners=frozenset(site(domain) or domain for domain in settings.partners),
            brands=(*(brand(name, " ".join(sites)) for name, sites in settings.brands), *SHIPPED),
        )
        self._known.prepare()

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return MANIFEST

    def conclude(self, heard: Heard) -> Sequence[Finding]:
        """What is known of the sender, what codes lead to, and what all of it comes to."""
        who = author(heard.message)
        authentication = heard.authentication
        proven = authentication is not None and who.address == authentication.authenticated_author.lower() != ""
        signs = [*self._compared(heard, who, proven=proven), *self._codes(heard, who)]
        sites = frozenset(lead.site for lead in map(_lead, heard.links[:_MOST_LINKS]) if lead is not None)
        proven_site = who.site if proven and not is_free(who.site) else ""
        return tuple(draw(heard.findings, signs, proven_site=proven_site, linked=sites))

    def _compared(self, heard: Heard, who: Stranger, *, proven: bool) -> Iterator[Sign]:
        if heard.message.origin.internal or self._correspondents is None or not who.address:
            return
        if who.site in self._known.own | self._known.partners:
            return
        system = heard.message.virtual_system
        known = self._correspondents.find(system, who.marks)
        alike = self._correspondents.alike(system, who.site)
        pays = any(one.kind == PAYMENT for one in heard.findings)
        yield from compared(who, known, alike, self._clock.now(), proven=proven, pays=pays)

    def _codes(self, heard: Heard, who: Stranger) -> Iterator[Sign]:
        """The signs of links in codes: the same as those of any other link."""
        parts = {one.part for one in heard.findings if one.kind == CODE}
        coded = [one for one in heard.links if one.part in parts and one.shown is Shown.INSIDE]
        found = tuple(lead for lead in map(_lead, coded[:_MOST_LINKS]) if lead is not None)
        if not found:
            return
        to = heard.message.envelope.recipients
        letter = Letter(
            authors=(Writer(name=who.name, address=who.address),),
            reply_to=(),
            recipients=tuple(Writer(name="", address=str(one.address).lower()) for one in to[:20]),
            subject=header(heard.message.glimpse.subject),
            text="",
            leads=found,
            sites={who.address.rpartition("@")[2]: who.site},
        )
        yield from leads(letter, self._known, words=0)


def author(message: Message) -> Stranger:
    """The author of a message, as its From field says; without an address where there is none."""
    shown, bracket, behind = message.glimpse.from_.rpartition("<")
    # A name with a comma in it ("Klein, Petra <…>") is none by RFC 5322, and clients show it all the same.
    name, address = (shown, behind.partition(">")[0]) if bracket else parseaddr(behind)
    address = address.strip().lower()
    domain = address.rpartition("@")[2] if "@" in address else ""
    return Stranger(name=header(name.strip(' "')), address=address if domain else "", site=site(domain) or domain)


def _lead(link: Link) -> Lead | None:
    outer = target(link.untrusted_url)
    if outer is None or outer.scheme not in WEB or not outer.host:
        return None
    last = chain(outer)[0][-1]
    place = last.host if last.address else site(last.host) or ".".join(last.host.rsplit(".", 2)[-2:])
    return Lead(url=last.untrusted_url[:2000], host=last.host, site=place, address=last.address)

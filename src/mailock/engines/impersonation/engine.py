"""`impersonation`: looks at a message as its reader does, and says who it pretends to be from and what it wants."""

from collections.abc import Iterator
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.evidence.finding import Sighting
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.specimen import Specimen
from mailock.core.impersonation.brands import SHIPPED, brand
from mailock.core.impersonation.known import Known, Person
from mailock.core.impersonation.sign import KINDS
from mailock.core.impersonation.weigh import weigh
from mailock.engines.impersonation.reading import letter
from mailock.engines.suffixes import load, site

MANIFEST: Final = Manifest(
    name="impersonation",
    version="1",
    where=Where.JAILED,
    scope=Scope.MESSAGE,
    duty=Duty.SPAM,
    seconds=10.0,
    kinds=KINDS,
)


class Impersonation:
    """Knows brands, and whom policy protects."""

    def __init__(self, settings: EngineSettings) -> None:
        load()
        told = settings.impersonation
        self._known = Known(
            people=tuple(
                Person(name=name, addresses=frozenset(address.lower() for address in addresses))
                for name, addresses in told.people
            ),
            own=frozenset(site(domain) or domain for domain in told.own),
            partners=frozenset(site(domain) or domain for domain in told.partners),
            brands=(*(brand(name, " ".join(sites)) for name, sites in told.brands), *SHIPPED),
        )
        self._known.prepare()

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return MANIFEST

    def look(self, specimen: Specimen) -> Iterator[Sighting]:
        """Its signs, and whether they make a lure."""
        yield from weigh(letter(specimen.whole.anatomy, site), self._known, MANIFEST.name, specimen.part)

"""`dkim`: the half of authentication that reads bytes, in the jail. What it sees leaves as one fact."""

from collections.abc import Callable, Iterable
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.authentication import documents
from mailock.core.evidence.finding import Fact, FactKind, Sighting
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.specimen import Specimen

MANIFEST = Manifest(
    name="dkim",
    version="1",
    where=Where.JAILED,
    scope=Scope.MESSAGE,
    duty=Duty.SENDER,
    seconds=10.0,
)


EVIDENCE: Final = "evidence"
"""The jail's task that does the same for a message of which nothing else is asked."""


def evidence_task(read: Callable[[int], bytes]) -> Callable[[bytes, int, int | None, Callable[[bytes], None]], None]:
    """The task as the jail runs it. Its order is our host name; `read` gives the octets behind a descriptor."""

    def task(order: bytes, body: int, output: int | None, emit: Callable[[bytes], None]) -> None:
        emit(documents.write(documents.evidence(read(body), order.decode())).encode("ascii"))

    return task


class DkimEngine:
    """Canonicalises and hashes; asks nobody."""

    def __init__(self, settings: EngineSettings) -> None:
        self._identifier = settings.hostname

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return MANIFEST

    def look(self, specimen: Specimen) -> Iterable[Sighting]:
        """One fact: author, signatures, chain, and forged results."""
        found = documents.evidence(specimen.content, self._identifier)
        yield Fact(part=specimen.part, kind=FactKind.DKIM, untrusted_value=documents.write(found))

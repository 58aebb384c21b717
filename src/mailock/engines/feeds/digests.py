"""The jailed half: older digests of each content, where a feed lists such. SHA-256 is said of every file anyhow."""

import hashlib
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Fact, FactKind
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.specimen import Specimen

NAME: Final = "digests"


class Digests:
    """Implements `ports.engine.Jailed`."""

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return Manifest(name=NAME, version="1", where=Where.JAILED, scope=Scope.PART, duty=Duty.MALWARE)

    def look(self, specimen: Specimen) -> Iterator[Fact]:
        """SHA-1 and MD5."""
        for kind, hashed in ((FactKind.SHA1, hashlib.sha1), (FactKind.MD5, hashlib.md5)):
            digest = hashed(specimen.content, usedforsecurity=False).hexdigest()
            yield Fact(part=specimen.part, kind=kind, untrusted_value=digest)

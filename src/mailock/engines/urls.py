"""The links of plain text: what mail programs make links of by themselves, and what readers are told to mend.

HTML, PDF, Office files and pictures have engines of their own, which gather their links in the same way.
"""

from collections.abc import Iterator
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Confidence, Severity, Shown, Sighting
from mailock.core.evidence.links.gathering import KINDS, Gathering
from mailock.core.evidence.links.written import written
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.quoting import quoted
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Specimen
from mailock.core.mime.charsets import texts
from mailock.engines.suffixes import load, site

MANIFEST: Final = Manifest(
    name="urls",
    version="1",
    where=Where.JAILED,
    scope=Scope.PART,
    duty=Duty.MALWARE,
    families=frozenset({Family.TEXT, Family.XML, Family.SCRIPT, Family.SHORTCUT, Family.CALENDAR}),
    largest=16 << 20,
    seconds=10.0,
    kinds=KINDS,
    needs=frozenset({"charset"}),
)
_MOST_TEXT: Final = 4 << 20
"""Characters of a text that are read at most; what follows is Incomplete(TOO_LARGE)."""


class Urls:
    """Finds links in text."""

    manifest: Final = MANIFEST

    def __init__(self, settings: EngineSettings) -> None:
        load()
        self._links = settings.links
        self._most = min(settings.link_text, _MOST_TEXT)

    def look(self, specimen: Specimen) -> Iterator[Sighting]:
        """Its links, in every text that a client may read it as."""
        gathering = Gathering(MANIFEST.name, specimen.part, site, self._links)
        cut = False
        for text in texts(specimen.content, specimen.charsets):
            cut = cut or len(text) > self._most
            for found in written(text[: self._most], site):
                yield from gathering.add(found.untrusted_raw, Shown.TEXT, untrusted_url=found.untrusted_url)
                if found.disarmed:
                    says = f"A URL is written so that no program follows it: {quoted(found.untrusted_raw, 120)}."
                    yield from gathering.finding("url.disarmed", Severity.NOTE, Confidence.MEDIUM, says)
        if cut:
            raise Unfinished(
                Why.TOO_LARGE, f"The text has more than {self._most} characters; links behind were not read."
            )

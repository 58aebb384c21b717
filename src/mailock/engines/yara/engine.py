"""The engine that runs YARA rules over each content that it is given. It is jailed: no rule sees the network or a file.

Rules are matched by yara-x, compiled machine code included. Its scanner is made, and run once over nothing, in the
process that is forked from, which spares every child a millisecond or two; the limit in time is set in the child: the
library counts time in a thread, and a fork loses threads. A small content under rules that all are our own gets no
limit, and no thread: none of them loops.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

import yara_x

from mailock.core.evidence.finding import Finding
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Specimen
from mailock.engines.yara.compiling import compile_rules
from mailock.engines.yara.meaning import meaning
from mailock.engines.yara.ruleset import RuleSet

NAME: Final = "yara"
SECONDS: Final = 20
LARGEST: Final = 256 << 20
FINDINGS: Final = 50
"""From one content; rules that match beyond that say nothing new."""
MATCHES: Final = 1000
"""Of one pattern: what counts is that it is there."""
_SMALL: Final = 1 << 20


def manifest_of(rules: RuleSet, seconds: int = SECONDS) -> Manifest:
    """The manifest of the engine with these rules; the same on both sides of the jail's door."""
    return Manifest(
        name=NAME,
        version=rules.version,
        where=Where.JAILED,
        scope=Scope.PART,
        duty=Duty.MALWARE,
        largest=LARGEST,
        seconds=float(seconds),
        kinds=rules.kinds,
        needs=frozenset({"name", "declared"}) if rules.uses_names else frozenset(),
    )


class Yara:
    """Implements `ports.engine.Jailed`."""

    def __init__(self, rules: RuleSet | None = None, *, seconds: int = SECONDS) -> None:
        """Without rules it compiles the built-in ones, which takes some ten milliseconds and reads our own files."""
        self._set = rules or compile_rules(None)
        self._rules = self._set.rules()
        self._seconds = seconds
        self._manifest = manifest_of(self._set, seconds)
        self._scanner = yara_x.Scanner(self._rules)
        self._scanner.max_matches_per_pattern(MATCHES)
        self._scanner.fast_scan(True)  # noqa: FBT003  # the library takes it so
        self._scanner.scan(b"")

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return self._manifest

    def look(self, specimen: Specimen) -> Iterator[Finding]:
        """A finding for each rule that matches. Raises Unfinished where the rules took too long."""
        if self._set.uses_names:
            self._name(specimen)
        if self._set.files or len(specimen.content) > _SMALL:
            self._scanner.set_timeout(self._seconds)
        try:
            found = self._scanner.scan(specimen.content)
        except yara_x.TimeoutError:
            raise Unfinished(Why.TIMED_OUT, f"the rules were not done within {self._seconds} s") from None
        except yara_x.ScanError as fault:
            raise Unfinished(Why.UNREADABLE, f"the rules could not be run: {fault}") from None
        for rule in found.matching_rules[:FINDINGS]:
            said = meaning(rule.metadata, self._manifest.kinds.keys())
            what = f": {said.description}" if said.description else ""
            yield Finding(
                engine=NAME,
                kind=said.kind,
                severity=said.severity,
                confidence=said.confidence,
                part=specimen.part,
                evidence=f"rule {rule.identifier} matches{what}",
            )

    def _name(self, specimen: Specimen) -> None:
        name = specimen.untrusted_names[0] if specimen.untrusted_names else ""
        words = {
            "filename": name,
            "filepath": name,
            "extension": PurePath(name).suffix.lower(),
            "filetype": specimen.type.name,
            "family": specimen.type.family.value,
        }
        for word, value in words.items():
            self._scanner.set_global(word, value.encode("utf-8", "replace").decode())

"""What was due against what was reported. What was due and not reported is Incomplete: silence is not a value."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked, Report, Why
from mailock.core.mime.part import PartPath

ROOT = PartPath("1")
NOT_DUE = frozenset({Why.NOT_CONFIGURED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The reports, one for each engine and part that was due. Made by `cover`."""

    reports: tuple[Report, ...]
    due: int
    """How many were due; nothing due covers nothing (DECISIONS 20)."""

    @property
    def incomplete(self) -> tuple[Incomplete, ...]:
        """What was not looked at, and why."""
        return tuple(report for report in self.reports if isinstance(report, Incomplete))

    @property
    def complete(self) -> bool:
        """Whether something was due, and all of it was looked at."""
        return self.due > 0 and all(isinstance(report, Looked) or report.why in NOT_DUE for report in self.reports)


def due(manifest: Manifest, files: Iterable[File]) -> tuple[PartPath, ...]:
    """The parts that an engine has to look at."""
    if manifest.where is Where.ONLINE or manifest.scope is Scope.MESSAGE:
        return (ROOT,)
    return tuple(file.path for file in files if wants(manifest, file))


def wants(manifest: Manifest, file: File) -> bool:
    """Whether an engine of Scope.PART has to look at a file."""
    return file.looked_into and not manifest.families.isdisjoint(file.families)


def cover(manifests: Iterable[Manifest], files: tuple[File, ...], reports: Iterable[Report]) -> Coverage:
    """The coverage of a message. Of several reports on one engine and part an incomplete one counts."""
    given: dict[tuple[str, PartPath], Report] = {}
    for report in reports:
        key = report.engine, report.part
        if key not in given or isinstance(given[key], Looked):
            given[key] = report
    expected = 0
    for manifest in manifests:
        for path in due(manifest, files):
            expected += 1
            key = manifest.name, path
            if key not in given:
                given[key] = Incomplete(engine=manifest.name, version=manifest.version, part=path, why=Why.SILENT)
    return Coverage(reports=tuple(given.values()), due=expected)


def duties(manifests: Iterable[Manifest]) -> dict[str, Duty]:
    """What each engine is for, by its name."""
    return {manifest.name: manifest.duty for manifest in manifests}

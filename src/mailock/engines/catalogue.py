"""The engines that come with Mailock, a line each, and those of others, which are installed beside it.

An engine is imported when it is made, which has to be before the jail shuts: it needs its libraries from a file system
that is gone afterwards. Others name theirs by an entry point of the group `mailock.engines`: `name = "module:maker"`,
where the maker is called without arguments and gives a `ports.engine.Jailed`. Such an engine is made only where the
policy names it, so installing a package switches nothing on; it has to pass `mailock.testing.engines`.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.evidence.manifest import Where
from mailock.ports.engine import Identifier, Jailed

Maker = Callable[[EngineSettings], Jailed]


def _maker(module: str, name: str) -> Maker:
    """Imports the engine's module when it is called; the contract suite makes each of them."""

    def make(settings: EngineSettings) -> Jailed:
        engine: Jailed = getattr(import_module(f"mailock.engines.{module}"), name)(settings)
        return engine

    return make


def _plain(module: str, name: str) -> Jailed:
    made: Jailed = getattr(import_module(f"mailock.engines.{module}"), name)()
    return made


JAILED: Final[Mapping[str, Maker]] = {
    "filetype": _maker("filetype.engine", "FileTypes"),
    "archives": _maker("archives.engine", "Archives"),
    "urls": _maker("urls", "Urls"),
    "html": _maker("html.engine", "Html"),
    "office": lambda settings: _plain("office.engine", "Office"),
    "pdf": lambda settings: _plain("pdf.engine", "Pdf"),
    "qr": lambda settings: _plain("qr.engine", "Qr"),
    "impersonation": _maker("impersonation.engine", "Impersonation"),
    "dkim": _maker("authentication.jailed", "DkimEngine"),
    "reading": lambda settings: _plain("spam.engine", "Reading"),
}
"""By the name in their manifest, in the order in which they look at a part."""
IMPERSONATION: Final = "impersonation"
ANTI_SPAM: Final = frozenset({"qr", "reading", IMPERSONATION})
"""Those of Duty.SPAM: they run where anti-spam is on, for the top of the file or for any profile."""
SHARED: Final = frozenset({"qr"})
"""Those of Duty.SPAM that run for [anti_virus] too: its feeds want to know where codes lead."""


GROUP: Final = "mailock.engines"
"""The group of entry points by which others name their engines."""


def make(name: str, settings: EngineSettings) -> Jailed:
    """An engine of ours or of others, by its name. Raises ValueError where there is none, or it is not what it says."""
    ours = JAILED.get(name)
    if ours is not None:
        return ours(settings)
    point = found(name)
    try:
        made: Jailed = point.load()()
    except Exception as fault:
        raise ValueError(f'the engine "{name}" cannot be made: {type(fault).__name__}: {fault}') from fault
    manifest = made.manifest
    if manifest.name != name or manifest.where is not Where.JAILED:
        raise ValueError(f'the engine "{name}" calls itself {manifest.name} and is {manifest.where.value}')
    return made


def found(name: str) -> EntryPoint:
    """Where somebody else's engine is. Nothing of it is imported. Raises ValueError where it is not installed once."""
    if name in JAILED:
        raise ValueError(f'the engine "{name}" is one of Mailock\'s own, and runs without being named')
    installed = entry_points(group=GROUP)
    matching = [point for point in installed if point.name == name]
    if not matching:
        there = ", ".join(sorted(point.name for point in installed)) or "none is installed"
        raise ValueError(f'there is no engine "{name}": install the package that brings it (there are: {there})')
    if len({point.value for point in matching}) > 1:
        raise ValueError(f'several packages bring an engine "{name}": remove all of them but one')
    return matching[0]


def identifier() -> Identifier:
    """What says what a file is."""
    made: Identifier = import_module("mailock.engines.filetype.identifier").Types()
    return made

"""The engines that come with Mailock, a line each. An engine is imported when it is made, which has to be before the
jail shuts: it needs its libraries from a file system that is gone afterwards.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from mailock.config.engines import EngineSettings
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


def identifier() -> Identifier:
    """What says what a file is."""
    made: Identifier = import_module("mailock.engines.filetype.identifier").Types()
    return made

"""The engines that come with Mailock, a line each. An engine is imported when it is made, which has to be before the
jail shuts: it needs its libraries from a file system that is gone afterwards.
"""

import ssl
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from mailock.config.antivirus import AntiVirus
from mailock.config.engines import EngineSettings
from mailock.ports.clock import Clock
from mailock.ports.engine import Identifier, Jailed, WatchedExternal, WatchedOnline

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
    "urls": lambda settings: _plain("urls", "Urls"),
    "html": lambda settings: _plain("html.engine", "Html"),
    "office": lambda settings: _plain("office.engine", "Office"),
    "pdf": lambda settings: _plain("pdf.engine", "Pdf"),
    "qr": lambda settings: _plain("qr.engine", "Qr"),
    "digests": lambda settings: _plain("feeds.digests", "Digests"),
    "dkim": _maker("authentication.jailed", "DkimEngine"),
}
"""By the name in their manifest, in the order in which they look at a part."""


def identifier() -> Identifier:
    """What says what a file is."""
    made: Identifier = import_module("mailock.engines.filetype.identifier").Types()
    return made


def externals(settings: AntiVirus, clock: Clock, tls: ssl.SSLContext) -> tuple[WatchedExternal, ...]:
    """The scanners that are attached. `tls`: what icaps trusts."""
    made: list[WatchedExternal] = []
    if settings.clamav is not None:
        made.append(
            import_module("mailock.engines.clamav.forwarder").Clamav(
                settings.clamav,
                clock,
                seconds=settings.clamav_timeout.seconds,
                connections=settings.clamav_connections,
                largest=settings.clamav_largest.bytes,
            )
        )
    for number, url in enumerate(settings.icap, 1):
        made.append(
            import_module("mailock.engines.icap.forwarder").Icap(
                url,
                clock,
                name="icap" if number == 1 else f"icap{number}",
                seconds=settings.icap_timeout.seconds,
                connections=settings.icap_connections,
                largest=settings.icap_largest.bytes,
                trust_preview=settings.icap_trust_preview,
                tls=tls,
            )
        )
    return tuple(made)


def onlines(settings: AntiVirus, clock: Clock) -> tuple[WatchedOnline, ...]:
    """The engines that know facts."""
    if not settings.feed:
        return ()
    return (import_module("mailock.engines.feeds.engine").Feeds(settings.feed, clock),)


def not_attached(settings: AntiVirus) -> tuple[str, ...]:
    """The names of engines that exist and are not configured."""
    attached = {"clamav": settings.clamav is not None, "icap": bool(settings.icap), "feeds": bool(settings.feed)}
    return tuple(name for name, there in attached.items() if not there)

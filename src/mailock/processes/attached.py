"""Those who look at mail outside of the jail: scanners that are attached, and engines that know facts."""

import asyncio
import ssl
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

from mailock.config.antivirus import AntiVirus, Lists
from mailock.config.engines import EngineSettings
from mailock.engines.catalogue import JAILED, externals, onlines
from mailock.engines.feeds.digests import NAME as DIGESTS
from mailock.engines.yara.engine import NAME as YARA
from mailock.ports.clock import Clock
from mailock.ports.engine import Watched, WatchedExternal, WatchedOnline


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """One set of them, made from one policy's settings."""

    settings: AntiVirus | None = None
    external: tuple[WatchedExternal, ...] = ()
    online: tuple[WatchedOnline, ...] = ()

    @property
    def watched(self) -> tuple[Watched, ...]:
        """All of them."""
        return (*self.external, *self.online)

    def is_for(self, settings: AntiVirus) -> bool:
        """Whether other settings would make the same set."""
        return self.settings is not None and _outside(self.settings) == _outside(settings)

    async def close(self) -> None:
        """Ends what they keep open."""
        await asyncio.gather(*(one.close() for one in self.watched))


NOTHING: Final = Attached()


async def attach(settings: AntiVirus, clock: Clock, authorities: Path | None) -> Attached:
    """Makes them and asks each for its version, all at once. One that does not answer is attached all the same: what
    it could not look at is incomplete, and policy says what that means.
    """
    tls = ssl.create_default_context(cafile=authorities)
    made = Attached(
        settings=settings,
        external=externals(settings, clock, tls),
        online=onlines(settings, clock),
    )
    await asyncio.gather(*(one.probe() for one in made.watched))
    return made


def jailed_names(settings: AntiVirus) -> tuple[str, ...]:
    """The jailed engines that look: all but those whose results nobody would ask for."""
    hashes = any(feed.lists is Lists.HASHES for feed in settings.feed)
    return (*(name for name in JAILED if name != DIGESTS or hashes), YARA)


def settings_of(settings: AntiVirus) -> EngineSettings:
    """What jailed engines are told."""
    return EngineSettings(rules_seconds=ceil(settings.rules_timeout.seconds))


def _outside(settings: AntiVirus) -> tuple[object, ...]:
    """The settings that those outside are made from."""
    return (
        settings.clamav,
        settings.clamav_timeout,
        settings.clamav_connections,
        settings.clamav_largest,
        settings.icap,
        settings.icap_timeout,
        settings.icap_connections,
        settings.icap_largest,
        settings.icap_trust_preview,
        settings.feed,
    )

"""The engines outside of the jail: scanners by their forwarders, feeds, and what a policy does not attach."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from mailock.config.antivirus import AntiVirus
from mailock.config.judgement import AntiSpam
from mailock.core.evidence.report import Why
from mailock.engines.clamav.forwarder import Clamav
from mailock.engines.clamav.replies import NAME as CLAMAV
from mailock.engines.feeds.asking import NAME as FEEDS
from mailock.engines.feeds.engine import Feeds
from mailock.engines.icap.forwarder import NAME as ICAP
from mailock.engines.icap.forwarder import Icap
from mailock.engines.rspamd.forwarder import Rspamd
from mailock.engines.spamassassin.forwarder import SpamAssassin
from mailock.ports.clock import Clock
from mailock.ports.engine import External, Online, Watched
from mailock.stations.examine.crew import Absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """One installed set of them."""

    settings: AntiVirus = field(default_factory=AntiVirus)
    filters: AntiSpam = field(default_factory=AntiSpam)
    """What it was made from."""
    external: Sequence[External] = ()
    online: Sequence[Online] = ()
    watched: Sequence[Watched] = ()
    """All of those that depend on something outside of us."""
    absent: Sequence[Absent] = ()

    def is_for(self, scanning: AntiVirus, filters: AntiSpam) -> bool:
        """Whether other settings would make the same set. It then goes on, and keeps what it knows."""
        same = self.settings == replace(scanning, rules=self.settings.rules, rules_timeout=self.settings.rules_timeout)
        attached = self.filters.rspamd == filters.rspamd and self.filters.spamassassin == filters.spamassassin
        return same and attached

    async def close(self) -> None:
        """Ends what they keep open."""
        await asyncio.gather(*(one.close() for one in self.watched))


NOTHING: Final = Attached(settings=AntiVirus(enabled=False))


async def attach(scanning: AntiVirus, filters: AntiSpam, clock: Clock, authorities: Path | None) -> Attached:
    """Those that the settings name, each asked once for its version. One that does not answer is attached all the
    same: what it cannot look at is Incomplete, and policy decides. `authorities`: by whom scanners over TLS are known;
    None for those whom the machine trusts.
    """
    external: list[Clamav | Icap | Rspamd | SpamAssassin] = []
    absent: list[Absent] = []
    feeds = _scanners(scanning, clock, authorities, external, absent) if scanning.enabled else ()
    if filters.rspamd.server is not None:
        tls = _tls(authorities) if filters.rspamd.server.url.startswith("https") else None
        external.append(Rspamd(filters.rspamd, clock, tls=tls))
    if filters.spamassassin.server is not None:
        external.append(SpamAssassin(filters.spamassassin, clock))
    watched = (*external, *feeds)
    await asyncio.gather(*(one.probe() for one in watched))
    return Attached(settings=scanning, filters=filters, external=external, online=feeds, watched=watched, absent=absent)


def _scanners(
    scanning: AntiVirus,
    clock: Clock,
    authorities: Path | None,
    external: list[Clamav | Icap | Rspamd | SpamAssassin],
    absent: list[Absent],
) -> tuple[Feeds, ...]:
    """Those of [anti_virus]: scanners are added to `external`, what is not named to `absent`; the feeds are given."""
    if scanning.clamav is not None:
        external.append(_clamav(scanning, clock))
    else:
        absent.append(Absent(engine=CLAMAV, why=Why.NOT_CONFIGURED))
    external += _icap(scanning, clock, authorities)
    if not scanning.icap:
        absent.append(Absent(engine=ICAP, why=Why.NOT_CONFIGURED))
    feeds = (Feeds(scanning.feed, clock),) if scanning.feed else ()
    if not feeds:
        absent.append(Absent(engine=FEEDS, why=Why.NOT_CONFIGURED))
    return feeds


def _clamav(scanning: AntiVirus, clock: Clock) -> Clamav:
    assert scanning.clamav is not None
    return Clamav(
        scanning.clamav,
        clock,
        seconds=scanning.clamav_timeout.seconds,
        connections=scanning.clamav_connections,
        largest=scanning.clamav_largest.bytes,
    )


def _tls(authorities: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authorities)


def _icap(scanning: AntiVirus, clock: Clock, authorities: Path | None) -> list[Icap]:
    tls = _tls(authorities) if any(url.encrypted for url in scanning.icap) else None
    return [
        Icap(
            url,
            clock,
            name=ICAP if number == 0 else f"{ICAP}{number + 1}",
            seconds=scanning.icap_timeout.seconds,
            connections=scanning.icap_connections,
            largest=scanning.icap_largest.bytes,
            tls=tls,
            trust_preview=scanning.icap_trust_preview,
        )
        for number, url in enumerate(scanning.icap)
    ]

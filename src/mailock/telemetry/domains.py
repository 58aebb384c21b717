"""For which domains mail was taken lately: asked before a gateway goes out of service (DECISIONS 11)."""

from collections.abc import Iterable
from typing import Final

import apsw

from mailock.core.lifecycle.events import Accepted, Event
from mailock.core.mail.envelope import Direction

DAY: Final = 86_400.0
KEPT: Final = 31 * DAY
AT_HAND: Final = 50_000
"""Domains that are remembered in memory; one that is forgotten is only written once more."""


class SeenDomains:
    """Writes each domain at most once a day."""

    def __init__(self) -> None:
        self._written: dict[str, int] = {}
        self._pruned = 0

    def note(self, connection: apsw.Connection, events: Iterable[Event]) -> None:
        """Notes the domains of recipients to whom mail came; part of the caller's transaction."""
        fresh: dict[str, float] = {}
        written = self._written
        for event in events:
            if type(event) is not Accepted:
                continue
            at = event.message.accepted_at
            for recipient in event.message.envelope.recipients:
                domain = recipient.address.domain
                if recipient.direction is not Direction.OUTGOING and written.get(domain) != int(at // DAY):
                    written[domain] = int(at // DAY)
                    fresh[domain] = at
        if not fresh:
            return
        connection.executemany(
            "INSERT INTO domain VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seen = max(seen, excluded.seen)",
            fresh.items(),
        )
        if len(written) > AT_HAND:
            written.clear()
        newest = max(fresh.values())
        if int(newest // DAY) != self._pruned:
            self._pruned = int(newest // DAY)
            connection.execute("DELETE FROM domain WHERE seen < ?", (newest - KEPT,))

    def forget(self) -> None:
        """The file was closed, perhaps before what was noted was durable: everything is written anew."""
        self._written.clear()

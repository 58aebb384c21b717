"""The roll-ups of the log: sums of each minute and each hour, written with the events that they follow from.

What is summed stands in `core/lifecycle/volume.py`. The sums are part of the transaction that writes the events, so
that they are true whenever the process dies: an event is in both or in none, and one that comes again is in neither.

Minutes are kept for two days, hours for as long as the log. Keys that come from outside (senders, sources, replies …)
are without number, so once a minute or an hour is over only its largest are kept; the others stand together under the
empty key, and every total stays what it was.
"""

from collections.abc import Iterator
from typing import Final, cast

import apsw

from mailock.core.lifecycle.events import Event
from mailock.core.lifecycle.measures import UNBOUNDED
from mailock.core.lifecycle.standing import NOTHING, follow
from mailock.core.lifecycle.volume import HOUR, MINUTE, Counted, Sums, count, settle
from mailock.telemetry.index import run
from mailock.telemetry.story import events_of

OTHERS: Final = ""
"""The key of what is not among the largest."""
MINUTES_KEPT: Final = 48 * HOUR
LARGEST: Final = {MINUTE: 200, HOUR: 1000}
"""How many keys of a measure and virtual system are kept of each minute and hour that is over."""
_OVER: Final = {MINUTE: 10 * MINUTE, HOUR: HOUR}
"""How many seconds after its end a minute or hour is taken for over: what comes later adds to it all the same."""
_ADD: Final = (
    "INSERT INTO volume VALUES {} ON CONFLICT DO UPDATE SET count = count + excluded.count, "
    "amount = amount + excluded.amount"
)
_CROWDED: Final = (
    "SELECT at, system FROM volume WHERE step = ? AND measure = ? AND at > ? AND at <= ? "
    "GROUP BY at, system HAVING count(*) > ?"
)
_SMALL: Final = (
    "SELECT key, count, amount FROM volume WHERE step = ? AND measure = ? AND at = ? AND system = ? AND key <> '' "
    "ORDER BY count DESC, key LIMIT -1 OFFSET ?"
)


def add(connection: apsw.Connection, sums: Sums) -> None:
    """Adds sums to the minutes and hours that they belong to; part of the caller's transaction."""
    hours: Sums = {}
    for (at, measure, system, key), (number, amount) in sums.items():
        place = at // HOUR * HOUR, measure, system, key
        before = hours.get(place, (0, 0))
        hours[place] = before[0] + number, before[1] + amount
    for step, some in ((MINUTE, sums), (HOUR, hours)):
        rows = [
            (step, measure, at, system, key, number, amount)
            for (at, measure, system, key), (number, amount) in some.items()
            if number or amount
        ]
        run(connection, _ADD, rows)


def sums_of(connection: apsw.Connection) -> Sums:
    """The sums of minutes, counted again from every message that the log has."""
    sums: Sums = {}
    for (story,) in connection.execute("SELECT story FROM record ORDER BY n"):
        assert isinstance(story, bytes)
        events = events_of(story)
        if events:
            recounted(sums, events)
    return {place: (number, amount) for place, (number, amount) in sums.items() if number or amount}


def recounted(sums: Sums, events: list[Event]) -> Counted:
    """Adds the events of one message, from its beginning. Returns where it stands in the sums."""
    counted, standing = Counted(), NOTHING
    for event in events:
        count(sums, counted, event, skipped=standing.skipped)
        standing = follow(standing, event)
    settle(sums, counted, standing.status)
    return counted


def trim(connection: apsw.Connection, now: float, keep_seconds: float | None) -> None:
    """Forgets what is too old, and of what is over everything but the largest. Part of the caller's transaction.

    `keep_seconds`: how long hours are kept; None keeps them for ever.
    """
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    oldest = int(now - MINUTES_KEPT) // HOUR * HOUR
    for step, before in ((MINUTE, oldest), (HOUR, None if keep_seconds is None else int(now - keep_seconds))):
        if before is not None:
            for measure in _measures(connection, step):
                connection.execute(
                    "DELETE FROM volume WHERE step = ? AND measure = ? AND at < ?", (step, measure, before)
                )
    connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'minutes'", (oldest,))
    for step, largest in LARGEST.items():
        over = int(now - _OVER[step]) // step * step - step
        since = max(int(meta[f"trimmed_{step}"]), oldest - HOUR)
        if over > since:
            _trim(connection, step, largest, since, over)
            connection.execute("UPDATE meta SET value = ? WHERE name = ?", (over, f"trimmed_{step}"))


def _trim(connection: apsw.Connection, step: int, largest: int, since: int, over: int) -> None:
    for measure in UNBOUNDED:
        found = connection.execute(_CROWDED, (step, measure.value, since, over, largest + 1))
        crowded = cast("list[tuple[int, str]]", found.fetchall())
        for at, system in crowded:
            place = step, measure.value, at, system
            small = cast("list[tuple[str, int, int]]", connection.execute(_SMALL, (*place, largest)).fetchall())
            connection.executemany(
                "DELETE FROM volume WHERE step = ? AND measure = ? AND at = ? AND system = ? AND key = ?",
                [(*place, key) for key, _, _ in small],
            )
            others = (*place, OTHERS, sum(n for _, n, _ in small), sum(a for _, _, a in small))
            run(connection, _ADD, [others])


def _measures(connection: apsw.Connection, step: int) -> Iterator[str]:
    """The measures that there are sums of; the key of the table begins with them."""
    last = ""
    while True:
        found = connection.execute("SELECT min(measure) FROM volume WHERE step = ? AND measure > ?", (step, last)).get
        if not isinstance(found, str):
            return
        yield found
        last = found

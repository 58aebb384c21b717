"""The roll-ups of the log: sums of each minute, hour and day, written with the events that they follow from.

What is summed stands in `core/lifecycle/volume.py`. The sums are part of the transaction that writes the events, so
that they are true whenever the process dies: an event is in both or in none, and one that comes again is in neither.

Minutes are kept for two days, hours and days for as long as the log. A day (of UTC) is added up from its hours once it
is over, one day a pass, oldest first; what comes for it later is added to it as to its hour. So days are always what
their hours are, and a file from before there were days gets them without anybody waiting.

Keys that come from outside (senders, sources, replies …) are without number, so once a minute, an hour or a day is over
only its largest are kept; the others stand together under the empty key, and every total stays what it was.
"""

from collections.abc import Iterator
from typing import Final, cast

import apsw

from mailock.core.lifecycle.events import Event
from mailock.core.lifecycle.measures import UNBOUNDED
from mailock.core.lifecycle.standing import NOTHING, follow
from mailock.core.lifecycle.volume import DAY, HOUR, MINUTE, Counted, Sums, count, settle
from mailock.telemetry.index import run
from mailock.telemetry.story import events_of

OTHERS: Final = ""
"""The key of what is not among the largest."""
MINUTES_KEPT: Final = 48 * HOUR
LARGEST: Final = {MINUTE: 200, HOUR: 1000, DAY: 1000}
"""How many keys of a measure and virtual system are kept of each minute, hour and day that is over."""
_OVER: Final = {MINUTE: 10 * MINUTE, HOUR: HOUR, DAY: 2 * HOUR}
"""How many seconds after its end it is taken for over: what comes later adds to it all the same."""
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
_DAY: Final = (
    "INSERT INTO volume SELECT ?, measure, ?, system, key, sum(count), sum(amount) FROM volume "
    "WHERE step = ? AND measure = ? AND at >= ? AND at < ? GROUP BY system, key HAVING sum(count) OR sum(amount)"
)


def add(connection: apsw.Connection, sums: Sums) -> None:
    """Adds sums to the minutes, hours and made days that they belong to; part of the caller's transaction."""
    made = days_made(connection)
    hours = _coarser(sums, HOUR)
    days = _coarser({place: one for place, one in hours.items() if place[0] < made}, DAY)
    for step, some in ((MINUTE, sums), (HOUR, hours), (DAY, days)):
        rows = [
            (step, measure, at, system, key, number, amount)
            for (at, measure, system, key), (number, amount) in some.items()
            if number or amount
        ]
        run(connection, _ADD, rows)


def _coarser(sums: Sums, step: int) -> Sums:
    added: Sums = {}
    for (at, measure, system, key), (number, amount) in sums.items():
        place = at // step * step, measure, system, key
        before = added.get(place, (0, 0))
        added[place] = before[0] + number, before[1] + amount
    return added


def days_made(connection: apsw.Connection) -> int:
    """The moment before which each day has sums; 0 for a file from before there were any. Raises apsw's errors."""
    return int(connection.execute("SELECT ifnull(max(value), 0) FROM meta WHERE name = 'days'").get)


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


def trim(connection: apsw.Connection, now: float, keep_seconds: float | None) -> bool:
    """Forgets what is too old, and of what is over everything but the largest; adds up one day that is over.

    Part of the caller's transaction. `keep_seconds`: how long hours and days are kept, rounded up to whole days; None
    keeps them for ever. Returns whether another day waits.
    """
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    oldest = int(now - MINUTES_KEPT) // HOUR * HOUR
    kept = None if keep_seconds is None else int(now - keep_seconds) // DAY * DAY
    for step, before in ((MINUTE, oldest), (HOUR, kept), (DAY, kept)):
        if before is not None:
            for measure in _measures(connection, step):
                connection.execute(
                    "DELETE FROM volume WHERE step = ? AND measure = ? AND at < ?", (step, measure, before)
                )
    connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'minutes'", (oldest,))
    for step in (MINUTE, HOUR):
        over = int(now - _OVER[step]) // step * step - step
        since = max(int(meta[f"trimmed_{step}"]), oldest - HOUR)
        if over > since:
            _trim(connection, step, since, over)
            connection.execute("UPDATE meta SET value = ? WHERE name = ?", (over, f"trimmed_{step}"))
    return _add_up(connection, int(now - _OVER[DAY]) // DAY * DAY)


def _add_up(connection: apsw.Connection, over: int) -> bool:
    """Makes the sums of the first day that has none and began before the day `over`. Returns whether there was one."""
    made = days_made(connection)
    day = _first_day(connection, made)
    if day is None or day >= over:
        if day is not None and over > made:
            connection.execute("UPDATE meta SET value = ? WHERE name = 'days'", (over,))
        return False
    for measure in tuple(_measures(connection, HOUR)):
        connection.execute(_DAY, (DAY, day, HOUR, measure, day, day + DAY))
    _trim(connection, DAY, day - DAY, day)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'days'", (day + DAY,))
    return True


def _first_day(connection: apsw.Connection, since: int) -> int | None:
    """The day of the first hour, from a moment on, that there are sums of."""
    select = "SELECT min(at) FROM volume WHERE step = ? AND measure = ? AND at >= ?"
    found = [connection.execute(select, (HOUR, measure, since)).get for measure in _measures(connection, HOUR)]
    hours = [at for at in found if isinstance(at, int)]
    return min(hours) // DAY * DAY if hours else None


def _trim(connection: apsw.Connection, step: int, since: int, over: int) -> None:
    largest = LARGEST[step]
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

"""Counts messages by any field of the log: `python -m mailock.telemetry.counting`, a process of its own.

Sums answer at once what they were made for (`rollup`). For everything else the messages themselves are read, by their
columns where these are made (`blockwise`), and that may be ten million of them; so it is done apart from the console
and from mail, at the lowest priority, in many short reads of which none keeps the log's writer from tidying up. What
is wanted comes as one line of JSON (`Order`); what was counted so far is written as lines of JSON (`Count`), the first
after a second, the last when all is counted. The newest messages are read first.

Keys come from outside and are without number: beyond `_KEYS` of them the rarest so far are put together, and the count
says so (`pruned`).
"""

import ctypes
import gc
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from heapq import nlargest
from pathlib import Path
from typing import Final

import msgspec

from mailock.core.lifecycle.query import parse_query
from mailock.telemetry.blockwise import Batch, parts
from mailock.telemetry.fields import FIELDS, Row, reader
from mailock.telemetry.search import TrackReader

_KEYS: Final = 100_000
_LEFT: Final = 20_000
"""How many keys are left when there were too many."""
TOLD: Final = 1000
"""Keys that are told; the others are told together."""
_FIRST, _EVERY = 1.0, 1.0
"""Seconds until the first line, and from one to the next."""
_LOOK: Final = 500
"""Messages between two looks at the clock."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be counted, in Unix seconds. `step`: seconds of a column, 0 where no columns are asked for."""

    log: str
    field: str
    query: str
    since: float
    until: float
    start: float = 0.0
    step: float = 0.0
    systems: tuple[str, ...] = ()


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted so far: messages and octets by key, and messages by key and column."""

    messages: dict[str, int]
    octets: dict[str, int]
    columns: dict[str, dict[int, int]]
    others: int
    """Messages of keys that are not told."""
    read: int
    """Messages that were looked at."""
    back_to: float
    """Everything that arrived since was looked at."""
    done: bool
    pruned: bool
    fault: str = ""


class Tally:
    """Adds up the values of messages."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._values = reader(FIELDS[order.field])
        self._messages: dict[str, int] = defaultdict(int)
        self._octets: dict[str, int] = defaultdict(int)
        self._columns: dict[str, dict[int, int]] = {}
        self._others = self.read = 0
        self._pruned = False
        self._back_to = order.until

    def add(self, row: Row, story: bytes) -> None:
        """Counts one message."""
        order = self._order
        self.read += 1
        self._back_to = row.arrival
        for value in self._values(row, story):
            self._messages[value] += 1
            self._octets[value] += row.size
            if order.step:
                column = int((row.arrival - order.start) // order.step)
                self._in_column(value, column, 1)
        if len(self._messages) > _KEYS:
            self._prune()

    def add_batch(self, batch: Batch) -> None:
        """Counts the messages of a block: each of its sets of values once for all rows that have it."""
        order, codes = self._order, batch.codes
        if not len(codes):
            return
        self.read += len(codes)
        self._back_to = min(batch.arrivals)
        octets: dict[int, int] = dict.fromkeys(codes, 0)
        for code, size in zip(codes, batch.sizes, strict=True):
            octets[code] += size
        counts = Counter(codes)
        for code, many in counts.items():
            for value in batch.keys[code]:
                self._messages[value] += many
                self._octets[value] += octets[code]
        if order.step:
            for code, column, many in self._by_column(batch, counts):
                for value in batch.keys[code]:
                    self._in_column(value, column, many)
        if len(self._messages) > _KEYS:
            self._prune()

    def _by_column(self, batch: Batch, counts: Mapping[int, int]) -> Iterator[tuple[int, int, int]]:
        """Codes, columns, and how many rows have both. Nearly every block lies in one column."""
        places = [int((at - self._order.start) // self._order.step) for at in batch.arrivals]
        if len(set(places)) == 1:
            return ((code, places[0], many) for code, many in counts.items())
        both = Counter(zip(batch.codes, places, strict=True))
        return ((code, column, many) for (code, column), many in both.items())

    def _in_column(self, value: str, column: int, many: int) -> None:
        known = self._columns.get(value)
        if known is None:
            self._columns[value] = {column: many}
        else:
            known[column] = known.get(column, 0) + many

    def count(self, *, done: bool, fault: str = "") -> Count:
        """What was counted so far."""
        largest = dict(nlargest(TOLD, self._messages.items(), key=_rank))
        return Count(
            messages=largest,
            octets={key: self._octets[key] for key in largest},
            columns={key: self._columns[key] for key in largest if key in self._columns},
            others=self._others + sum(self._messages.values()) - sum(largest.values()),
            read=self.read,
            back_to=self._order.since if done else self._back_to,
            done=done,
            pruned=self._pruned,
            fault=fault,
        )

    def _prune(self) -> None:
        """Puts the rarest together; all that came once first, for that takes one look at each."""
        often = {key: many for key, many in self._messages.items() if many > 1}
        left = often if len(often) <= _LEFT else dict(nlargest(_LEFT, often.items(), key=_rank))
        self._others += sum(self._messages.values()) - sum(left.values())
        self._messages = defaultdict(int, left)
        self._octets = defaultdict(int, {key: self._octets[key] for key in left})
        self._columns = {key: self._columns[key] for key in left if key in self._columns}
        self._pruned = True


def _rank(one: tuple[str, int]) -> tuple[int, str]:
    return one[1], one[0]


def counted(order: Order, told: Callable[[Count], None]) -> None:
    """Counts, and tells now and then how far it has come. Raises BadQuery, OSError where there is no log."""
    tally = Tally(order)
    due = time.monotonic() + _FIRST
    looked = 0
    for part in _parts(order):
        if isinstance(part, Batch):
            tally.add_batch(part)
        else:
            tally.add(*part)
        if tally.read - looked < _LOOK:
            continue
        looked = tally.read
        if time.monotonic() >= due:
            told(tally.count(done=False))
            due = time.monotonic() + _EVERY
    told(tally.count(done=True))


def _parts(order: Order) -> Iterator[Batch | tuple[Row, bytes]]:
    query = parse_query(order.query, now=order.until)
    systems = order.systems or (query.virtual_system,)
    with TrackReader(Path(order.log), seconds=float("inf")) as log:
        for system in systems:
            if query.virtual_system in (None, system):
                since = order.since if query.since is None else max(query.since, order.since)
                until = order.until if query.until is None else min(query.until, order.until)
                yield from parts(log, replace(query, since=since, until=until, virtual_system=system), order.field)


def main() -> int:
    """The process from its order to its last line; returns its exit code."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    os.nice(19)
    # Values come by the million, and nothing refers to itself.
    gc.disable()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)

    def told(count: Count) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(count) + b"\n")
        sys.stdout.buffer.flush()

    try:
        counted(order, told)
    except (OSError, ValueError) as fault:
        told(Tally(order).count(done=True, fault=str(fault)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

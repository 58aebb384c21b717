"""What is remembered of sources and triplets: in memory, bounded, with a copy on the disk for the next start.

The copy is written now and then by a thread, whole, beside mail's path; a crash loses what came since, which costs a
stranger one more try and a source a few counts. A copy that cannot be read is put aside, and memory begins empty.
"""

import asyncio
import logging
from collections import OrderedDict
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mailock.core.reputation.greylist import Seen
from mailock.core.reputation.history import Record
from mailock.storage.durable import write_durably

T = TypeVar("T")
FILE: Final = "reputation.json"
RECORDS: Final = 50_000
SEEN: Final = 100_000
EVERY: Final = 60.0
"""Seconds between two copies, where something changed."""
log = logging.getLogger(__name__)


class _Copy(msgspec.Struct, kw_only=True):
    version: int = 1
    records: dict[str, tuple[float, float, float]] = {}
    seen: dict[str, float] = {}


class KeptRemembrance:
    """Implements `ports.reputation.Remembrance`, in a folder."""

    def __init__(self, folder: Path, *, records: int = RECORDS, seen: int = SEEN) -> None:
        self._path = folder / FILE
        self._most_records = records
        self._most_seen = seen
        self._records: OrderedDict[str, Record] = OrderedDict()
        self._seen: OrderedDict[str, Seen] = OrderedDict()
        self._changed = False

    def record(self, source: str) -> Record | None:
        """The history of a network."""
        return self._records.get(source)

    def keep_record(self, source: str, record: Record) -> None:
        """Remembers one; the one that was kept longest ago goes where there is no room."""
        _keep(self._records, source, record, self._most_records)
        self._changed = True

    def seen(self, key: str) -> Seen | None:
        """When it was seen."""
        return self._seen.get(key)

    def keep_seen(self, key: str, seen: Seen) -> None:
        """Remembers that, likewise."""
        _keep(self._seen, key, seen, self._most_seen)
        self._changed = True

    def load(self) -> None:
        """Reads the copy. Blocks; never raises for what the file holds."""
        try:
            copy = msgspec.json.decode(self._path.read_bytes(), type=_Copy)
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as fault:
            log.warning("what was remembered of sources cannot be read and is forgotten: %s: %s", self._path, fault)
            self._put_aside()
            return
        self._records.update({source: Record(*counts) for source, counts in copy.records.items()})
        self._seen.update({key: Seen(at) for key, at in copy.seen.items()})

    async def save(self) -> None:
        """Writes the copy, where something changed. A disk that fails is told of, and costs nothing else."""
        if not self._changed:
            return
        self._changed = False
        copy = _Copy(
            records={source: (one.good, one.bad, one.at) for source, one in self._records.items()},
            seen={key: one.at for key, one in self._seen.items()},
        )
        try:
            await asyncio.to_thread(self._write, copy)
        except OSError as fault:
            self._changed = True
            log.warning("what is remembered of sources could not be written down: %s", fault)

    async def run(self) -> None:
        """Writes copies for as long as the process lives."""
        while True:
            await asyncio.sleep(EVERY)
            await self.save()

    def _write(self, copy: _Copy) -> None:
        write_durably(self._path, msgspec.json.encode(copy).decode())

    def _put_aside(self) -> None:
        try:
            self._path.replace(self._path.with_suffix(".broken"))
        except OSError as fault:
            log.warning("%s could not be put aside: %s", self._path, fault)


def _keep(kept: "OrderedDict[str, T]", key: str, value: T, most: int) -> None:
    kept.pop(key, None)
    while len(kept) >= most:
        kept.popitem(last=False)
    kept[key] = value

"""What the log says of mail, against what its clients know: each acknowledged message has a record that ended."""

import asyncio
import time
from collections import defaultdict
from pathlib import Path

from mailock.core.lifecycle.query import Query
from mailock.core.lifecycle.record import RecipientRecord
from mailock.core.mail.status import Status
from mailock.telemetry.search import TrackReader
from tests.crash.load import Book

LIMIT = 1_000_000


async def unsettled(track: Path, book: Book, *, ended: Status = Status.DELIVERED, within: float = 20.0) -> list[str]:
    """Sentences about acknowledged messages that the log does not show as ended for all their recipients.

    The log follows the queue by moments, so it is given some time.
    """
    end = time.monotonic() + within
    while faults := _faults(track, book, ended):
        if time.monotonic() > end:
            return faults
        await asyncio.sleep(0.5)
    return []


def _faults(track: Path, book: Book, ended: Status) -> list[str]:
    known: dict[str, list[RecipientRecord]] = defaultdict(list)
    with TrackReader(track, seconds=120.0) as reader:
        for record in reader.find(Query(), limit=LIMIT):
            number = record.glimpse.message_id.strip("<>").partition("@")[0]
            known[number] += record.recipients
        faults = [f"LOG: it has a gap of {events} events" for _, _, events in reader.gaps()]
    for number in book.acknowledged:
        expected = sorted(book.sent[number].recipients)
        shown = sorted(one.address for one in known[number])
        if shown != expected:
            faults.append(f"LOG: {number} has records of {shown}, and went to {expected}")
        faults += [
            f"LOG: {number} shows {one.status.value} for {one.address}"
            for one in known[number]
            if one.status is not ended
        ]
    return faults

"""What stations read: what waits at a station, which lanes there are, what is due in one.

These run in a reader's thread, beside the loop that changes leases. So they only pass over what is leased now;
whether what they found may be leased is decided on the loop (`storage.leases`).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from mailock.core.lifecycle.copies import Copy, Delivery, Parcel
from mailock.core.lifecycle.stages import DeliveryStage, MessageStage
from mailock.core.mail.message import BodyRef, QueueId
from mailock.ports.queue import Waiting
from mailock.storage.codec import decode_copy, decode_message, decode_recipient, decode_response
from mailock.storage.leases import Free
from mailock.storage.sqlite.rows import COPY_STAGE, Execute

DELIVERY_STAGE: Final = tuple(DeliveryStage)
DELIVERY: Final = "message, copy, number, stage, lane, due, attempts, delay_told, last, doc"
COPY: Final = "number, stage, quarantine_class, quarantined_at, counted_from, doc"


class Due(NamedTuple):
    """A delivery that is due: where it is."""

    queue_id: int
    copy: int
    number: int


def waiting(stage: MessageStage, limit: int, leases: Free) -> Callable[[Execute], list[Waiting]]:
    """Messages of a stage that nobody has leased, oldest first. Not for JUDGED ones, which no station takes as such."""

    # The stage stands in the text, so that SQLite knows that the partial index serves.
    query = f"SELECT id, counted_from, doc FROM message WHERE stage = {stage:d} AND stage <> 3 ORDER BY id"

    def read(do: Execute) -> list[Waiting]:
        found = []
        for queue_id, counted_from, document in do(query):
            if leases.free_message(queue_id):
                found.append((counted_from, document))
                if len(found) >= limit:
                    break
        messages = [(decode_message(document), counted_from) for counted_from, document in found]
        return [
            Waiting(message=m, stage=stage, content=content_of(do, m.body), counted_from=counted_from)
            for m, counted_from in messages
        ]

    return read


def lanes(leases: Free) -> Callable[[Execute], list[tuple[str, float]]]:
    """Every lane with deliveries that nobody has leased, and the earliest date among them.

    The index is skipped through, lane by lane: a million rows of one lane cost what one row costs.
    """

    def read(do: Execute) -> list[tuple[str, float]]:
        found = []
        lane = do("SELECT min(lane) FROM delivery WHERE ready > 0").fetchone()[0]
        while lane is not None:
            due = earliest(do, lane, leases)
            if due is not None:
                found.append((lane, due))
            lane = do("SELECT min(lane) FROM delivery WHERE ready > 0 AND lane > ?", (lane,)).fetchone()[0]
        return found

    return read


def next_due(lane: str, leases: Free) -> Callable[[Execute], float | None]:
    """The earliest date of a delivery of a lane that nobody has leased."""
    return lambda do: earliest(do, lane, leases)


def parcels(lane: str, now: float, limit: int, leases: Free) -> Callable[[Execute], list[Parcel]]:
    """Deliveries of a lane that are due and that nobody has leased, earliest first, as parcels."""

    def read(do: Execute) -> list[Parcel]:
        query = (
            "SELECT message, copy, number FROM delivery WHERE ready > 0 AND lane = ? AND due <= ? ORDER BY due, message"
        )
        places: dict[tuple[int, int], list[int]] = {}
        found = 0
        for place in map(Due._make, do(query, (lane, now))):
            if leases.free_delivery(*place):
                places.setdefault((place.queue_id, place.copy), []).append(place.number)
                found += 1
                if found >= limit:
                    break
        return [_parcel(do, queue_id, copy, numbers) for (queue_id, copy), numbers in places.items()]

    return read


def planned(limit: int, leases: Free) -> Callable[[Execute], list[Parcel]]:
    """PLANNED copies that nobody has in hand, oldest first, each with all of its pending deliveries."""
    query = (
        "SELECT c.message, c.number FROM copy c JOIN message m ON m.id = c.message"
        " WHERE c.stage = 0 AND c.stage IN (0, 2, 3) AND c.open > 0 AND m.stage = 3 ORDER BY c.message, c.number"
    )
    pending = "SELECT number FROM delivery WHERE message = ? AND copy = ? AND stage = 0 ORDER BY number"

    def read(do: Execute) -> list[Parcel]:
        places = []
        for queue_id, copy in do(query):
            if not leases.of_copy(queue_id, copy):
                places.append((queue_id, copy))
                if len(places) >= limit:
                    break
        found = []
        for place in places:
            parcel = _parcel(do, *place, [number for (number,) in do(pending, place).fetchall()])
            found.append(replace(parcel, content=content_of(do, parcel.message.body)))
        return found

    return read


def content_of(do: Execute, ref: BodyRef) -> bytes | None:
    """The content of an inline body; None for one in a file. Raises KeyError where the row is gone."""
    if not ref.inline:
        return None
    found = do("SELECT content FROM body WHERE name = ?", (ref.name,)).fetchone()
    if found is None or found[0] is None:
        raise KeyError(ref.name)
    return bytes(found[0])


def copy_from(queue_id: QueueId, row: tuple[int, int, str | None, float | None, float | None, bytes]) -> Copy:
    """A copy from the columns of COPY."""
    number, stage, quarantine_class, quarantined_at, counted_from, document = row
    return decode_copy(
        document,
        queue_id=queue_id,
        number=number,
        stage=COPY_STAGE[stage],
        quarantine_class=quarantine_class,
        quarantined_at=quarantined_at,
        counted_from=counted_from,
    )


def delivery_from(row: tuple[int, int, int, int, str, float, int, int, bytes | None, bytes]) -> Delivery:
    """A delivery from the columns of DELIVERY."""
    queue_id, copy, number, stage, lane, due, attempts, delay_told, last, document = row
    return Delivery(
        queue_id=QueueId(queue_id),
        copy=copy,
        number=number,
        recipient=decode_recipient(document),
        stage=DELIVERY_STAGE[stage],
        lane=lane,
        due=due,
        attempts=attempts,
        last=None if last is None else decode_response(last),
        delay_told=bool(delay_told),
    )


def earliest(do: Execute, lane: str, leases: Free) -> float | None:
    query = "SELECT due, message, copy, number FROM delivery WHERE ready > 0 AND lane = ? ORDER BY due, message"
    for due, *place in do(query, (lane,)):
        if leases.free_delivery(*place):
            return float(due)
    return None


def _parcel(do: Execute, queue_id: int, copy: int, numbers: list[int]) -> Parcel:
    (document,) = do("SELECT doc FROM message WHERE id = ?", (queue_id,)).fetchone()
    message = decode_message(document)
    row = do(f"SELECT {COPY} FROM copy WHERE message = ? AND number = ?", (queue_id, copy)).fetchone()
    treatment = copy_from(message.queue_id, row)
    query = f"SELECT {DELIVERY} FROM delivery WHERE message = ? AND copy = ? AND number = ?"
    deliveries = tuple(delivery_from(do(query, (queue_id, copy, number)).fetchone()) for number in numbers)
    content = content_of(do, treatment.body)
    return Parcel(message=message, copy=treatment, deliveries=deliveries, content=content)

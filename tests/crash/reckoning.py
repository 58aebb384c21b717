"""The count at the end: what got 250 against what arrived.

Nothing that was acknowledged may be missing for any of its recipients. What arrived has to be what was sent, byte for
byte behind one Received field, for recipients that it had. It may have arrived twice only where the gateway was killed
between: so never twice from one generation of it, and never when the first one had long been answered before the kill.
"""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from tests.crash.keeper import Arrival
from tests.crash.load import Book

COMMIT_SECONDS = 5.0
"""Longer than any commit takes: who was answered so long before a kill had been written down."""


@dataclass(slots=True, kw_only=True)
class Reckoning:
    """What was found. Only `duplicates` may be more than nothing."""

    acknowledged: int = 0
    in_doubt: int = 0
    """Sent, and neither answered with 250 nor refused."""
    deliveries: int = 0
    """Recipients to whom something arrived, each time counted."""
    duplicates: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} messages acknowledged, {self.in_doubt} in doubt; {self.deliveries} deliveries,"
            f" {self.duplicates} of them duplicates; {len(self.faults)} faults"
        )


def reckon(
    book: Book, arrivals: Iterable[Arrival], *, ports: Mapping[str, Collection[int]], kills: Mapping[int, float]
) -> Reckoning:
    """Counts. `ports`: where each domain's mail may go; `kills`: when each generation was killed, on the loop's
    clock.
    """
    found = Reckoning(acknowledged=len(book.acknowledged))
    found.in_doubt = len(book.sent.keys() - book.acknowledged.keys() - book.refused.keys())
    by_number: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_number[arrival.number].append(arrival)
        found.faults += _faults(book, arrival, ports)
    for number in book.acknowledged.keys() | by_number.keys():
        message = book.sent.get(number)
        if message is None:
            continue
        times: dict[str, list[Arrival]] = {recipient: [] for recipient in message.recipients}
        for arrival in by_number[number]:
            for recipient in arrival.recipients:
                times.setdefault(recipient, []).append(arrival)
        for recipient, all_times in times.items():
            found.deliveries += len(all_times)
            found.duplicates += max(0, len(all_times) - 1)
            if not all_times and number in book.acknowledged:
                found.faults.append(f"LOST: {number} was acknowledged and never came to {recipient}")
            found.faults += _needless(number, recipient, all_times, kills)
    return found


def _faults(book: Book, arrival: Arrival, ports: Mapping[str, Collection[int]]) -> list[str]:
    number = arrival.number
    message = book.sent.get(number)
    if message is None:
        return [f"STRANGE: {number!r} arrived from {arrival.sender} and was never sent: {arrival.content[:200]!r}"]
    faults = []
    if arrival.sha256 != message.sha256:
        faults.append(f"DAMAGED: {number} arrived with other bytes than were sent")
    if not arrival.framed:
        faults.append(f"DAMAGED: {number} has something else than one Received field in front")
    if arrival.sender != message.sender:
        faults.append(f"MIXED UP: {number} arrived from {arrival.sender}, and is from {message.sender}")
    strangers = set(arrival.recipients) - set(message.recipients)
    if strangers:
        faults.append(f"MIXED UP: {number} arrived for {sorted(strangers)}, who are not its recipients")
    if len(set(arrival.recipients)) != len(arrival.recipients):
        faults.append(f"MIXED UP: {number} arrived for one recipient twice in one transaction")
    astray = [one for one in arrival.recipients if arrival.port not in ports[one.rpartition("@")[2]]]
    if astray:
        faults.append(f"ASTRAY: {number} came to the wrong next hop for {astray}")
    return faults


def _needless(number: str, recipient: str, times: list[Arrival], kills: Mapping[int, float]) -> list[str]:
    """Duplicates that no kill explains."""
    faults = []
    for first, second in itertools.pairwise(times):
        if not first.told:
            # The next hop itself kept its 250 back: who cannot know sends again.
            continue
        if first.generation == second.generation:
            faults.append(f"TWICE: {number} came to {recipient} twice from one process")
        elif kills.get(first.generation, first.at) - first.at > COMMIT_SECONDS:
            faults.append(f"TWICE: {number} came to {recipient} again, long after its first 250 was read")
    return faults

"""Names for messages and sessions.

A queue id has 63 bits: 42 of milliseconds since 2020 (which last until 2159), 8 of the node, 13 of a counter within
the millisecond. So ids grow with time, nodes never make the same one, and a node makes up to 8,192,000 a second. An
id is never made twice: where the clock stands still or goes back, counting goes on from the largest id that there
ever was, for which the store is asked at start.
"""

import itertools
from typing import Final

from mailock.core.mail.message import PAIRS, QueueId
from mailock.ports.clock import Clock

EPOCH: Final = 1_577_836_800.0
"""2020-01-01T00:00:00Z."""
NODE_BITS: Final = 8
COUNTER_BITS: Final = 13
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def first_id(at: float) -> QueueId:
    """The smallest id of a moment (Unix seconds): every message that was accepted before it has a smaller one."""
    return QueueId(max(0, int((at - EPOCH) * 1000)) << NODE_BITS + COUNTER_BITS)


class ClockIds:
    """Ids made from a clock. `node`: this machine's number in its cluster, 0 to 255; `floor`: the largest id stored."""

    def __init__(self, clock: Clock, *, node: int, floor: QueueId | None) -> None:
        if not 0 <= node < 1 << NODE_BITS:
            raise ValueError(f"a node has a number from 0 to {(1 << NODE_BITS) - 1}, not {node}")
        self._clock = clock
        self._node = node
        self._moment = -1 if floor is None else floor >> NODE_BITS + COUNTER_BITS
        # The floor may come from another node: the whole of its millisecond is passed over.
        self._counter = (1 << COUNTER_BITS) - 1
        self._sessions = itertools.count(int((clock.now() - EPOCH) * 10_000))

    def queue_id(self) -> QueueId:
        """A new queue id, larger than every one this node made before, also across a restart."""
        moment = int((self._clock.now() - EPOCH) * 1000)
        if moment > self._moment:
            self._moment = moment
            self._counter = 0
        elif self._counter < (1 << COUNTER_BITS) - 1:
            self._counter += 1
        else:
            self._moment += 1
            self._counter = 0
        return QueueId((self._moment << NODE_BITS | self._node) << COUNTER_BITS | self._counter)

    def session_id(self) -> str:
        """A new session id of nine letters and digits, unique to this node: counted from the clock at start."""
        number = next(self._sessions)
        return (
            _ALPHABET[number >> 40 & 31]
            + PAIRS[number >> 30 & 1023]
            + PAIRS[number >> 20 & 1023]
            + PAIRS[number >> 10 & 1023]
            + PAIRS[number & 1023]
        )

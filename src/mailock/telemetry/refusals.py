"""What was refused before custody, told to the log: the first of a source at once, its repeats counted (DECISIONS 4).

A window is a source and a reply code, for a minute: the first refusal is told when it happens, and when the window
ends one event more says how many there were. Both have the window's id, so they are one record, and the code that
every reply of the window carries is that id as people see it: `mailock show` finds it without an index of its own.

An attack costs a bounded amount: sources of IPv6 count by their /64, which is what one attacker has, and when too many
windows are open, further sources share one.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import Final

from mailock.core.lifecycle.events import Refused
from mailock.core.mail.message import QueueId, show_id
from mailock.ports.clock import Clock
from mailock.ports.ids import Ids
from mailock.ports.refusals import Refusal

WINDOW: Final = 60.0
"""Seconds for which the refusals of a source are counted into one record."""
MOST: Final = 10_000
"""Windows that may be open at once."""
EVERYBODY_ELSE: Final = "many sources"
"""The source that the log shows when there are too many to keep apart."""


@dataclass(slots=True)
class _Window:
    """One source's refusals of a minute. `told` is the event that was given; None while its code was only asked for."""

    refusal_id: QueueId
    opened: float
    told: Refused | None = None
    count: int = 0
    last: float = 0.0


class CountedRefusals:
    """Implements `ports.refusals.Refusals`. Used on the event loop; `give` gets the events and must not block."""

    def __init__(self, ids: Ids, clock: Clock, give: Callable[[Refused], None]) -> None:
        self._ids = ids
        self._clock = clock
        self._give = give
        self._windows: OrderedDict[tuple[str, str], _Window] = OrderedDict()

    def reference(self, source_ip: str, reply: str) -> str:
        """The code for a reply to this source."""
        return show_id(self._window(source_ip, reply)[0].refusal_id)

    def note(self, refusal: Refusal) -> None:
        """Takes a refusal: gives its event when it is the first of its window, and counts it otherwise."""
        window, source = self._window(refusal.source_ip, refusal.reply)
        window.count += 1
        window.last = self._clock.now()
        if window.told is None:
            window.told = Refused(
                refusal_id=window.refusal_id,
                at=window.last,
                until=window.last,
                count=1,
                source_ip=source,
                untrusted_helo=refusal.untrusted_helo,
                listener=refusal.listener,
                sender=refusal.sender,
                recipient=refusal.recipient,
                reply=refusal.reply,
                why=refusal.why,
                reference=refusal.reference,
            )
            self._give(window.told)

    def sweep(self) -> None:
        """Ends the windows whose minute is over. To be called every few seconds."""
        self._end_before(self._clock.now() - WINDOW)

    def close(self) -> None:
        """Ends all windows, so that what was counted is told before the process ends."""
        self._end_before(float("inf"))

    def _window(self, source_ip: str, reply: str) -> tuple[_Window, str]:
        """The window that a refusal belongs to, opened if need be, and the source that its record shows."""
        now = self._clock.now()
        key = (network_of(source_ip), " ".join(reply.split(" ", 2)[:2]))
        window = self._windows.get(key)
        if window is not None and now - window.opened < WINDOW:
            return window, source_ip
        self._end_before(now - WINDOW)
        if len(self._windows) >= MOST:
            key = (EVERYBODY_ELSE, "")
            source_ip = EVERYBODY_ELSE
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = _Window(refusal_id=self._ids.queue_id(), opened=now)
        return window, source_ip

    def _end_before(self, opened: float) -> None:
        """Windows stand in the order in which they were opened, so only those that end are looked at."""
        while self._windows:
            window = next(iter(self._windows.values()))
            if window.opened > opened:
                return
            self._windows.popitem(last=False)
            if window.told is not None and window.count > 1:
                self._give(replace(window.told, until=window.last, count=window.count))


def network_of(ip: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 of an IPv6 address."""
    if ":" not in ip:
        return ip
    try:
        return IPv6Address(ip).exploded[:19]
    except ValueError:
        return ip

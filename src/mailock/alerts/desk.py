"""The desk that all alerts go over: says each once, counts its repeats, and keeps a storm from becoming a storm of
mail.

Alerts of one kind about one thing are one within `repeat` seconds. The first is sent at once; when the time is over and
there were more, one notice says how many. Besides, each channel sends so many a minute at most; what is beyond that is
counted, and the next notice that goes out says how many. The developer's log gets a line for each notice that is due,
whatever the channels do. A channel that hangs or fails holds up neither the others nor, ever, the mail.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mailock.alerts.notice import Channel, Notice, NotSent
from mailock.ports.alerts import Alert
from mailock.ports.clock import Clock

log = logging.getLogger("mailock.alerts")

_THINGS: Final = 10_000
"""How many different things can be told apart at once."""
_WAITING: Final = 100
"""Notices that may wait for a channel."""
_SWEEP: Final = 5.0


@dataclass(slots=True)
class _Told:
    """What was told last of a thing, until when it is not told again, and how many were not."""

    notice: Notice
    until: float
    suppressed: int = 0


class AlertDesk:
    """Implements `ports.alerts.Alerts`. `tell` is called on the event loop; `run` sends."""

    def __init__(
        self,
        channels: Sequence[Channel],
        clock: Clock,
        *,
        node: str,
        repeat: float,
        kinds: frozenset[str] | None = None,
        to_log: bool = True,
        a_minute: int = 20,
        board: Callable[[Notice], None] = lambda _: None,
    ) -> None:
        """`kinds`: which the channels get, None for all. `repeat`: seconds. `a_minute`: notices for each channel.

        `board` gets every notice at once, of all kinds: for whoever looks at them.
        """
        self._lanes = [_Lane(channel, clock, a_minute) for channel in channels]
        self._clock = clock
        self._node = node
        self._repeat = repeat
        self._kinds = kinds
        self._to_log = to_log
        self._board = board
        self._told: dict[tuple[str, str], _Told] = {}
        self.suppressed = 0
        """How many alerts were not sent because they were sent a while before."""

    def tell(self, alert: Alert) -> None:
        """Takes an alert."""
        now = self._clock.steady()
        told = self._told.get((alert.kind, alert.about))
        if told is not None and now < told.until:
            told.suppressed += 1
            self.suppressed += 1
            return
        notice = Notice(
            kind=alert.kind,
            about=alert.about,
            text=alert.text,
            at=alert.at,
            node=self._node,
            repeated=0 if told is None else told.suppressed,
        )
        if told is None and len(self._told) >= _THINGS:
            # The oldest is forgotten: at worst it is told once more.
            del self._told[next(iter(self._told))]
        self._told[alert.kind, alert.about] = _Told(notice, now + self._repeat)
        self._send(notice)

    def sweep(self) -> None:
        """Tells how often what was told before has happened since; forgets what has not."""
        now = self._clock.steady()
        for key, told in list(self._told.items()):
            if now < told.until:
                continue
            del self._told[key]
            if told.suppressed:
                again = replace(told.notice, at=self._clock.now(), repeated=told.suppressed)
                self._told[key] = _Told(again, now + self._repeat)
                self._send(again)

    async def run(self) -> None:
        """Sends until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(lane.run())
            while True:
                await asyncio.sleep(_SWEEP)
                self.sweep()

    async def flush(self, *, seconds: float) -> None:
        """Lets what waits go out, for so long at most: called before the end, while `run` still runs."""
        try:
            await asyncio.wait_for(asyncio.gather(*(lane.idle.wait() for lane in self._lanes)), seconds)
        except TimeoutError:
            return

    async def test(self) -> dict[str, str]:
        """Sends a notice over every channel now; says of each by its name what went wrong, or nothing."""
        notice = Notice(
            kind="test",
            about="mailock alert test",
            text="this is a test; alerts reach you",
            at=self._clock.now(),
            node=self._node,
        )
        if self._to_log:
            log.warning("%s", notice.sentence)
        results = {"log": "" if self._to_log else "is switched off"}
        for lane in self._lanes:
            try:
                await lane.channel.send(notice)
                results[lane.channel.name] = ""
            except NotSent as error:
                results[lane.channel.name] = str(error)
        return results

    def _send(self, notice: Notice) -> None:
        self._board(notice)
        if self._to_log:
            log.warning("%s", notice.sentence)
        if self._kinds is None or notice.kind in self._kinds:
            for lane in self._lanes:
                lane.put(notice)


class _Lane:
    """The notices that wait for one channel."""

    def __init__(self, channel: Channel, clock: Clock, a_minute: int) -> None:
        self.channel = channel
        self._clock = clock
        self._a_minute = a_minute
        self._waiting: deque[Notice] = deque()
        self._there_is = asyncio.Event()
        self._sent: deque[float] = deque(maxlen=a_minute)
        self._beyond = 0
        self.idle = asyncio.Event()
        self.idle.set()

    def put(self, notice: Notice) -> None:
        """Takes a notice, or counts it where there are too many."""
        if len(self._waiting) >= _WAITING or not self._may_send():
            self._beyond += 1
            return
        self.idle.clear()
        self._sent.append(self._clock.steady())
        self._waiting.append(self._with_those_beyond(notice))
        self._there_is.set()

    async def run(self) -> None:
        """Sends what waits, one after the other."""
        while True:
            await self._there_is.wait()
            while self._waiting:
                await self._send(self._waiting.popleft())
            self._there_is.clear()
            self.idle.set()

    async def _send(self, notice: Notice) -> None:
        try:
            await self.channel.send(notice)
        except NotSent as error:
            log.error("an alert was not sent by %s: %s. It was: %s", self.channel.name, error, notice.sentence)
        except Exception:
            # A bug in one channel must not silence the others, nor this one's next notice.
            log.exception("an alert was not sent by %s. It was: %s", self.channel.name, notice.sentence)

    def _may_send(self) -> bool:
        full = len(self._sent) == self._a_minute
        return not full or self._clock.steady() - self._sent[0] >= 60.0

    def _with_those_beyond(self, notice: Notice) -> Notice:
        """The first notice after a storm tells how many were not sent."""
        beyond, self._beyond = self._beyond, 0
        if not beyond:
            return notice
        return replace(
            notice, text=f"{notice.text} ({beyond} other alerts were not sent, there were too many: see the log)"
        )

"""The workers of a jail: how many there are, which one is free, and who follows one that is gone."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailock.jail.frames import Bounds
from mailock.jail.keeper import Keeper, State
from mailock.jail.limits import Limits
from mailock.jail.protection import Strength
from mailock.ports.jail import NoJail

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a jail is run."""

    program: Sequence[str]
    """The worker; ` --channel NUMBER` is added to it."""
    charter: bytes = b""
    """A document from which the worker makes its tasks ready. No secrets: a job can read it in its memory."""
    workers: int = 2
    limits: Limits = field(default_factory=Limits)
    bounds: Bounds = field(default_factory=Bounds)


class Staff:
    """Keeps as many workers as the terms say. `ended` is told the status of each job, None where its worker died."""

    def __init__(self, terms: Terms, ended: Callable[[Keeper, int | None], None]) -> None:
        self.terms = terms
        self._ended = ended
        self._keepers: list[Keeper] = []
        self._idle: deque[Keeper] = deque()
        """The one that waits longest first: its child had time to rehearse (`worker`)."""
        self._waiting: deque[asyncio.Future[Keeper]] = deque()
        self._work: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._refusal: str | None = None
        self._strength: Strength | None = None
        self._is_closed = False
        self._news = asyncio.Event()
        """Set whenever a worker changes its state."""

    @property
    def strength(self) -> Strength:
        """What holds the jobs. Raises NoJail before the first worker was ready."""
        if self._strength is None:
            raise NoJail(self._refusal or "no worker of the jail was ready yet")
        return self._strength

    @property
    def states(self) -> tuple[State, ...]:
        """How far each worker is."""
        return tuple(keeper.state for keeper in self._keepers)

    async def start(self) -> None:
        """Starts the workers and waits until the first one is ready. Raises NoJail with a sentence."""
        hired = [self._hire() for _ in range(self.terms.workers)]
        try:
            await self._ready(hired)
        except NoJail:
            await self.close()
            raise

    async def close(self) -> None:
        """Ends every worker and what runs in it; those who wait get NoJail."""
        self._is_closed = True
        keepers = list(self._keepers)
        for keeper in keepers:
            keeper.dismiss()
        self._refuse_waiting("the jail is closed")
        for task in self._work:
            task.cancel()
        await asyncio.gather(*(keeper.buried() for keeper in keepers))

    async def free(self) -> Keeper:
        """A worker without a job, which now is the caller's, who gives it a job at once or gives it back.

        Raises NoJail where there is none and none is to be had.
        """
        if self._is_closed:
            raise NoJail("the jail is closed")
        if self._idle:
            return self._idle.popleft()
        if self._refusal is not None and not self._has_workers:
            raise NoJail(self._refusal)
        place: asyncio.Future[Keeper] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.give_back(place.result())
            raise

    def give_back(self, keeper: Keeper) -> None:
        """Takes a worker back that has no job; the one who waits longest gets it."""
        if keeper.state is not State.IDLE:
            return
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(keeper)
                return
        self._idle.append(keeper)

    @property
    def _has_workers(self) -> bool:
        return any(keeper.state in (State.IDLE, State.BUSY) for keeper in self._keepers)

    async def _ready(self, hired: Sequence[Keeper]) -> None:
        """Returns when one of them is ready. Raises NoJail when one of them refuses first."""
        while True:
            for keeper in hired:
                if keeper.strength is not None:
                    return
                if keeper.refusal is not None:
                    raise NoJail(keeper.refusal)
            self._news.clear()
            await self._news.wait()

    def _hire(self) -> Keeper:
        keeper = Keeper(
            program=self.terms.program, charter=self.terms.charter, changed=self._changed, ended=self._ended
        )
        self._keepers.append(keeper)
        try:
            keeper.start()
        except OSError as fault:
            keeper.refusal = f"the worker of the jail cannot be started: {fault}"
            keeper.kill()
        return keeper

    def _changed(self, keeper: Keeper) -> None:
        self._news.set()
        match keeper.state:
            case State.IDLE:
                self._refusal, self._failures, self._strength = None, 0, keeper.strength
                self.give_back(keeper)
            case State.GONE:
                self._bury(keeper)
            case State.STARTING | State.BUSY:
                pass

    def _bury(self, keeper: Keeper) -> None:
        if keeper in self._idle:
            self._idle.remove(keeper)
        self._keepers.remove(keeper)
        self._ended(keeper, None)
        self._spawn(keeper.buried())
        if self._is_closed:
            return
        if keeper.refusal is not None:
            self._refusal = keeper.refusal
            if not self._has_workers:
                self._refuse_waiting(keeper.refusal)
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._failures)
        self._failures += 1
        why = "" if keeper.refusal is None else f": {keeper.refusal}"
        log.warning("a jailed worker is gone; another starts in %.1f s%s", pause, why)
        self._spawn(self._follow(pause))

    async def _follow(self, pause: float) -> None:
        await asyncio.sleep(pause)
        if not self._is_closed:
            self._hire()

    def _refuse_waiting(self, sentence: str) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_exception(NoJail(sentence))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

"""Our side of the jail: keeps the workers, gives each one job at a time, and makes an outcome of what is heard.

Nothing that comes out of a job is believed or parsed here: frames are counted and measured, no more.
"""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mailock.jail import memory, probe, wire
from mailock.jail.frames import Bounds
from mailock.jail.keeper import START_SECONDS, Keeper, State
from mailock.jail.limits import Limits
from mailock.jail.listening import Listening
from mailock.jail.protection import Strength
from mailock.ports.jail import End, Ended, Job, NoJail

log = logging.getLogger(__name__)

LARGEST_ORDER = 4 << 20
GRACE_SECONDS = 3.0
"""From the order to kill a job until the whole worker is killed for not having done it."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0
_AT_ONCE = 256 << 10
"""Octets of a body that are copied on the event loop; more are copied in a thread."""


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


class WorkerJail:
    """Runs jobs in workers of their own. Implements `ports.jail.Jail`."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._keepers: list[Keeper] = []
        self._idle: list[Keeper] = []
        self._waiting: deque[asyncio.Future[Keeper]] = deque()
        self._running: dict[int, tuple[Keeper, Listening]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._number = 0
        self._failures = 0
        self._refusal: str | None = None
        self._is_closed = False
        self._started: asyncio.Event = asyncio.Event()

    @property
    def strength(self) -> Strength:
        """What holds the jobs. Known once `start` returned."""
        known = next((keeper.strength for keeper in self._keepers if keeper.strength is not None), None)
        if known is None:
            raise NoJail(self._refusal or "no worker of the jail is running")
        return known

    @property
    def workers(self) -> tuple[State, ...]:
        """How far each worker is."""
        return tuple(keeper.state for keeper in self._keepers)

    async def start(self) -> Strength:
        """Starts the workers and waits until the first one is ready. Raises NoJail with a sentence."""
        for _ in range(self._terms.workers):
            self._hire()
        await self._started.wait()
        if self._refusal is not None:
            refusal = self._refusal
            await self.close()
            raise NoJail(refusal)
        await self._try_the_walls()
        return self.strength

    async def _try_the_walls(self) -> None:
        """Sees that what is said to be in force does hold. Raises NoJail."""
        body = memory.sealed(b"")
        try:
            ended = await self.run(Job(task=probe.NAME, order=b"", body=body, seconds=START_SECONDS))
        finally:
            os.close(body)
        found = set(probe.broken(ended.untrusted_frames)) & set(self.strength.in_force)
        if ended.end is not End.DONE or found:
            await self.close()
            names = ", ".join(sorted(protection.value for protection in found)) or ended.detail
            raise NoJail(f"the jail does not hold what it should: {names}; please report this")

    async def close(self) -> None:
        """Ends every worker and what runs in it; jobs that wait end with NoJail, jobs that run with DIED."""
        self._is_closed = True
        keepers = list(self._keepers)
        for keeper in keepers:
            keeper.dismiss()
        self._refuse_waiting("the jail is closed")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(keeper.buried() for keeper in keepers))

    async def run(self, job: Job) -> Ended:
        """See `ports.jail.Jail`. A caller that is cancelled leaves nothing running."""
        if len(job.order) > LARGEST_ORDER:
            raise ValueError(f"an order of {len(job.order)} octets, more than {LARGEST_ORDER}")
        keeper = await self._free()
        lent: list[int] = []
        try:
            lent.append(memory.sealed(job.order))
            lent.append(await _lent(job.body))
            if job.output:
                lent.append(memory.blank("output"))
            listening = self._begin(keeper, job, lent)
        except BaseException:
            _close(lent)
            self._give_back(keeper)
            raise
        try:
            status = await listening.outcome
            ended = listening.conclude(status)
            if job.output and ended.end is End.DONE:
                ended = _with_output(ended, lent.pop(), self._terms.limits.output)
            return ended
        except asyncio.CancelledError:
            listening.stop()
            raise
        finally:
            listening.close()
            _close(lent)

    def _begin(self, keeper: Keeper, job: Job, lent: Sequence[int]) -> Listening:
        self._number = number = (self._number + 1) & 0xFFFFFFFF
        hearing, speaking = os.pipe()
        listening = Listening(
            bounds=self._terms.bounds,
            stop=lambda: self._stop(keeper, number),
            pipe=hearing,
            outcome=asyncio.get_running_loop().create_future(),
        )
        # Known before the worker is told, so that its death settles this job whenever it comes.
        self._running[number] = (keeper, listening)
        listening.begin(job.seconds)
        try:
            keeper.begin(
                wire.Start(
                    number=number,
                    seconds=job.seconds,
                    limits=self._terms.limits,
                    output=job.output,
                    task=job.task,
                ),
                (speaking, *lent),
            )
        finally:
            os.close(speaking)
        return listening

    def _stop(self, keeper: Keeper, number: int) -> None:
        """Kills a job, and its worker where that does not obey."""
        keeper.end_job(number)
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._kill_if_still_running, keeper, number)

    def _kill_if_still_running(self, keeper: Keeper, number: int) -> None:
        if number in self._running and keeper.state is State.BUSY:
            log.error("a jailed worker did not end its job and is killed")
            keeper.kill()

    async def _free(self) -> Keeper:
        """A worker without a job, which now is the caller's."""
        if self._is_closed:
            raise NoJail("the jail is closed")
        if self._idle:
            return self._idle.pop()
        if self._refusal is not None and not self._has_workers:
            raise NoJail(self._refusal)
        place: asyncio.Future[Keeper] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._give_back(place.result())
            raise

    @property
    def _has_workers(self) -> bool:
        return any(keeper.state in (State.IDLE, State.BUSY) for keeper in self._keepers)

    def _give_back(self, keeper: Keeper) -> None:
        if keeper.state is not State.IDLE:
            return
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(keeper)
                return
        self._idle.append(keeper)

    def _hire(self) -> None:
        keeper = Keeper(
            program=self._terms.program, charter=self._terms.charter, changed=self._changed, ended=self._settle
        )
        self._keepers.append(keeper)
        try:
            keeper.start()
        except OSError as fault:
            keeper.refusal = f"the worker of the jail cannot be started: {fault}"
            keeper.kill()

    def _changed(self, keeper: Keeper) -> None:
        match keeper.state:
            case State.IDLE:
                self._refusal, self._failures = None, 0
                self._started.set()
                self._give_back(keeper)
            case State.GONE:
                self._bury(keeper)
            case State.STARTING | State.BUSY:
                pass

    def _bury(self, keeper: Keeper) -> None:
        if keeper in self._idle:
            self._idle.remove(keeper)
        self._keepers.remove(keeper)
        for number in [number for number, (its, _) in self._running.items() if its is keeper]:
            self._settle(number, None)
        self._spawn(keeper.buried())
        if self._is_closed:
            return
        if keeper.refusal is not None:
            self._refusal = keeper.refusal
            self._started.set()
            if not self._has_workers:
                self._refuse_waiting(keeper.refusal)
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._failures)
        self._failures += 1
        log.warning("a jailed worker is gone; another starts in %.1f s%s", pause, _said(keeper.refusal))
        self._spawn(self._hire_later(pause))

    async def _hire_later(self, pause: float) -> None:
        await asyncio.sleep(pause)
        if not self._is_closed:
            self._hire()

    def _refuse_waiting(self, sentence: str) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_exception(NoJail(sentence))

    def _settle(self, number: int, status: int | None) -> None:
        found = self._running.pop(number, None)
        if found is not None and not found[1].outcome.done():
            found[1].outcome.set_result(status)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _lent(body: int) -> int:
    """A descriptor of the body that a job may have: read-only, of no file on a disk. Raises OSError."""
    if memory.is_in_memory(body):
        return memory.reopened(body)
    if os.fstat(body).st_size <= _AT_ONCE:
        return memory.copied(body)
    return await asyncio.to_thread(memory.copied, body)


def _with_output(ended: Ended, output: int, most: int) -> Ended:
    """The outcome with what the job wrote, which nobody can change any more."""
    try:
        memory.seal(output)
    except OSError as fault:
        os.close(output)
        return replace(ended, end=End.DIED, detail=f"its file cannot be sealed: {fault.strerror}")
    if os.fstat(output).st_size > most:
        os.close(output)
        return replace(ended, end=End.OVERFULL, detail=f"it wrote more than {most} octets")
    os.lseek(output, 0, os.SEEK_SET)
    return replace(ended, untrusted_output=output)


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _said(refusal: str | None) -> str:
    return "" if refusal is None else f": {refusal}"

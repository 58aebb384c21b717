"""Our side of the jail: lends a job what it needs, hears it out, and makes an outcome of what was heard.

Nothing that comes out of a job is believed or parsed here: frames are counted and measured, no more.
"""

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mailock.jail import memory, probe, wire
from mailock.jail.keeper import START_SECONDS, Keeper, State
from mailock.jail.listening import Listening
from mailock.jail.protection import Strength
from mailock.jail.staff import Staff, Terms
from mailock.ports.jail import End, Ended, Job, NoJail

log = logging.getLogger(__name__)

LARGEST_ORDER = 4 << 20
GRACE_SECONDS = 3.0
"""From the order to kill a job until the whole worker is killed for not having done it, and from all that a job has to
say until that order."""
_AT_ONCE = 256 << 10
"""Octets of a body that are copied on the event loop; more are copied in a thread."""


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """The job that a worker has in hand."""

    number: int
    listening: Listening


class WorkerJail:
    """Runs jobs in workers of their own. Implements `ports.jail.Jail`."""

    def __init__(self, terms: Terms) -> None:
        self._staff = Staff(terms, self._settle)
        self._under_way: dict[int, _UnderWay] = {}
        self._number = 0

    @property
    def strength(self) -> Strength:
        """What holds the jobs. Raises NoJail before the first worker was ready."""
        return self._staff.strength

    @property
    def workers(self) -> tuple[State, ...]:
        """How far each worker is."""
        return self._staff.states

    async def start(self) -> Strength:
        """Starts the workers, waits until one is ready, and has it try the walls. Raises NoJail with a sentence."""
        await self._staff.start()
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
        return self.strength

    async def close(self) -> None:
        """Ends every worker; jobs that wait end with NoJail, jobs that run with DIED."""
        await self._staff.close()

    async def run(self, job: Job) -> Ended:
        """See `ports.jail.Jail`. A caller that is cancelled leaves nothing running."""
        if len(job.order) > LARGEST_ORDER:
            raise ValueError(f"an order of {len(job.order)} octets, more than {LARGEST_ORDER}")
        keeper = await self._staff.free()
        lent: list[int] = []
        try:
            lent.append(memory.sealed(job.order))
            lent.append(await _lent(job.body))
            if job.output:
                lent.append(memory.blank("output"))
            while keeper.state is not State.IDLE:
                # It died while the body was copied, and no job with it.
                keeper = await self._staff.free()
            listening = self._begin(keeper, job, lent)
        except BaseException:
            _close(lent)
            self._staff.give_back(keeper)
            raise
        try:
            ended = listening.conclude(await listening.outcome)
            self._see_off(keeper, listening)
            if job.output and ended.end is End.DONE:
                ended = _with_output(ended, lent.pop(), self._staff.terms.limits.output)
            return ended
        except asyncio.CancelledError:
            listening.stop()
            raise
        finally:
            listening.close()
            _close(lent)

    def _begin(self, keeper: Keeper, job: Job, lent: Sequence[int]) -> Listening:
        self._number = number = (self._number + 1) & 0xFFFFFFFF
        limits = self._staff.terms.limits
        hearing, speaking = os.pipe()
        listening = Listening(
            bounds=self._staff.terms.bounds,
            stop=lambda: self._stop(keeper, number),
            pipe=hearing,
            ends_with_return=not job.output,
            outcome=asyncio.get_running_loop().create_future(),
        )
        # Known before the worker is told, so that its death settles this job whenever it comes.
        self._under_way[id(keeper)] = _UnderWay(number, listening)
        listening.begin(job.seconds)
        start = wire.Start(number=number, seconds=job.seconds, limits=limits, output=job.output, task=job.task)
        try:
            keeper.begin(start, (speaking, *lent))
        finally:
            os.close(speaking)
        return listening

    def _see_off(self, keeper: Keeper, listening: Listening) -> None:
        """What has said all is ending, which takes some milliseconds, as it is large: no message waits for that."""
        under_way = self._under_way.get(id(keeper))
        if under_way is not None and under_way.listening is listening:
            loop = asyncio.get_running_loop()
            loop.call_later(GRACE_SECONDS, self._stop_if_still_running, keeper, under_way.number)

    def _stop_if_still_running(self, keeper: Keeper, number: int) -> None:
        if self._is_under_way(keeper, number):
            log.warning("a jailed job said that it was done and did not end: it is killed")
            self._stop(keeper, number)

    def _stop(self, keeper: Keeper, number: int) -> None:
        """Kills a job, and its worker where that does not obey."""
        keeper.end_job(number)
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._kill_if_still_running, keeper, number)

    def _kill_if_still_running(self, keeper: Keeper, number: int) -> None:
        if self._is_under_way(keeper, number):
            log.error("a jailed worker did not end its job and is killed")
            keeper.kill()

    def _is_under_way(self, keeper: Keeper, number: int) -> bool:
        under_way = self._under_way.get(id(keeper))
        return under_way is not None and under_way.number == number

    def _settle(self, keeper: Keeper, status: int | None) -> None:
        under_way = self._under_way.pop(id(keeper), None)
        if under_way is not None and not under_way.listening.outcome.done():
            under_way.listening.outcome.set_result(status)


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

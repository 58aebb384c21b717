"""Kills a gateway's processes, at moments that a seed picks, and starts what does not start again by itself."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from tests.parts.mailock import Mailock


class Victim(Enum):
    """Whom a kill hits."""

    MAILFLOW = "mailflow"
    """The supervisor starts it again."""
    SUPERVISOR = "supervisor"
    """Mailflow ends with it, in order; then both are started again from outside."""
    GROUP = "group"
    """Everything at once, as when the machine's memory runs out, or an administrator is in a hurry."""


STARTING_SECONDS = 0.8
"""About as long as a start takes: a share of the kills hits it."""


class Killer:
    """Kills one gateway, again and again. `about_to` is told of each kill just before it."""

    def __init__(self, gateway: Mailock, seed: int, about_to: Callable[[], None]) -> None:
        self._gateway = gateway
        self._chance = random.Random(seed)
        self._about_to = about_to
        self._in_a_row = 0
        self.tally = dict.fromkeys(Victim, 0)

    async def kill(self) -> None:
        """Waits for a random moment, kills, and sees to it that the gateway is there again or on its way."""
        chance = self._chance
        if chance.random() < 0.7:
            await self.until_ready()
            await asyncio.sleep(chance.random() ** 2 * 1.5)
        else:
            await asyncio.sleep(chance.random() * STARTING_SECONDS)
        victim = chance.choices(list(Victim), weights=(6, 1, 3))[0]
        if victim is Victim.MAILFLOW and self._in_a_row >= 3:
            # The supervisor waits longer after each early death; start afresh rather than wait with it.
            victim = Victim.GROUP
        self.tally[victim] += 1
        await self._kill(victim)

    async def until_ready(self, within: float = 40.0) -> None:
        """Returns once the control socket answers."""
        end = time.monotonic() + within
        while True:
            try:
                await asyncio.to_thread(self._gateway.ask, "status")
            except (OSError, ValueError):
                pass
            else:
                return
            process = self._gateway.process
            if process is None or process.poll() is not None or time.monotonic() > end:
                code = None if process is None else process.poll()
                raise AssertionError(f"not ready; it ended with {code}:\n{self._gateway.log()[-8000:]}")
            await asyncio.sleep(0.02)

    async def _kill(self, victim: Victim) -> None:
        gateway = self._gateway
        assert gateway.process is not None
        supervisor = gateway.process.pid
        if gateway.process.poll() is not None:
            raise AssertionError(f"ended by itself with {gateway.process.returncode}:\n{gateway.log()[-8000:]}")
        self._in_a_row = self._in_a_row + 1 if victim is Victim.MAILFLOW else 0
        match victim:
            case Victim.MAILFLOW:
                children = children_of(supervisor)
                self._about_to()
                for pid in children:
                    _kill(pid)
            case Victim.SUPERVISOR:
                children = children_of(supervisor)
                self._about_to()
                _kill(supervisor)
                gateway.process.wait()
                await gone(children, within=45.0)
                gateway.start(ready=False)
            case Victim.GROUP:
                self._about_to()
                gateway.kill()
                gateway.start(ready=False)


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


async def gone(pids: list[int], *, within: float) -> None:
    """Returns once none of these processes runs any more."""
    end = time.monotonic() + within
    while any(_runs(pid) for pid in pids):
        if time.monotonic() > end:
            raise AssertionError(f"of {pids} some still run after {within} s")
        await asyncio.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has just ended by itself

"""Wires the jail: which program its workers are, and what the settings of this machine say about them."""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mailock.config.engines import EngineSettings
from mailock.config.node import JailMode
from mailock.engines.yara.compiling import compile_rules
from mailock.jail.host import WorkerJail
from mailock.jail.limits import Limits
from mailock.jail.protection import Lack
from mailock.jail.staff import Terms
from mailock.ports.jail import Ended, Jail, Job
from mailock.processes.charter import Charter
from mailock.processes.means import Means


class CountedJail:
    """A jail of which somebody is told: every job, how it ended, and how many seconds it took with its waiting."""

    def __init__(self, jail: Jail, told: Callable[[Job, Ended, float], None]) -> None:
        self._jail = jail
        self._told = told

    async def run(self, job: Job) -> Ended:
        """See `ports.jail.Jail`."""
        began = time.monotonic()
        ended = await self._jail.run(job)
        self._told(job, ended, time.monotonic() - began)
        return ended


def jail_of(means: Means, charter: bytes) -> WorkerJail:
    """The jail of this machine, not started yet."""
    program = [sys.executable, "-I", "-m", "mailock.processes.jailed"]
    if means.mode is JailMode.REDUCED:
        program.append("--reduced")
    limits = Limits(memory=means.memory)
    return WorkerJail(Terms(program=program, charter=charter, workers=means.workers, limits=limits))


async def charter_of(folder: str | None, engines: tuple[str, ...], settings: EngineSettings) -> bytes:
    """What the workers are told, with the rules of a folder compiled. Raises Mistakes of the rules, and OSError."""
    rules = await asyncio.to_thread(compile_rules, None if folder is None else Path(folder))
    return Charter(engines=engines, settings=settings, rules=rules.write()).write()


async def try_jail(means: Means) -> Sequence[Lack]:
    """What a jail without engines lacks on this machine. Raises NoJail where there can be none."""
    jail = jail_of(means, await charter_of(None, (), EngineSettings()))
    try:
        return (await jail.start()).lacks
    finally:
        await jail.close()

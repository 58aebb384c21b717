"""Wires the jail: which program its workers are, and what the settings of this machine say about them."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from mailock.config.engines import EngineSettings
from mailock.config.node import JailMode
from mailock.engines.yara.compiling import compile_rules
from mailock.jail.host import WorkerJail
from mailock.jail.limits import Limits
from mailock.jail.protection import Lack
from mailock.jail.staff import Terms
from mailock.processes.charter import Charter
from mailock.processes.means import Means


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

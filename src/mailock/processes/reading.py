"""How messages read, found out in the jail without examining them otherwise: for those who teach and who train."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.classify.seen import Seen
from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.spam.engine import MANIFEST
from mailock.engines.spam.weighing import reading_in
from mailock.ports.bodies import in_memory
from mailock.ports.jail import End, Jail, Job
from mailock.processes.jailing import charter_of, jail_of
from mailock.processes.means import Means
from mailock.stations.examine.account import hear
from mailock.stations.examine.wire import TASK, Order, write_order

SECONDS: Final = 30.0
_ORDER: Final = write_order(
    Order(
        words=(),
        engines=(MANIFEST.name,),
        exhibit=(),
        sought=(),
        digests=(),
        depth=4,
        files=1000,
        octets=64 << 20,
        ratio=1000,
    )
)


@asynccontextmanager
async def reading_jail(means: Means, *, workers: int = 1) -> AsyncIterator[Jail]:
    """A jail in which nothing is done but to read. Raises NoJail, OSError."""
    jail = jail_of(replace(means, workers=workers), await charter_of(None, (MANIFEST.name,), EngineSettings()))
    try:
        await jail.start()
        yield jail
    finally:
        await jail.close()


async def read_octets(jail: Jail, octets: bytes) -> Seen:
    """How a message with the line ends of SMTP reads. Raises Unfinished where that cannot be said, and NoJail."""
    body = in_memory(octets)
    try:
        return await read_body(jail, body)
    finally:
        os.close(body)


async def read_body(jail: Jail, body: int) -> Seen:
    """The same of a descriptor, which stays the caller's. Raises Unfinished and NoJail."""
    ended = await jail.run(Job(task=TASK, order=_ORDER, body=body, seconds=SECONDS))
    if ended.end is not End.DONE:
        raise Unfinished(Why.DIED, f"the jail could not read it: {ended.detail or ended.end.value}")
    return reading_in(hear(ended, (MANIFEST,)).facts)

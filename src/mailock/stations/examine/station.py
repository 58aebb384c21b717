"""The work of station 2: has a message examined, and hands it to judge with what was seen.

Examining and judging are committed together, with the examination as a document of the log's event: what was seen
and what was decided can never tell two stories. A crash between the two leaves the message ACCEPTED, and it is
examined again.
"""

import os
from collections.abc import Awaitable, Callable

from mailock.core.evidence.examination import Examination
from mailock.ports.bodies import Bodies, in_memory
from mailock.ports.jail import NoJail
from mailock.ports.queue import Waiting
from mailock.stations.examine.outside import Examiner
from mailock.stations.turn.loop import Wait, Worked

Judging = Callable[[Waiting, Examination | None], Worked | Awaitable[Worked | None] | None]


class Examine:
    """`Turn` runs it. `due` says whether a message is to be examined at all; `judge` goes on with it."""

    def __init__(self, *, examiner: Examiner, bodies: Bodies, due: Callable[[Waiting], bool], judge: Judging) -> None:
        self._examiner = examiner
        self._bodies = bodies
        self._due = due
        self._judge = judge

    def work(self, waiting: Waiting) -> Worked | Awaitable[Worked | None] | None:
        """Examines one message, where that is due, and judges it."""
        if not self._due(waiting):
            return self._judge(waiting, None)
        return self._examine(waiting)

    async def _examine(self, waiting: Waiting) -> Worked | None:
        try:
            body = await self._body(waiting)
        except OSError as fault:
            raise Wait(f"its body cannot be read: {fault}") from fault
        try:
            examination = await self._examiner.examine(waiting.message, body)
        except NoJail as closed:
            raise Wait(f"no jail can be entered: {closed}") from closed
        finally:
            os.close(body)
        judged = self._judge(waiting, examination)
        return await judged if isinstance(judged, Awaitable) else judged

    async def _body(self, waiting: Waiting) -> int:
        if waiting.content is not None:
            return in_memory(waiting.content)
        return await self._bodies.descriptor(waiting.message.body)

"""Teaching virtual systems what is wanted and what is not: by files that a person names, or by what is kept."""

import asyncio
from collections.abc import Sequence

from mailock.core.classify.learning import Came, Learnt, Taught, forget, teach
from mailock.core.classify.seen import Seen
from mailock.core.evidence.report import Unfinished
from mailock.engines.spam.weighing import shipped
from mailock.ports.jail import NoJail
from mailock.ports.lessons import Lessons
from mailock.ports.teacher import CannotTeach
from mailock.processes.means import Means
from mailock.processes.reading import read_body, reading_jail
from mailock.storage.lessons import FileLessons


def learn(lessons: Lessons, system: str, messages: Sequence[Seen], taught: Taught | None) -> list[Came]:
    """Teaches a system all of these at once, or takes back what they taught (None). Blocks; raises OSError."""
    model = shipped()

    def act(learnt: Learnt) -> list[Came]:
        if taught is None:
            return [forget(learnt, seen) for seen in messages]
        return [teach(learnt, model, seen, taught) for seen in messages]

    return lessons.change(system, act)


class Teaching:
    """Implements `ports.teacher.Teacher` with a jail that is made for each message: people report few."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def teach(self, system: str, body: int, taught: Taught) -> Came:
        """Reads the message in the jail, and keeps what it teaches."""
        if self._means.lessons is None:
            raise CannotTeach("there is no data directory to keep it in")
        try:
            async with reading_jail(self._means) as jail:
                seen = await read_body(jail, body)
            lessons = FileLessons(self._means.lessons)
            (came,) = await asyncio.to_thread(learn, lessons, system, [seen], taught)
        except (Unfinished, NoJail, OSError) as fault:
            raise CannotTeach(str(fault)) from None
        return came

"""A jail without walls: runs a job's task in this very process, for the tests of those who write tasks and engines.

It speaks in the same frames, within the same bounds, as the real one, so that a task that says too much is found out.
It protects from nothing: not for bytes that one does not trust, and not for `mailock run`. An exception of the task is
raised here and not hidden in DIED, because a test wants to see it; the deadline is not kept.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailock.jail import memory
from mailock.jail.child import Task
from mailock.jail.frames import Bounds, FrameReader, Overfull, returned, said
from mailock.ports.jail import End, Ended, Job


@dataclass(frozen=True, slots=True)
class OpenJail:
    """Implements `ports.jail.Jail` with tasks that run in this process."""

    tasks: Mapping[str, Task]
    bounds: Bounds = field(default_factory=Bounds)

    async def run(self, job: Job) -> Ended:
        """See `ports.jail.Jail`; raises what the task raises."""
        task = self.tasks.get(job.task)
        if task is None:
            return Ended(end=End.DIED, detail="there is no such task")
        reader = FrameReader(self.bounds)
        body = memory.reopened(job.body)
        output = memory.blank("output") if job.output else None
        try:
            task(job.order, body, output, lambda said_body: reader.feed(b"".join(said(said_body))))
            reader.feed(returned())
            if output is not None:
                memory.seal(output)
                os.lseek(output, 0, os.SEEK_SET)
        except Overfull as reason:
            if output is not None:
                os.close(output)
            return Ended(end=End.OVERFULL, detail=str(reason), untrusted_frames=tuple(reader.frames))
        except BaseException:
            if output is not None:
                os.close(output)
            raise
        finally:
            os.close(body)
        return Ended(end=End.DONE, untrusted_frames=tuple(reader.frames), untrusted_output=output)

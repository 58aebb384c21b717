"""A jail without walls, for tests: the real task in this process, and jailers who lie."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from mailock.ports.jail import End, Ended, Job, NoJail
from mailock.stations.remake import inside

Lie = Callable[[Ended], Ended]


def honest(ended: Ended) -> Ended:
    """What was said is passed on."""
    return ended


@dataclass
class Cell:
    """Runs the task of remake where it stands. `lie` changes what comes out; `ends` are how the next jobs end."""

    lie: Lie = honest
    ends: list[End] = field(default_factory=list)
    closed: bool = False
    jobs: list[Job] = field(default_factory=list)

    async def run(self, job: Job) -> Ended:
        """What comes of a job."""
        if self.closed:
            raise NoJail("there is none")
        self.jobs.append(job)
        end = self.ends.pop(0) if self.ends else End.DONE
        output = os.memfd_create("output") if job.output else None
        if end is not End.DONE:
            return Ended(end=end, detail="as the test has it", untrusted_output=output)
        frames: list[bytes] = []
        octets = os.pread(job.body, os.fstat(job.body).st_size, 0)
        inside.remake(octets, job.order, emit=frames.append, write=lambda content: _put(output, content))
        return self.lie(Ended(end=end, untrusted_frames=tuple(frames), untrusted_output=output))


def rewritten(ended: Ended, content: bytes) -> Ended:
    """The same with another body in the output."""
    assert ended.untrusted_output is not None
    os.ftruncate(ended.untrusted_output, 0)
    os.pwrite(ended.untrusted_output, content, 0)
    return ended


def _put(output: int | None, content: bytes) -> None:
    assert output is not None
    assert os.write(output, content) == len(content)

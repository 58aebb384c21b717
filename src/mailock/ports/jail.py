"""The jail: where dangerous bytes are opened.

A job runs one named task in a process of its own, without network, files or rights, and ends by itself, by its death,
or by the deadline, at which its whole process group is killed. What comes out of it is a list of bounded frames and,
where it was asked for, one file; all of it is untrusted, whatever it claims.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol


class End(Enum):
    """How a job ended."""

    DONE = "done"
    DIED = "died"
    """It ended otherwise than by itself: a crash, or killed for what it did."""
    LATE = "late"
    """It was killed at the deadline."""
    OVERFULL = "overfull"
    """It was killed because it said more than a job may say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done."""

    task: str
    """The name under which the worker knows it: `examine`, `remake`."""
    order: bytes
    """A document for the task, of at most 4 MiB."""
    body: int
    """A descriptor, open for reading, of the message's bytes; it is only lent, and may be a memfd."""
    seconds: float
    """Until the deadline."""
    output: bool = False
    """Whether the job gets a file to write to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of a job."""

    end: End
    detail: str = ""
    """A sentence for the log: the signal it died by, the limit it met."""
    untrusted_frames: tuple[bytes, ...] = ()
    """In order. Complete only after DONE; until then what came is there."""
    untrusted_output: int | None = field(default=None)
    """A descriptor of the file it wrote, sealed against it; the caller closes it."""


class NoJail(Exception):
    """The jail cannot be entered: the sentence says what is missing and the mend."""


class Jail(Protocol):
    """Runs jobs, as many at once as there are workers; others wait their turn."""

    def run(self, job: Job) -> Awaitable[Ended]:
        """What came of a job. Its seconds count from when it is started. Raises NoJail where none can be run."""
        ...

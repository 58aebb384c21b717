"""The roles: one process per duty, with no more rights than the duty (our master.cf).

| role | listens | reaches out | opens mail bytes |
|---|---|---|---|
| supervisor | binds the ports, for the others | - | no |
| mailflow | SMTP, and the control socket | DNS, next hops | streams, never parses |
"""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """A kind of process. Its value is what `mailock run ROLE` takes."""

    MAILFLOW = "mailflow"
    """Accepts, judges and sends: all stations, over one spool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """How a role is run."""

    role: Role
    module: str
    """Run as `python -m MODULE`."""
    stop_seconds: float
    """How long it may take to end after SIGTERM."""


DUTIES = (Duty(role=Role.MAILFLOW, module="mailock.processes.mailflow", stop_seconds=35.0),)

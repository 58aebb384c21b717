"""The roles: one process per duty, with no more rights than the duty (our master.cf).

| role | listens | reaches out | opens mail bytes |
|---|---|---|---|
| supervisor | binds the ports, for the others | - | no |
| mailflow | SMTP, and the control socket | DNS, next hops | streams, never parses |
| console | HTTP, for administrators | - | no |
| portal | HTTP, for recipients of mail | - | no |
"""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """A kind of process. Its value is what `mailock run ROLE` takes."""

    MAILFLOW = "mailflow"
    """Accepts, judges and sends: all stations, over one spool."""
    CONSOLE = "console"
    """Pages and API for administrators; what they order is done by mailflow."""
    PORTAL = "portal"
    """Pages for recipients of mail, behind a fence; mailflow reads their links and does what they order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """How a role is run."""

    role: Role
    module: str
    """Run as `python -m MODULE`."""
    stop_seconds: float
    """How long it may take to end after SIGTERM."""
    reloads: bool = False
    """Whether it is told of SIGHUP. To the others, who have nothing to read anew, it would be an end."""
    is_vital: bool = True
    """Whether everything ends where this role cannot start. Mail does not wait for a console."""


DUTIES = (
    Duty(role=Role.MAILFLOW, module="mailock.processes.mailflow", stop_seconds=35.0, reloads=True),
    Duty(role=Role.CONSOLE, module="mailock.processes.console", stop_seconds=10.0, is_vital=False),
    Duty(role=Role.PORTAL, module="mailock.processes.portal", stop_seconds=10.0, is_vital=False),
)

"""What the commands that act on the queue need: one value, made once by the process that offers them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mailock.core.mail.message import QueueId
from mailock.core.policy.installed import Installed
from mailock.ports.alerts import Alerts
from mailock.ports.bodies import Bodies
from mailock.ports.clock import Clock
from mailock.ports.ids import Ids
from mailock.ports.notices import Notices
from mailock.ports.queue import Queue
from mailock.ports.stations import Stations
from mailock.ports.teacher import NoTeacher, Teacher
from mailock.ports.viewer import NoViewer, Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The ports of people's hands."""

    queue: Queue
    bodies: Bodies
    stations: Stations
    notices: Notices | None
    """None while mailflow is down: then nobody can be told anything."""
    alerts: Alerts | None
    clock: Clock
    ids: Ids
    node: str
    standing: Callable[[], Installed]
    asked: Callable[[QueueId], Sequence[str]] = lambda queue_id: ()
    """Which recipients of a message in quarantine asked for it."""
    teacher: Teacher = field(default_factory=NoTeacher)
    viewer: Viewer = field(default_factory=NoViewer)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """People's acts are made one after the other."""

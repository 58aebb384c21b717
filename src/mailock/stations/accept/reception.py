"""What all sessions of the process share:

who is here, the settings each conversation gets, and the way to gate and custody.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from mailock.core.policy.installed import Installed
from mailock.core.routing.access import is_internal
from mailock.core.smtp.effects import AuthGiven
from mailock.core.smtp.settings import Limits, ServerSettings
from mailock.ports.bodies import Bodies
from mailock.ports.clock import Clock
from mailock.ports.ids import Ids
from mailock.ports.refusals import Refusals
from mailock.stations.accept.custody import Custody
from mailock.stations.accept.door import Door
from mailock.stations.accept.gate import Client, Gate
from mailock.stations.accept.sources import Sources
from mailock.stations.turn.deadlines import Deadlines, Timed

MOMENT_SECONDS = 1.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """One listener, as sessions need to know it."""

    name: str
    starttls: bool = True
    """Whether STARTTLS may be offered here."""
    auth_offered: bool = False
    auth_required: bool = False
    proxy_expected: bool = False


class Guest(Timed, Protocol):
    """A session, as the reception knows it."""

    @property
    def source(self) -> str:
        """Whom its connection is counted for."""
        ...

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way in it."""
        ...

    @property
    def is_taking(self) -> bool:
        """Whether a message is coming in, or an answer is owed."""
        ...

    def shut(self) -> None:
        """Ends it at the next command."""
        ...

    def give_way(self) -> None:
        """Ends it now."""
        ...


class Reception:
    """The hall of the process: sessions come in here and find everything they need."""

    def __init__(
        self,
        *,
        gate: Gate,
        door: Door,
        custody: Custody,
        bodies: Bodies,
        clock: Clock,
        ids: Ids,
        refusals: Refusals,
        sources: Sources,
        deadlines: Deadlines,
        check_password: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        self.gate = gate
        self.door = door
        self.custody = custody
        self.bodies = bodies
        self.clock = clock
        self.ids = ids
        self.refusals = refusals
        self._sources = sources
        self._deadlines = deadlines
        self._check_password = check_password
        self._guests: dict[int, Guest] = {}
        self._settings: dict[tuple[Entrance, bool], ServerSettings] = {}
        self._revision: Installed | None = None

    def entered(self, guest: Guest) -> None:
        """A session begins, or goes on as somebody else's."""
        self._guests[id(guest)] = guest
        self._sources.enter(guest.source)
        self._deadlines.watch(guest)

    def left(self, guest: Guest) -> None:
        """A session ended."""
        if self._guests.pop(id(guest), None) is not None:
            self._sources.leave(guest.source)
            self._deadlines.forget(guest)

    @property
    def guests(self) -> int:
        """How many sessions there are."""
        return len(self._guests)

    def is_full(self) -> bool:
        """Whether no further connection can be had. The one that idled longest gives way first (DECISIONS 10)."""
        if len(self._guests) < self.gate.standing.limits.connections:
            return False
        idle = min((guest for guest in self._guests.values() if guest.is_idle), key=_deadline, default=None)
        if idle is None:
            return True
        idle.give_way()
        return False

    async def finish(self, seconds: float) -> None:
        """Ends all sessions: those in which nothing is under way now, others at the next command or after a moment, and
        where a message is coming in once that is answered; but all of them within `seconds`.
        """
        began = self.clock.steady()
        for guest in list(self._guests.values()):
            guest.shut()
        waited = 0.0
        while waited < (seconds if self._is_taking() else MOMENT_SECONDS) and self._guests:
            for guest in list(self._guests.values()):
                if guest.is_idle or (waited > MOMENT_SECONDS and not guest.is_taking):
                    guest.give_way()
            await asyncio.sleep(LOOK_SECONDS)
            waited = self.clock.steady() - began
        for guest in list(self._guests.values()):
            guest.give_way()
        await self.custody.finish()

    def _is_taking(self) -> bool:
        return any(guest.is_taking for guest in self._guests.values())

    def settings(self, entrance: Entrance, ip: str) -> ServerSettings:
        """How the conversation with this client goes. Made once for each kind of client and revision."""
        installed = self.gate.standing
        if installed is not self._revision:
            self._settings.clear()
            self._revision = installed
        key = (entrance, ip in installed.trusted_proxies)
        if key not in self._settings:
            self._settings[key] = _settings(installed, entrance, trusted=key[1])
        return self._settings[key]

    def client(
        self, *, ip: str, known_ip: str, local_ip: str, entrance: Entrance, identity: str | None, encrypted: bool
    ) -> Client:
        """The facts of a client as they are now. `known_ip` is what may make it internal: empty where a proxy speaks
        for it and does not say where it is; `local_ip` likewise, the address that it came in on.
        """
        inside = identity is not None or is_internal(self.gate.standing.inside, known_ip, local_ip)
        return Client(
            ip=ip,
            local_ip=local_ip,
            listener=entrance.name,
            internal=inside,
            encrypted=encrypted,
            must_authenticate=entrance.auth_required and identity is None,
            signed_in=identity is not None,
        )

    async def authenticate(self, given: AuthGiven) -> str | None:
        """Who has proved to be who, or None. Nobody may act for somebody else."""
        if given.authorize_as and given.authorize_as != given.identity:
            return None
        return given.identity if await self._check_password(given.identity, given.password) else None


def _deadline(guest: Guest) -> float:
    return guest.deadline


def _settings(installed: Installed, entrance: Entrance, *, trusted: bool) -> ServerSettings:
    limits = installed.limits
    return ServerSettings(
        hostname=installed.hostname,
        size_limit=limits.message_size,
        recipients_limit=limits.recipients,
        tls_offered=entrance.starttls and installed.tls.enabled,
        auth_mechanisms=("PLAIN", "LOGIN") if entrance.auth_offered else (),
        xclient_allowed=trusted,
        proxy_expected=entrance.proxy_expected and trusted,
        bare_newlines=limits.bare_newlines,
        limits=Limits(
            errors=limits.errors,
            transactions=limits.transactions,
            command_seconds=limits.command_seconds,
            body_seconds=limits.data_seconds,
        ),
    )

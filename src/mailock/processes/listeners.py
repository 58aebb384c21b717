"""The listeners: which there should be by the policy, and which there are. A change of policy opens and closes just
what differs.

Sockets are had first, at `prepare`; so a port that another program holds stops an install before anything has changed.
"""

import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailock.config.model import Policy
from mailock.config.mta import Mta
from mailock.config.names import InterfaceChoice
from mailock.net.interfaces import everywhere, external, listed, present_interfaces
from mailock.net.listener import Listener
from mailock.net.tls import ServerTls
from mailock.ports.transport import Conversation, Peer
from mailock.processes.sockets import obtain
from mailock.stations.accept.reception import Entrance

log = logging.getLogger(__name__)
Make = Callable[[Entrance, Peer], Conversation | bytes]


@dataclass(frozen=True, slots=True)
class Place:
    """An address to listen on, and how."""

    address: str
    port: int
    entrance: Entrance
    implicit_tls: bool


class Listeners:
    """A Participant of installs. Once a port 0 was bound it stays what the system made it."""

    name = "the listeners"

    def __init__(self, make: Make, tls: ServerTls) -> None:
        self._make = make
        self._tls = tls
        self._open: dict[Place, Listener] = {}
        self._new: dict[Place, socket.socket] = {}
        self._wanted: tuple[Place, ...] = ()
        self._before: dict[Place, Listener] = {}
        self._policy: Policy | None = None
        self.removed = False
        """Whether nobody is to listen, whatever the policy says: the gateway is out of service. See `refresh`."""
        self.local_ips: frozenset[str] = frozenset()
        """Every address of this machine, as it was when listeners last changed."""

    @property
    def endpoints(self) -> frozenset[tuple[str, int]]:
        """Where we listen: how a next hop that is ourselves is known."""
        return frozenset(place for listener in self._open.values() for place in listener.addresses)

    def ports(self) -> list[tuple[str, str, int]]:
        """Name, address and port of each listener."""
        return [(place.entrance.name, *at) for place, listener in self._open.items() for at in listener.addresses]

    async def prepare(self, policy: Policy) -> None:
        """Has the sockets of listeners that are not open yet. Raises OSError or ValueError with a sentence."""
        self._before = dict(self._open)
        self._policy = policy
        self._wanted = () if self.removed else places(policy.mta)
        for place in self._wanted:
            if place not in self._open and place not in self._new:
                self._new[place] = await self._socket(place)

    async def switch(self, revision: int) -> None:
        """Opens what is new, and closes what is not wanted any more; connections that stand go on."""
        for place, bound in self._new.items():
            listener = Listener([bound], self._maker(place), self._tls, place.implicit_tls)
            await listener.start()
            self._open[place] = listener
        self._new.clear()
        for place in [place for place in self._open if place not in self._wanted]:
            self._open.pop(place).stop()
        for listener in self._open.values():
            listener.share_port(shared=False)
        self.local_ips = frozenset(address for one in present_interfaces() for address in one.addresses)
        where = ", ".join(f"{name} {address}:{port}" for name, address, port in self.ports())
        log.info("listening on %s", where or "nothing")

    async def undo(self) -> None:
        """Closes what was opened for a policy that failed. What was closed is opened again."""
        for bound in self._new.values():
            bound.close()
        self._new.clear()
        self._wanted = tuple(self._before)
        for place in [place for place in self._before if place not in self._open]:
            self._new[place] = await self._socket(place)
        await self.switch(0)

    async def refresh(self) -> None:
        """Opens or closes what `removed` says, by the policy that runs. Raises as `prepare` does."""
        if self._policy is not None:
            await self.prepare(self._policy)
            await self.switch(0)

    async def _socket(self, place: Place) -> socket.socket:
        taken = self._taken_over(place)
        if taken is not None:
            return taken
        beside = [listener for other, listener in self._open.items() if _overlap(place, other)]
        for listener in beside:
            listener.share_port(shared=True)
        return await obtain(place.address, place.port, beside=bool(beside))

    def _taken_over(self, place: Place) -> socket.socket | None:
        """The socket of a listener that is open at the same address and port, and only behaves otherwise."""
        for other, listener in self._open.items():
            if (other.address, other.port) == (place.address, place.port) and place.port:
                return listener.copies()[0]
        return None

    def stop(self) -> None:
        """Accepts no more; connections that stand go on."""
        for listener in self._open.values():
            listener.stop()

    def _maker(self, place: Place) -> Callable[[Peer], Conversation | bytes]:
        return lambda peer: self._make(place.entrance, peer)


def _overlap(one: Place, other: Place) -> bool:
    """Whether one of two places is every address of its family, at the port of the other."""
    same_family = (":" in one.address) == (":" in other.address)
    return one.port == other.port and same_family and not {one.address, other.address}.isdisjoint({"0.0.0.0", "::"})


def places(mta: Mta) -> tuple[Place, ...]:
    """Where the policy says to listen, in service or not. Raises ValueError for an interface that is not there."""
    found = [Place(address, mta.port, Entrance(name="smtp"), implicit_tls=False) for address in _addresses(mta)]
    present = present_interfaces()
    for listener in mta.listener:
        entrance = Entrance(
            name=listener.name,
            starttls=not listener.implicit_tls,
            auth_offered=mta.submission.enabled,
            auth_required=listener.auth_required,
            proxy_expected=listener.proxy_protocol,
        )
        addresses = everywhere(present) if listener.address == "all" else listed(present, [listener.address])
        found += [Place(address, listener.port, entrance, listener.implicit_tls) for address in addresses]
    return tuple(found)


def _addresses(mta: Mta) -> Sequence[str]:
    present = present_interfaces()
    match mta.interfaces.choice:
        case InterfaceChoice.ALL:
            return everywhere(present)
        case InterfaceChoice.EXTERNAL:
            return external(present, mta.internal_interfaces)
        case _:
            return listed(present, mta.interfaces.listed)

"""The lists as the door asks them: who is listed, found in a few look-ups, however long the lists are.

Of entries that name a source the narrowest network speaks, and where two are as narrow the block: so one host of a
blocked network can be let in. Of entries that name a sender only blocks speak here, for what a sender says of himself
proves nothing yet (DECISIONS 21).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from mailock.core.mail.address import Address
from mailock.core.reputation.entries import Effect, Entry


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the lists say of a source or a sender."""

    effect: Effect
    entry: Entry

    @property
    def told(self) -> str:
        """As a sentence."""
        return self.entry.told(self.effect)


@dataclass(frozen=True, slots=True)
class Register:
    """All entries, by what they name."""

    allowed: tuple[Entry, ...] = ()
    blocked: tuple[Entry, ...] = ()
    _sources: dict[tuple[int, int], dict[int, list[Ruling]]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """By family and length of the prefix, then by its number."""
    _senders: dict[str, list[Entry]] = field(init=False, repr=False, compare=False, default_factory=dict)
    """Blocks by the text of their pattern."""

    def __post_init__(self) -> None:
        """Enters everything where it is found."""
        for effect, entries in ((Effect.ALLOW, self.allowed), (Effect.BLOCK, self.blocked)):
            for entry in entries:
                if entry.networks.networks and entry.sender is None:
                    self._enter(Ruling(effect, entry))
                elif entry.sender is not None and not entry.networks.networks and effect is Effect.BLOCK:
                    self._senders.setdefault(str(entry.sender), []).append(entry)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be found in it."""
        return not self._sources and not self._senders

    def source(self, ip: str, now: float, system: str | None = None) -> Ruling | None:
        """What is said of a source, for the recipients of one virtual system; without one, for everybody's."""
        for rulings in self._found(ip):
            speaking = [one for one in rulings if _speaks(one.entry, now, system)]
            if speaking:
                return next((one for one in speaking if one.effect is Effect.BLOCK), speaking[0])
        return None

    def sender(self, address: Address, now: float, system: str | None = None, separator: str = "") -> Ruling | None:
        """The entry that blocks a sender, likewise. `separator` stands before the detail of a sub-address."""
        if not self._senders:
            return None
        for text in _spellings(address, separator):
            for entry in self._senders.get(text, ()):
                if _speaks(entry, now, system):
                    return Ruling(Effect.BLOCK, entry)
        return None

    def _enter(self, ruling: Ruling) -> None:
        for network in ruling.entry.networks.networks:
            same = self._sources.setdefault((network.version, network.prefixlen), {})
            same.setdefault(int(network.network_address), []).append(ruling)

    def _found(self, ip: str) -> Iterator[list[Ruling]]:
        """The entries of every network that holds an address, the narrowest network's first."""
        if not self._sources:
            return
        try:
            address = ip_address(ip.partition("%")[0])
        except ValueError:
            # A proxy may not know its client's address: such a client is on no list.
            return
        address = getattr(address, "ipv4_mapped", None) or address
        number, bits = int(address), address.max_prefixlen
        for version, length in sorted(self._sources, reverse=True):
            if version == address.version:
                found = self._sources[version, length].get(number >> (bits - length) << (bits - length))
                if found is not None:
                    yield found


NOBODY: Final = Register()


def _speaks(entry: Entry, now: float, system: str | None) -> bool:
    return entry.counts(now) and entry.system in (None, system)


def _spellings(address: Address, separator: str) -> Iterator[str]:
    """Everything under which a sender may be listed, the narrowest first."""
    local, domain = address.local.casefold(), address.domain
    yield f"{local}@{domain}"
    if separator and separator in local:
        yield f"{local.partition(separator)[0]}@{domain}"
    yield domain
    above = domain.partition(".")[2]
    while above:
        yield f"*.{above}"
        above = above.partition(".")[2]

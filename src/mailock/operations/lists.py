"""The allow and block lists in people's hands: entries that count at once, without an install, and their journal.

What stands in the policy file counts besides and is changed there. An entry that somebody adds runs out by itself
unless he says otherwise; who added or removed what, when and why, stays in the journal.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import msgspec

from mailock.core.mail.address import Address
from mailock.core.mail.shown import cleaned
from mailock.core.policy.installed import Installed
from mailock.core.policy.lists import Lists
from mailock.core.reputation.entries import Effect, Entry, read_entry
from mailock.core.reputation.register import Ruling
from mailock.operations.filtering import read_arguments
from mailock.ports.clock import Clock
from mailock.ports.commands import Absent, Arguments, Command, Refused, Speaker
from mailock.ports.entries import Act, Did, Journal

MOST: Final = 50_000
"""Entries that people may have added at once, in all lists."""
LONGEST: Final = 300
"""Characters of a reason."""
log = logging.getLogger(__name__)
Key = tuple[Effect, str, str | None]


class Naming(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which entry is meant."""

    effect: Effect
    what: str
    system: str | None = None
    reason: str = ""


class Adding(Naming, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An entry to be added."""

    until: float | None = None
    """Unix seconds; None: for ever."""


class Listing(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What is to be listed."""

    effect: Effect | None = None
    system: str | None = None


class Asking(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A source or a sender that is asked about."""

    what: str
    system: str | None = None


class ListDesk:
    """What people added, of one process. `told` is called with it after each change."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        *,
        standing: Callable[[], Installed],
        told: Callable[[Lists], None],
        known: Callable[[str], Awaitable[Sequence[str]]] | None = None,
    ) -> None:
        """`known` says in sentences what else the door knows of a source, by its address."""
        self._journal = journal
        self._clock = clock
        self._standing = standing
        self._told = told
        self._known_of = known
        self._acts: dict[Key, Act] = {}
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """Reads the journal. What cannot be read in it keeps no mail waiting, and is told. Raises OSError."""
        written = await asyncio.to_thread(self._journal.read)
        for act in written.acts:
            self._take(act)
        for complaint in written.unreadable:
            log.error("an entry of the lists does not count: %s", complaint)
        self._told(self.lists())

    def lists(self) -> Lists:
        """What people added, as policy and the door have it."""
        entries = {effect: tuple(_entry(act) for act in self._live() if act.effect is effect) for effect in Effect}
        return Lists(allowed=entries[Effect.ALLOW], blocked=entries[Effect.BLOCK])

    def commands(self) -> dict[str, Command]:
        """`list.add`, `.remove`, `.list`, `.history`, `.check`."""

        async def add(arguments: Arguments, speaker: Speaker) -> object:
            return await self._add(read_arguments(arguments, Adding), speaker)

        async def remove(arguments: Arguments, speaker: Speaker) -> object:
            return await self._remove(read_arguments(arguments, Naming), speaker)

        async def listing(arguments: Arguments, speaker: Speaker) -> object:
            given = read_arguments(arguments, Listing)
            return {"entries": self._rows(given)}

        async def history(arguments: Arguments, speaker: Speaker) -> object:
            given = read_arguments(arguments, Listing)
            written = await asyncio.to_thread(self._journal.read)
            return {"acts": [_act_row(act) for act in written.acts if given.effect in (None, act.effect)]}

        async def check(arguments: Arguments, speaker: Speaker) -> object:
            return await self._check(read_arguments(arguments, Asking))

        return {
            "list.add": add,
            "list.remove": remove,
            "list.list": listing,
            "list.history": history,
            "list.check": check,
        }

    async def _add(self, given: Adding, speaker: Speaker) -> object:
        entry, now = read_entry(given.what), self._clock.now()
        self._known(given.system)
        if given.until is not None and given.until <= now:
            raise ValueError("it would run out at once: give a date that is still to come")
        other = Effect.BLOCK if given.effect is Effect.ALLOW else Effect.ALLOW
        opposite = self._acts.get((other, entry.what, given.system))
        if opposite is not None and _lives(opposite, now):
            raise Refused(f"{_entry(opposite).told(other)}; remove it there first")
        async with self._turn:
            if len(self._acts) >= MOST:
                self._acts = {key: act for key, act in self._acts.items() if _lives(act, now)}
                if len(self._acts) >= MOST:
                    raise Refused(f"there are {MOST} entries, which is all that there can be: remove some")
            act = Act(
                at=now,
                by=speaker.name,
                did=Did.ADDED,
                effect=given.effect,
                what=entry.what,
                system=given.system,
                because=cleaned(given.reason.strip())[:LONGEST],
                until=given.until,
            )
            await self._keep(act)
        return _row(_entry(act), given.effect, "added", act.at)

    async def _remove(self, given: Naming, speaker: Speaker) -> object:
        what, now = read_entry(given.what).what, self._clock.now()
        async with self._turn:
            act = self._acts.get((given.effect, what, given.system))
            if act is None or not _lives(act, now):
                raise Absent(self._why_not(given.effect, what, given.system))
            removed = replace(
                act, at=now, by=speaker.name, did=Did.REMOVED, because=cleaned(given.reason.strip())[:LONGEST]
            )
            await self._keep(removed)
        return _row(_entry(act), given.effect, "removed", now)

    def _why_not(self, effect: Effect, what: str, system: str | None) -> str:
        standing = self._standing().rulebase.lists
        written = standing.allowed if effect is Effect.ALLOW else standing.blocked
        if any(entry.what == what and entry.system == system for entry in written):
            return f"{what} is on the {effect.value} list by the policy file: take it out of there and install that"
        return f"{what} is not on the {effect.value} list{f' of {system}' if system else ''}"

    async def _keep(self, act: Act) -> None:
        await asyncio.to_thread(self._journal.add, act)
        self._take(act)
        self._told(self.lists())
        log.warning(
            "%s %s %s %s the %s list%s%s",
            act.by,
            act.did.value,
            act.what,
            "to" if act.did is Did.ADDED else "from",
            act.effect.value,
            f" of {act.system}" if act.system else "",
            f": {act.because}" if act.because else "",
        )

    def _take(self, act: Act) -> None:
        key = act.effect, act.what, act.system
        if act.did is Did.ADDED:
            self._acts[key] = act
        else:
            self._acts.pop(key, None)

    def _live(self) -> Sequence[Act]:
        now = self._clock.now()
        return [act for act in self._acts.values() if _lives(act, now)]

    def _rows(self, given: Listing) -> list[dict[str, object]]:
        """Everything that counts now: what people added, then what the policy file has."""
        rows = [_row(_entry(act), act.effect, "added", act.at) for act in self._live()]
        added, standing, now = self.lists(), self._standing().rulebase.lists, self._clock.now()
        for effect, entries, mine in (
            (Effect.ALLOW, standing.allowed, added.allowed),
            (Effect.BLOCK, standing.blocked, added.blocked),
        ):
            rows += [_row(entry, effect, "policy", None) for entry in _others(entries, mine) if entry.counts(now)]
        wanted = None if given.effect is None else given.effect.value
        return [row for row in rows if wanted in (None, row["list"]) and given.system in (None, row["virtual_system"])]

    async def _check(self, given: Asking) -> dict[str, object]:
        """What the lists say of one source or sender, as the door would hear it."""
        entry, installed, now = read_entry(given.what), self._standing(), self._clock.now()
        register, ruling, known = installed.rulebase.lists.register, None, tuple[str, ...]()
        for network in entry.networks.networks:
            ruling = register.source(str(network.network_address), now, given.system)
            if self._known_of is not None:
                known = tuple(await self._known_of(str(network.network_address)))
        if entry.sender is not None:
            address = Address(entry.sender.local or "anybody", entry.sender.domain)
            ruling = register.sender(address, now, given.system, installed.rulebase.separator)
            ruling = ruling or _allowed(installed.rulebase.lists.allowed, entry, given.system, now)
        return {
            "what": entry.what,
            "list": None if ruling is None else ruling.effect.value,
            "because": f"{entry.what} is on no list" if ruling is None else ruling.told,
            "known": list(known),
        }

    def _known(self, system: str | None) -> None:
        if system is not None and system not in self._standing().routes.systems:
            raise ValueError(f"there is no virtual system {system!r}")


def _allowed(entries: Iterable[Entry], asked: Entry, system: str | None, now: float) -> Ruling | None:
    """The entry that allows a sender, once he has proved that he is it."""
    for entry in entries:
        is_meant = entry.sender is not None and asked.sender is not None and entry.sender.covers(asked.sender)
        if is_meant and entry.counts(now) and entry.system in (None, system):
            return Ruling(Effect.ALLOW, entry)
    return None


def _others(entries: Iterable[Entry], mine: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry not in mine]


def _lives(act: Act, now: float) -> bool:
    return act.until is None or now < act.until


def _entry(act: Act) -> Entry:
    return replace(read_entry(act.what), because=act.because, until=act.until, system=act.system, by=act.by)


def _row(entry: Entry, effect: Effect, source: str, at: float | None) -> dict[str, object]:
    return {
        "list": effect.value,
        "what": entry.what,
        "virtual_system": entry.system,
        "because": entry.because,
        "by": entry.by,
        "at": _date(at),
        "until": _date(entry.until),
        "from": source,
    }


def _act_row(act: Act) -> dict[str, object]:
    return {
        "at": _date(act.at),
        "by": act.by,
        "did": act.did.value,
        "list": act.effect.value,
        "what": act.what,
        "virtual_system": act.system,
        "because": act.because,
        "until": _date(act.until),
    }


def _date(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

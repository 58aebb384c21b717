"""The policy as a thing that is installed: check, compare, install, roll back (DECISIONS 27 and 28).

An install has four steps. The text is checked. Every participant (sockets, certificates, the compiled rules …)
prepares what it will need, and none of it is used yet. The revision is written, durably. Then everybody switches.
Whatever fails on the way, those who had prepared undo it, the revision is withdrawn, and all is as it was.

The installed revision is the truth and the file is a draft of it. Where somebody installed by another way since the
file was last installed, the file is refused with the difference, unless its author names the revision that runs, and
so says that he has seen it.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Protocol

from mailock.config.load import Loaded, load
from mailock.config.mistakes import Mistake, Mistakes
from mailock.config.model import Policy
from mailock.ports.clock import Clock
from mailock.ports.revisions import Conflict, InstalledFrom, Revision, Revisions


class Participant(Protocol):
    """Somebody who acts by the policy. From `prepare` to the end of `switch` or `undo`, nothing else is asked of it."""

    @property
    def name(self) -> str:
        """What failed, in a sentence: `the listeners`."""
        ...

    async def prepare(self, policy: Policy) -> None:
        """Gets ready for a policy without using it yet. Raises OSError or ValueError, with a sentence, if it cannot,
        and Mistakes of files that the policy names.
        """
        ...

    async def switch(self, revision: int) -> None:
        """Uses what was prepared, from now on, under this number. Raises as `prepare` does."""
        ...

    async def undo(self) -> None:
        """Goes back to what was before `prepare`, whatever failed or succeeded since, or was not reached."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """It was installed and runs."""

    revision: int
    warnings: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """There was nothing to install: this text runs already."""

    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistaken:
    """The text has mistakes; nothing changed."""

    mistakes: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """Somebody else installed meanwhile; nothing changed. `difference` leads from what runs to the refused text."""

    current: int
    why: str
    difference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """It could not be put into force; all is as it was, as far as `why` does not say otherwise."""

    why: str


Outcome = Running | Unchanged | Mistaken | Overtaken | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What runs after a start, and how the file stands to it."""

    revision: Revision
    policy: Policy
    warnings: tuple[Mistake, ...]
    file_differs: bool
    """The file is a draft that says something else than what runs."""


class PolicyDesk:
    """Installs, one at a time. `participants` switch in their order, and undo in the opposite one."""

    def __init__(self, revisions: Revisions, clock: Clock, participants: Sequence[Participant] = ()) -> None:
        self._revisions = revisions
        self._clock = clock
        self._participants = tuple(participants)
        self._turn = asyncio.Lock()

    async def install(
        self,
        text: str,
        *,
        by: str,
        note: str = "",
        base: int | None = None,
        origin: InstalledFrom = InstalledFrom.FILE,
        name: str = "mailock.toml",
    ) -> Outcome:
        """Installs a text. `base`: the revision that its author has seen running; only the file may leave it out.

        Once begun it goes on to its end, also when the caller goes away.
        """
        return await asyncio.shield(self._in_turn(text, by, note, base, origin, None, name))

    async def roll_back(self, number: int, *, by: str, note: str = "") -> Outcome:
        """Installs an old revision's text, as a new revision. Raises KeyError where there is none of this number."""
        old = await asyncio.to_thread(self._revisions.get, number)
        current = await asyncio.to_thread(self._revisions.current)
        base = current.number if current else 0
        origin, name = InstalledFrom.ROLLBACK, f"revision {number}"
        return await asyncio.shield(self._in_turn(old.text, by, note, base, origin, number, name))

    async def _in_turn(
        self,
        text: str,
        by: str,
        note: str,
        base: int | None,
        origin: InstalledFrom,
        rolled_back_to: int | None,
        name: str,
    ) -> Outcome:
        async with self._turn:
            try:
                loaded = await asyncio.to_thread(load, text, name=name)
            except Mistakes as wrong:
                return Mistaken(mistakes=wrong.mistakes, warnings=wrong.warnings)
            try:
                current = await asyncio.to_thread(self._revisions.current)
            except OSError as fault:
                return Broken(why=str(fault))
            if current is not None and current.text == loaded.policy_text:
                # No new revision; but what it names outside of itself (lists of recipients, secrets) is read again.
                draft = _Draft(loaded, by, note, current.number, origin, rolled_back_to)
                outcome = await self._put_into_force(draft, again=current.number)
                return Unchanged(revision=current.number) if isinstance(outcome, Running) else outcome
            refused = overtaken(current, loaded.policy_text, base=base, origin=origin)
            if refused is not None:
                return refused
            draft = _Draft(loaded, by, note, current.number if current else 0, origin, rolled_back_to)
            return await self._put_into_force(draft)

    async def _put_into_force(self, draft: "_Draft", again: int | None = None) -> Outcome:
        """Has everybody follow a draft, which becomes a revision; or the revision `again`, which it is already."""
        begun: list[Participant] = []
        written: int | None = None
        at = "the store of revisions"
        try:
            for participant in self._participants:
                begun.append(participant)
                at = participant.name
                await participant.prepare(draft.loaded.settings.policy)
            at = "the store of revisions"
            if again is None:
                written = await asyncio.to_thread(self._write, draft)
            for participant in self._participants:
                at = participant.name
                await participant.switch(written or again or 0)
        except Exception as fault:
            left = await self._undo(begun, written)
            if isinstance(fault, Conflict):
                current = await asyncio.to_thread(self._revisions.current)
                return _overtaken(current, draft.loaded.policy_text, str(fault))
            if isinstance(fault, Mistakes):
                return Mistaken(mistakes=fault.mistakes, warnings=(*draft.loaded.warnings, *fault.warnings))
            if not isinstance(fault, OSError | ValueError):
                raise
            return Broken(why=f"{at}: {fault}{left}")
        return Running(revision=written or again or 0, warnings=draft.loaded.warnings)

    def _write(self, draft: "_Draft") -> int:
        return self._revisions.install(
            draft.loaded.policy_text,
            by=draft.by,
            at=self._clock.now(),
            note=draft.note,
            base=draft.base,
            origin=draft.origin,
            rolled_back_to=draft.rolled_back_to,
        )

    async def _undo(self, begun: Sequence[Participant], written: int | None) -> str:
        """Puts everything back. Returns what could not be, as the rest of a sentence."""
        left = ""
        for participant in reversed(begun):
            try:
                await participant.undo()
            except Exception as fault:
                # The others are to be put back all the same; this one is told of.
                left += f"; {participant.name} could not be put back ({fault}): restart Mailock"
        if written is not None:
            try:
                await asyncio.to_thread(self._revisions.withdraw, written)
            except OSError as fault:
                left += f"; revision {written} could not be withdrawn ({fault}): roll back once the disk works"
        return left


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is about to be written."""

    loaded: Loaded
    by: str
    note: str
    base: int
    origin: InstalledFrom
    rolled_back_to: int | None


def start(revisions: Revisions, draft: Loaded | None, *, by: str, at: float) -> Started:
    """What runs from a start on: the newest revision, or the file where there is none yet. Blocks.

    Raises Mistakes where the stored revision is one that this version cannot use, OSError where the store cannot be
    read, ValueError where there is neither revision nor file.
    """
    current = revisions.current()
    if current is None:
        if draft is None:
            raise ValueError("no policy was installed yet: write a mailock.toml, for example with `mailock init`")
        revisions.install(draft.policy_text, by=by, at=at, note="first start", base=0, origin=InstalledFrom.FILE)
        current = revisions.current()
        if current is None:
            raise OSError("the policy was installed and cannot be read back: check the disk")
        return Started(revision=current, policy=draft.settings.policy, warnings=draft.warnings, file_differs=False)
    installed = load(current.text, name=f"revision {current.number}")
    return Started(
        revision=current,
        policy=installed.settings.policy,
        warnings=installed.warnings,
        file_differs=draft is not None and draft.policy_text != current.text,
    )


def overtaken(current: Revision | None, text: str, *, base: int | None, origin: InstalledFrom) -> Overtaken | None:
    """Whether a text may not be installed, because its author cannot have seen what runs."""
    running = current.number if current else 0
    if base is not None:
        return None if base == running else _overtaken(current, text, str(Conflict(base=base, current=running)))
    if origin is not InstalledFrom.FILE:
        raise ValueError("only the file may be installed without saying which revision it was made from")
    if current is None or current.origin is InstalledFrom.FILE:
        return None
    is_old = current.file_sha256 == sha256(text)
    by = "rolled back" if current.origin is InstalledFrom.ROLLBACK else "installed from the console"
    file = "the file is still the one from before that" if is_old else "the file was not made from it"
    why = f"revision {running} was {by} by {current.by}, and {file}: take over what you want, then install with --base"
    return _overtaken(current, text, f"{why} {running}")


def difference(current: Revision | None, text: str, name: str = "mailock.toml") -> str:
    """What leads from what runs to a text, as a unified diff; empty where they are the same."""
    before = current.text.splitlines(keepends=True) if current else []
    label = f"revision {current.number}" if current else "nothing"
    return "".join(unified_diff(before, text.splitlines(keepends=True), label, name))


def sha256(text: str) -> str:
    """The hash by which a file is known again."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _overtaken(current: Revision | None, text: str, why: str) -> Overtaken:
    return Overtaken(current=current.number if current else 0, why=why, difference=difference(current, text))

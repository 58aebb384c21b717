"""What may lie on a disk after the power went: everything synced, and of the rest what chance let through.

The disk works in sectors of 512 bytes: of a write that was not synced any of them may be there and any may not, in
any order with other writes. A name that was not synced may be there or not; a rename gives the new name or leaves the
old.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tests.crash.powercut.trace import Created, Cut, Deleted, NamesSynced, Renamed, Said, Step, Synced, Written

SECTOR = 512


class Luck(Enum):
    """What becomes of what was not synced."""

    NOTHING = "all of it is lost"
    EVERYTHING = "all of it is there"
    SOME_WRITES = "each write is there or not"
    SOME_SECTORS = "each sector of each write is there or not"


@dataclass(slots=True)
class Inode:
    """A file's bytes on the disk, and what was done to it since, with the steps' numbers."""

    content: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Written | Cut]] = field(default_factory=list)


@dataclass(slots=True)
class SurvivingDisk:
    """Follows a trace, and says what might be left."""

    names: dict[str, Inode] = field(default_factory=dict)
    """On the disk."""
    current: dict[str, Inode] = field(default_factory=dict)
    """As programs see them."""
    moves: list[tuple[int, Created | Renamed | Deleted, Inode]] = field(default_factory=list)
    """Changes of names that were not synced."""

    def follow(self, number: int, step: Step) -> None:
        """The next step of the trace."""
        match step:
            case Written() | Cut():
                self.current[step.path].pending.append((number, step))
            case Synced():
                if inode := self.current.get(step.path):
                    _settle(inode, step.since)
            case Created():
                inode = self.current[step.path] = Inode()
                self.moves.append((number, step, inode))
            case Renamed():
                inode = self.current[step.new] = self.current.pop(step.path)
                self.moves.append((number, step, inode))
            case Deleted():
                self.moves.append((number, step, self.current.pop(step.path)))
            case NamesSynced():
                self._settle_names(step)
            case Said():
                pass

    def leave(self, folder: Path, root: str, luck: Luck, chance: random.Random) -> None:
        """Writes what is left into a folder that stands for the traced directory `root`."""
        names = dict(self.names)
        for _, move, inode in self.moves:
            if luck is Luck.EVERYTHING or (luck is not Luck.NOTHING and chance.random() < 0.5):
                _apply(names, move, inode)
        for name, inode in names.items():
            path = folder / Path(name).relative_to(root)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_left(inode, luck, chance))

    def _settle_names(self, step: NamesSynced) -> None:
        waiting = []
        for number, move, inode in self.moves:
            if number < step.since and str(Path(move.path).parent) == step.path:
                _apply(self.names, move, inode)
            else:
                waiting.append((number, move, inode))
        self.moves = waiting


def _apply(names: dict[str, Inode], move: Created | Renamed | Deleted, inode: Inode) -> None:
    match move:
        case Created():
            names[move.path] = inode
        case Renamed():
            names.pop(move.path, None)
            names[move.new] = inode
        case Deleted():
            if names.get(move.path) is inode:
                del names[move.path]


def _settle(inode: Inode, since: int) -> None:
    for number, change in inode.pending:
        if number < since:
            _write(inode.content, change)
    inode.pending = [(number, change) for number, change in inode.pending if number >= since]


def _write(content: bytearray, change: Written | Cut) -> None:
    if isinstance(change, Cut):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    end = change.offset + len(change.data)
    content.extend(bytes(max(0, end - len(content))))
    content[change.offset : end] = change.data


def _left(inode: Inode, luck: Luck, chance: random.Random) -> bytes:
    content = bytearray(inode.content)
    if luck is Luck.NOTHING:
        return bytes(content)
    for _, change in inode.pending:
        if luck is Luck.EVERYTHING or isinstance(change, Cut) or luck is Luck.SOME_WRITES:
            if luck is Luck.EVERYTHING or chance.random() < 0.5:
                _write(content, change)
            continue
        for piece in _sectors(change):
            if chance.random() < 0.5:
                _write(content, piece)
    return bytes(content)


def _sectors(change: Written) -> Iterator[Written]:
    """A write, cut at the borders of the disk's sectors."""
    start = change.offset
    end = start + len(change.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Written(change.path, start, change.data[start - change.offset : stop - change.offset])
        start = stop


def moments(steps: Sequence[Step], number: int, chance: random.Random) -> list[int]:
    """Moments at which to cut the power: half of them beside syncs and promises, where it matters most."""
    telling = [place for place, step in enumerate(steps) if isinstance(step, Synced | NamesSynced | Said | Renamed)]
    near = [place + chance.choice((0, 1)) for place in chance.sample(telling, min(number // 2, len(telling)))]
    anywhere = chance.sample(range(len(steps)), min(number - len(near), len(steps)))
    return sorted({*near, *anywhere, len(steps)})

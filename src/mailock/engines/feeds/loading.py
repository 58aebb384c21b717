"""A feed, loaded: its entries as keys, by what they are and how dangerous. A million entries take some ten megabytes.

hashes     SHA-256, SHA-1 or MD5 in hexadecimal
domains    the name and all names beneath it
urls       exactly that place; with `/` at its end, or without a path, all that is beneath it; with `*` at its end,
           all that begins so. A place without a query is meant with every query.
"""

import hashlib
import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Final

from mailock.config.antivirus import Danger, Feed, Lists
from mailock.core.mail.shown import cleaned
from mailock.engines.feeds.places import is_address, read_host, read_place
from mailock.engines.feeds.reading import LONGEST_LINE, Listed, NoFeed, read_entries
from mailock.engines.feeds.table import Table, key_of_digest, key_of_text

MOST: Final = 5_000_000
"""Entries of one feed."""
LARGEST: Final = 1 << 30
"""Octets of its file."""
LENGTHS: Final = 256
"""How many different lengths entries that end with `*` may have: each costs a look-up for each URL."""


class Kind(Enum):
    """What an entry is."""

    SHA256 = "SHA-256"
    SHA1 = "SHA-1"
    MD5 = "MD5"
    DOMAIN = "domain"
    PLACE = "place"
    """Exactly there."""
    BENEATH = "beneath"
    """There, and all that is beneath."""
    START = "start"
    """Whatever begins so."""


_DIGESTS: Final = {64: Kind.SHA256, 40: Kind.SHA1, 32: Kind.MD5}


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what it is seen that a file is another than before."""

    inode: int
    size: int
    changed: int
    """Nanoseconds."""

    @classmethod
    def of(cls, found: os.stat_result) -> "Stamp":
        """From what the system says of a file."""
        return cls(found.st_ino, found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A feed that can be asked."""

    feed: Feed
    stamp: Stamp
    digest: str
    """Of the file."""
    tables: dict[tuple[Kind, Danger], Table]
    lengths: tuple[int, ...]
    """Of entries that end with `*`, ascending."""
    entries: int
    unreadable: int
    first_unreadable: str
    """The first of those, with its line; empty where there is none."""

    def lists(self, kind: Kind, key: int) -> Danger | None:
        """How dangerous an entry is, or None where it is not among them. The most dangerous counts."""
        for danger in Danger:
            table = self.tables.get((kind, danger))
            if table is not None and key in table:
                return danger
        return None

    def has(self, kind: Kind) -> bool:
        """Whether it has entries of that kind."""
        return any(of is kind for of, _ in self.tables)


@dataclass(slots=True)
class _Gathering:
    keys: dict[tuple[Kind, Danger], "array[int]"] = field(default_factory=dict)
    lengths: set[int] = field(default_factory=set)
    entries: int = 0
    unreadable: int = 0
    first: str = ""

    def add(self, kind: Kind, danger: Danger, key: int) -> None:
        self.entries += 1
        self.keys.setdefault((kind, danger), array("Q")).append(key)

    def refuse(self, entry: Listed) -> None:
        self.unreadable += 1
        self.first = self.first or f'line {entry.line}: "{cleaned(entry.text[:60])}"'


def load_feed(feed: Feed) -> Loaded:
    """Reads a feed. Raises NoFeed, with a sentence, where it cannot be read or is none."""
    gathered = _Gathering()
    digest = hashlib.sha256()
    try:
        with Path(feed.file).open("rb") as file:
            stamp = Stamp.of(os.fstat(file.fileno()))
            if stamp.size > LARGEST:
                raise NoFeed(f"{feed.file} is larger than {LARGEST >> 30} GiB")
            for entry in read_entries(_lines(file, digest), feed):
                _gather(entry, feed.lists, gathered)
            if Stamp.of(os.fstat(file.fileno())) != stamp:
                raise NoFeed(f"{feed.file} was written while it was read: put a whole file in its place by renaming it")
    except OSError as fault:
        raise NoFeed(f"{feed.file} cannot be read: {fault.strerror or fault}") from None
    except NoFeed as wrong:
        raise NoFeed(str(wrong) if feed.file in str(wrong) else f"{feed.file}: {wrong}") from None
    if gathered.unreadable > gathered.entries:
        raise NoFeed(
            f"{feed.file} is no list of {feed.lists.value}: {gathered.unreadable} entries cannot be read, "
            f"the first is {gathered.first}"
        )
    if not gathered.entries:
        raise NoFeed(f"{feed.file} has no entries: see whether it was fetched")
    return Loaded(
        feed=feed,
        stamp=stamp,
        digest=digest.hexdigest()[:16],
        tables={what: Table(keys) for what, keys in gathered.keys.items()},
        lengths=tuple(sorted(gathered.lengths)),
        entries=gathered.entries,
        unreadable=gathered.unreadable,
        first_unreadable=gathered.first,
    )


def _lines(file: BinaryIO, digest: "hashlib._Hash") -> Iterator[str]:
    """The lines of a file, each cut to a length that no entry has."""
    left = b""
    while block := file.read(1 << 20):
        digest.update(block)
        *whole, left = (left + block).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        left = left[:LONGEST_LINE]
    if left:
        yield left.decode("utf-8", "replace")


def _gather(entry: Listed, lists: Lists, into: _Gathering) -> None:
    if into.entries >= MOST:
        raise NoFeed(f"it has more than {MOST:,} entries: split it, or leave out old ones")
    match lists:
        case Lists.HASHES:
            _hash(entry, into)
        case Lists.DOMAINS:
            host = read_host(entry.text.removeprefix("*").removeprefix("."))
            # A name without a dot would be a whole top-level domain.
            if host is None or not (is_address(host) or "." in host):
                into.refuse(entry)
            else:
                into.add(Kind.DOMAIN, entry.danger, key_of_text(host))
        case Lists.URLS:
            _url(entry, into)


def _hash(entry: Listed, into: _Gathering) -> None:
    kind = _DIGESTS.get(len(entry.text))
    try:
        octets = bytes.fromhex(entry.text)
    except ValueError:
        octets = b""
    if kind is None or len(octets) * 2 != len(entry.text):
        into.refuse(entry)
    else:
        into.add(kind, entry.danger, key_of_digest(octets))


def _url(entry: Listed, into: _Gathering) -> None:
    starred = entry.text.endswith("*")
    place = read_place(entry.text.removesuffix("*"))
    if place is None or not (is_address(place.host) or "." in place.host):
        into.refuse(entry)
        return
    text = place.text
    if not place.query and text.endswith("/"):
        into.add(Kind.BENEATH, entry.danger, key_of_text(text))
    elif not starred:
        into.add(Kind.PLACE, entry.danger, key_of_text(text))
    elif len(into.lengths) < LENGTHS or len(text) in into.lengths:
        into.lengths.add(len(text))
        into.add(Kind.START, entry.danger, key_of_text(text))
    else:
        into.refuse(entry)

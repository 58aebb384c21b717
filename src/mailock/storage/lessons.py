"""What virtual systems have been taught, as files: `lessons/NAME.lessons`, one a system.

A file is written under another name, synced and renamed, so that a crash leaves the lessons before or behind it, never
half of them; a digest over all of it tells damage from age. A file that cannot be read is said once in the log and
counts as nothing taught: mail goes on with the shipped model, and teaching is refused until the file is mended or
removed. Whoever reads looks at the file's age first, so the running gateway knows what was taught a moment ago.
"""

import fcntl
import json
import logging
import os
import re
import struct
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from math import isfinite
from pathlib import Path
from typing import Final, TypeVar

from mailock.core.classify import seen
from mailock.core.classify.hashing import PLACES
from mailock.core.classify.learning import Learnt, Taught
from mailock.core.classify.traits import TRAITS
from mailock.storage.durable import write_durably

MAGIC: Final = b"MAILOCK-LESSONS 1\n"
_DIGEST: Final = 32
_STEP: Final = struct.Struct(">16sBd")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_CODES: Final = {Taught.SPAM: 1, Taught.HAM: 0}
_CLASSES: Final = {code: taught for taught, code in _CODES.items()}
KEPT_IN_MEMORY: Final = 64
"""Systems whose lessons stay in memory, four mebibytes each."""
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


class Damaged(OSError):
    """A file of lessons cannot be read."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was in a file when it was as old as this."""

    age: tuple[int, int, int]
    learnt: Learnt | None


class FileLessons:
    """Implements `ports.lessons.Lessons`. Any process may read; one at a time teaches."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, _Read] = {}

    def of(self, system: str) -> Learnt | None:
        """What a system was taught. Damage is logged when it is met first."""
        path = self._path(system)
        try:
            age = _age(path)
        except OSError:
            self._known.pop(system, None)
            return None
        known = self._known.pop(system, None)
        if known is None or known.age != age:
            known = _Read(age, _read_or_none(path))
        self._known[system] = known
        if len(self._known) > KEPT_IN_MEMORY:
            del self._known[next(iter(self._known))]
        return known.learnt

    def change(self, system: str, act: Callable[[Learnt], Answer]) -> Answer:
        """Reads, lets `act` change it, and writes. Raises Damaged, or another OSError; then nothing is changed."""
        path = self._path(system)
        self._folder.mkdir(mode=0o750, exist_ok=True)
        self._give(self._folder)
        with self._locked():
            learnt = read(path.read_bytes()) if path.exists() else Learnt()
            answer = act(learnt)
            write_durably(path, write(learnt))
            self._give(path)
        return answer

    def _path(self, system: str) -> Path:
        if not _NAME.fullmatch(system) or system.startswith("."):
            raise Damaged(f"{system!r} is no name of a virtual system")
        return self._folder / f"{system}.lessons"

    def _give(self, path: Path) -> None:
        """What root writes belongs to the owner of the data directory, so that the gateway can read it."""
        if os.geteuid() == 0:
            owner = self._folder.parent.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("ab") as lock:
            self._give(self._folder / "lock")
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _age(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read_or_none(path: Path) -> Learnt | None:
    try:
        return read(path.read_bytes())
    except OSError as fault:
        log.error("%s: %s: what was taught does not count until it is mended or removed", path, fault)
        return None


def write(learnt: Learnt) -> bytes:
    """The file: magic, digest, and the lessons."""
    header = {
        "features": seen.VERSION,
        "base": learnt.base,
        "traits": learnt.traits,
        "spam": learnt.spam,
        "ham": learnt.ham,
    }
    told = json.dumps(header, separators=(",", ":")).encode("ascii")
    steps = b"".join(_STEP.pack(digest, _CODES[taught], moved) for digest, (taught, moved) in learnt.steps.items())
    body = b"".join(
        (
            struct.pack(">II", len(told), len(learnt.steps)),
            told,
            steps,
            zlib.compress(learnt.places.tobytes(), 1),
        )
    )
    return MAGIC + blake2b(body, digest_size=_DIGEST).digest() + body


def read(octets: bytes) -> Learnt:
    """The lessons of a file. Raises Damaged."""
    start = len(MAGIC) + _DIGEST
    body = octets[start:]
    if not octets.startswith(MAGIC) or blake2b(body, digest_size=_DIGEST).digest() != octets[len(MAGIC) : start]:
        raise Damaged("the lessons are damaged, or a newer Mailock wrote them")
    length, count = struct.unpack_from(">II", body)
    behind = 8 + length + count * _STEP.size
    try:
        header = json.loads(body[8 : 8 + length])
        if header["features"] != seen.VERSION:
            raise Damaged("the lessons are of another version, which read mail otherwise: teach anew")
        places = array("f", zlib.decompress(body[behind:]))
        steps = {
            digest: (_CLASSES[code], moved) for digest, code, moved in _STEP.iter_unpack(body[8 + length : behind])
        }
        traits = {name: float(weight) for name, weight in header["traits"].items() if name in TRAITS}
        base, spam, ham = float(header["base"]), int(header["spam"]), int(header["ham"])
    except (ValueError, KeyError, TypeError, zlib.error, struct.error) as fault:
        raise Damaged(f"the lessons cannot be read: {fault}") from None
    if len(places) != PLACES or not all(map(isfinite, (base, *traits.values()))):
        raise Damaged("the lessons are not whole")
    return Learnt(places=places, traits=traits, base=base, steps=steps, spam=spam, ham=ham)

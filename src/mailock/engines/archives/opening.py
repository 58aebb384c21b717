"""One container that is being opened: what it may still unpack to, what could not be read, and how it is told.

A reader is a generator of children and findings. It unpacks nothing without asking `room`, gives what it unpacked to
`child`, and notes with `miss` what it cannot read, so that it goes on with the rest; at the end the engine turns the
gravest miss into Unfinished. `Cut` ends the container at once: the purse is empty, or it is a bomb.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import Final, NoReturn

from mailock.config.engines import EngineSettings
from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.core.evidence.specimen import Specimen
from mailock.core.mail.shown import cleaned
from mailock.engines import faces
from mailock.engines.archives.manifest import MANIFEST

FREE: Final = 10_000_000
"""Octets that any container may unpack to, however small it is."""
_BOMB_RATIO: Final = 100
"""What is cut off for the purse's sake and unpacked to more than this times its size was meant to."""
_MOST_OF_A_KIND: Final = 10
_MOST_BEGINNINGS: Final = 8
_GRAVITY: Final = (
    Why.TOO_DEEP,
    Why.TOO_COSTLY,
    Why.TOO_MANY,
    Why.TIMED_OUT,
    Why.ENCRYPTED,
    Why.MISSING,
    Why.UNREADABLE,
)


class Cut(Exception):
    """The container is not opened further."""

    def __init__(self, why: Why, detail: str, *, bomb: bool) -> None:
        super().__init__(detail)
        self.why = why
        self.detail = detail
        self.bomb = bomb


class Broken(Exception):
    """What is to be unpacked contradicts its own format. The sentence says what."""


@dataclass(slots=True, kw_only=True)
class Opening:
    """The state of opening one container."""

    specimen: Specimen
    settings: EngineSettings
    suspected: bool = False
    """Whether its structure is that of a bomb, so that being cut off makes it one."""
    spent: int = 0
    """Octets unpacked so far, given away or not."""
    given: int = 0
    """Files given so far."""
    misses: list[tuple[Why, str]] = field(default_factory=list)
    locked_names: list[str] = field(default_factory=list)
    opened_with: set[str] = field(default_factory=set)
    """Words that turned out to be passwords."""
    _octets: int = field(init=False)
    _files: int = field(init=False)
    _told: dict[str, int] = field(default_factory=dict)
    _tries: int = 0
    _trying_since: float = 0.0

    def __post_init__(self) -> None:
        # Whoever takes the children charges the purse; the counts here hold even where nobody does.
        self._octets = self.specimen.purse.octets
        self._files = self.specimen.purse.files

    def beginning(self, kind: str) -> bytes:
        """The content from where a container of this kind begins in it; it may be behind something else."""
        content = self.specimen.content
        at = faces.first(kind, content) if self.specimen.type.name != kind and kind in faces.BEHIND else 0
        return content[at:] if at > 0 else content

    @property
    def room(self) -> int:
        """Octets that may be unpacked before the next child is given. Never below zero."""
        size = len(self.specimen.content)
        ceiling = FREE + self.specimen.purse.ratio * size
        return max(0, min(self.specimen.purse.octets, self._octets - self.spent, ceiling - self.spent))

    @property
    def files_left(self) -> int:
        """Children that may still be given."""
        return max(0, min(self.specimen.purse.files, self._files - self.given))

    def fit(self, content: bytes) -> bytes:
        """What was unpacked with `room + 1` as its limit. Raises Cut where it is more than there is room for."""
        if len(content) > self.room:
            self.overflow(len(content))
        return content

    def overflow(self, unpacked: int) -> NoReturn:
        """Ends the container: so many octets were unpacked, and it is more than there is room for."""
        self.spent += unpacked
        # What was unpacked for nothing is paid for too, or a thousand bombs would cost a thousand times as much.
        self.specimen.purse.octets = max(0, self.specimen.purse.octets - unpacked)
        size = len(self.specimen.content)
        bomb = self.suspected or self.spent > FREE + _BOMB_RATIO * size
        raise Cut(Why.TOO_COSTLY, f"it unpacks to more than {self.spent:,} octets from {size:,}", bomb=bomb)

    def too_many(self, count: int, *, empty: bool = False) -> NoReturn:
        """Ends the container: it has more files than may be given."""
        bomb = self.suspected or empty or count > 50_000
        raise Cut(Why.TOO_MANY, f"it holds at least {count:,} files", bomb=bomb)

    def child(
        self, content: bytes, untrusted_name: str, provenance: str, *, encrypted: bool = False
    ) -> Iterator[Child | Finding]:
        """What was unpacked, to be looked into. Raises Cut where no more files may be given."""
        if self.files_left <= 0:
            self.too_many(self.given + 1, empty=self.given > 1000 and self.spent < 16 * self.given)
        self.fit(content)
        self.spent += len(content)
        if content == self.specimen.content:
            yield from self.finding("archive.bomb", Severity.SUSPICIOUS, Confidence.HIGH, "it holds itself")
            return
        self.given += 1
        yield Child(provenance=provenance, content=content, untrusted_name=untrusted_name, encrypted=encrypted)

    def miss(self, why: Why, detail: str) -> None:
        """Something in it could not be read; the rest goes on."""
        if len(self.misses) < 100:
            self.misses.append((why, cleaned(detail)[:300]))

    def locked(self, untrusted_name: str) -> None:
        """A file in it has a password that was not found."""
        if len(self.locked_names) < 1000:
            self.locked_names.append(untrusted_name)
        self.miss(Why.ENCRYPTED, f"no password was found for {quoted(untrusted_name)}")

    def gravest(self) -> tuple[Why, str] | None:
        """The miss to be told."""
        return min(self.misses, key=lambda miss: _GRAVITY.index(miss[0]), default=None)

    def finding(self, kind: str, severity: Severity, confidence: Confidence, evidence: str) -> Iterator[Finding]:
        """One thing seen; of one kind only the first few are told."""
        told = self._told.get(kind, 0)
        self._told[kind] = told + 1
        if told < _MOST_OF_A_KIND:
            yield Finding(
                engine=MANIFEST.name,
                kind=kind,
                severity=severity,
                confidence=confidence,
                part=self.specimen.part,
                evidence=cleaned(evidence)[:400],
            )

    def piece(self, what: str) -> Iterator[Finding]:
        """It is a volume of an archive in several, so it cannot be seen whole."""
        yield from self.finding("archive.several-volumes", Severity.NOTE, Confidence.HIGH, what)
        self.miss(Why.UNREADABLE, f"{what}, which is not here")

    def passwords(self) -> Iterator[str]:
        """Words to be tried, those that worked already first, within the limits on tries and seconds."""
        yield from tuple(self.opened_with)
        for word in self.specimen.whole.words:
            if not self.may_try():
                return
            if word not in self.opened_with:
                yield word

    def may_try(self) -> bool:
        """Counts one try of a password. Whether it is still within the limits."""
        if self._tries == 0:
            self._trying_since = monotonic()
        self._tries += 1
        in_time = monotonic() - self._trying_since < self.settings.password_seconds
        return in_time and self._tries <= self.settings.password_tries


Beginning = Callable[[Opening, bytes], Iterator[Child | Finding]]
"""What reads a container from its beginning on."""


def each(opening: Opening, kind: str, read: Beginning) -> Iterator[Child | Finding]:
    """What is read from each place where a container of this kind may begin; a stub may hold the signature, too. Raises
    the first Broken where none is one.
    """
    content = opening.specimen.content
    begins = [0] if opening.specimen.type.name == kind else list(islice(faces.starts(kind, content), _MOST_BEGINNINGS))
    broken: Broken | None = None
    opened = False
    for at in begins or [0]:
        try:
            yield from read(opening, content[at:] if at else content)
            opened = True
        except Broken as error:
            broken = broken or error
    if broken is not None and not opened:
        raise broken


def quoted(untrusted_name: str) -> str:
    """A name for a sentence: made printable, and cut."""
    short = untrusted_name if len(untrusted_name) <= 80 else untrusted_name[:38] + "…" + untrusted_name[-40:]
    return repr(cleaned(short))

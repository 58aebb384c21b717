"""The contract of engines that work in the jail, as laws that each of them is held to: ours, and those of others.

    from mailock.testing.engines import LAWS

    @pytest.mark.parametrize("law", LAWS)
    def test_the_contract(law):
        law(MyEngine, SAMPLES)

A law makes the engine anew and shows it contents: those that the author gives, of which it should find something, and
some of its own that are empty, broken or hostile. It raises `Broken` with a sentence. No test framework is needed.
"""

import re
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Child, Fact, Finding, Link, Sighting
from mailock.core.evidence.manifest import Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Purse, Specimen, Whole
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.ports.engine import Jailed

Make = Callable[[], Jailed]
LONGEST_EVIDENCE: Final = 2000
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_KIND: Final = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*")
_HOSTILE: Final = (
    b"",
    b"\0",
    b"\xff" * 4096,
    b"PK\x03\x04" + b"\0" * 64,
    b"%PDF-1.7\n1 0 obj\n<<" * 50,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x41" * 1024,
    b"<html><a href=" * 500,
    b"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
    "\u202eexe.txt \ud83d".encode("utf-8", "surrogatepass"),
)
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove", "open")
"""Beginnings of what Python's audit events call the ways out. In the jail they fail, and the engine dies of it."""


class Broken(AssertionError):
    """A law that an engine does not keep; the sentence says which, and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A content that the author gives; for an engine of Scope.MESSAGE, a whole message."""

    content: bytes
    type: FileType = field(
        default_factory=lambda: FileType(family=Family.OTHER, name="bin", media="application/octet-stream")
    )
    name: str = ""
    kinds: frozenset[str] = frozenset()
    """Kinds of finding that have to be among what it says."""


def introduces_itself(make: Make, samples: Sequence[Sample]) -> None:
    """Its manifest is whole, and the same each time: it is read outside of the jail, before anything runs."""
    manifest = make().manifest
    if manifest != make().manifest:
        raise Broken("two engines of it introduce themselves differently")
    if not _NAME.fullmatch(manifest.name):
        raise Broken(f"its name {manifest.name!r} is no word in small letters")
    if not manifest.version:
        raise Broken("it has no version, by which remembered verdicts would be told apart")
    if manifest.where is not Where.JAILED:
        raise Broken(f"it works {manifest.where.value}, and these are the laws of the jail")
    if manifest.largest <= 0 or manifest.seconds <= 0:
        raise Broken("it allows itself no octets or no time")
    for kind, sentence in manifest.kinds.items():
        if not _KIND.fullmatch(kind) or not sentence.strip():
            raise Broken(f"the kind {kind!r} is no dotted word, or has no sentence for the documentation")


def finds_what_it_should(make: Make, samples: Sequence[Sample]) -> None:
    """The author's samples come to what he says of them."""
    for number, sample in enumerate(samples):
        said = {one.kind for one in _seen(make(), sample) if isinstance(one, Finding)}
        if not sample.kinds <= said:
            raise Broken(f"sample {number} should have {sorted(sample.kinds - said)}, and has {sorted(said)}")


def says_only_what_it_declares(make: Make, samples: Sequence[Sample]) -> None:
    """Findings are its own, of declared kinds, about the part that it was shown, with a sentence on one line."""
    engine = make()
    manifest = engine.manifest
    for sample in _all(samples):
        part = _specimen(engine, sample).part
        for one in _seen(engine, sample):
            match one:
                case Finding():
                    if one.engine != manifest.name or one.part != part:
                        raise Broken(f"{one.kind} is said by {one.engine} of part {one.part}, and not by it of {part}")
                    if one.kind not in manifest.kinds:
                        raise Broken(f"its manifest does not declare the kind {one.kind}")
                    if not one.evidence.isprintable() or not 0 < len(one.evidence) <= LONGEST_EVIDENCE:
                        raise Broken(f"the evidence of {one.kind} is no line that people can read: {one.evidence!r}")
                case Link() | Fact():
                    if one.part != part:
                        raise Broken(f"it saw something in part {one.part}, and was shown {part}")
                case Child():
                    if not one.provenance.isidentifier() and not _NAME.fullmatch(one.provenance):
                        raise Broken(f"a child comes out of {one.provenance!r}, which is no word")


def breaks_on_nothing(make: Make, samples: Sequence[Sample]) -> None:
    """Whatever it is shown, it either looks or says with Unfinished why it could not."""
    engine = make()
    for sample in _all(samples):
        for cut in (len(sample.content), len(sample.content) // 2):
            shown = Sample(content=sample.content[:cut], type=sample.type, name=sample.name)
            try:
                list(engine.look(_specimen(engine, shown)))
            except Unfinished as fault:
                if not isinstance(fault.why, Why):
                    raise Broken(f"it could not look because of {fault.why!r}, which is no reason") from fault
            except Exception as fault:
                raise Broken(f"it broke on {shown.content[:40]!r}: {type(fault).__name__}: {fault}") from fault


def says_the_same_again(make: Make, samples: Sequence[Sample]) -> None:
    """It keeps nothing of what it saw: the same content comes to the same, whatever came before it."""
    used = make()
    shown = list(_all(samples))
    for sample in shown:
        list(_seen(used, sample))
    for sample in shown:
        if list(_seen(used, sample)) != list(_seen(make(), sample)):
            raise Broken(f"what it says of {sample.content[:40]!r} hangs on what it saw before")


def stays_inside(make: Make, samples: Sequence[Sample]) -> None:
    """It starts no thread before the jail forks, keeps no descriptor open, and asks nothing of the system: what it
    needs is loaded when it is made and has looked once, as the jail has it look before mail comes.
    """
    threads, descriptors = threading.active_count(), _descriptors()
    engine = make()
    for sample in _all(samples):
        list(_seen(engine, sample))
    if threading.active_count() != threads:
        raise Broken("it left a thread running")
    if _descriptors() - descriptors:
        raise Broken("it left a file or a connection open")
    with _Watch() as watch:
        for sample in _all(samples):
            list(_seen(engine, sample))
    if watch.seen:
        raise Broken(f"it reached out of the jail while it looked: {', '.join(sorted(watch.seen))}")


LAWS: Final[tuple[Callable[[Make, Sequence[Sample]], None], ...]] = (
    introduces_itself,
    finds_what_it_should,
    says_only_what_it_declares,
    breaks_on_nothing,
    says_the_same_again,
    stays_inside,
)
"""All of them."""


class _Watch:
    """Notes what Python tells its auditors. A hook cannot be taken out again, so there is one, which mostly sleeps."""

    _awake: "_Watch | None" = None
    _hooked = False

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __enter__(self) -> "_Watch":
        if not _Watch._hooked:
            sys.addaudithook(_Watch._told)
            _Watch._hooked = True
        _Watch._awake = self
        return self

    def __exit__(self, *_: object) -> None:
        _Watch._awake = None

    @staticmethod
    def _told(event: str, arguments: tuple[Any, ...]) -> None:
        watch = _Watch._awake
        if watch is not None and event.startswith(_FORBIDDEN):
            watch.seen.add(f"{event} {arguments[0]!r}" if arguments else event)


def _all(samples: Sequence[Sample]) -> Iterator[Sample]:
    yield from samples
    types = [sample.type for sample in samples[:1]] or [Sample(content=b"").type]
    for content in _HOSTILE:
        for type_ in types:
            yield Sample(content=content, type=type_, name="invoice.pdf.exe")


def _seen(engine: Jailed, sample: Sample) -> Iterator[Sighting]:
    try:
        yield from engine.look(_specimen(engine, sample))
    except Unfinished as fault:
        yield from fault.findings


def _specimen(engine: Jailed, sample: Sample) -> Specimen:
    whole = engine.manifest.scope is Scope.MESSAGE
    message = sample.content if whole else b"Subject: a\r\n\r\nb\r\n"
    return Specimen(
        part=PartPath("1" if whole else "1.2"),
        content=sample.content,
        type=sample.type,
        untrusted_names=(sample.name,) if sample.name else (),
        declared=(),
        charsets=(),
        provenance="mime",
        whole=Whole(anatomy=parse(message), subject="a"),
        purse=Purse(octets=1 << 20, files=100, depth=4),
    )


def _descriptors() -> frozenset[str]:
    return frozenset(one.name for one in Path("/proc/self/fd").iterdir())

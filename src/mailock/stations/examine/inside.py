"""The half of examine that opens dangerous bytes. It runs in the jail, once a message, and says what it sees in frames.

A message is taken apart (`core.mime`), each content of each part is identified, and the engines that want it look at
it. What they unpack is looked into at once, depth first, before the engine goes on unpacking: so only one chain of
contents is in memory. Before an engine begins the door is told, so that those outside know over what we died.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mailock.core.evidence.examination import Contradiction
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Child, Fact, FactKind, Finding, Link
from mailock.core.evidence.manifest import Manifest, Scope
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked, Report, Unfinished, Why
from mailock.core.evidence.specimen import Purse, Specimen, Whole
from mailock.core.evidence.wording import spot
from mailock.core.mime.defects import Defect
from mailock.core.mime.headers import first
from mailock.core.mime.parse import parse
from mailock.core.mime.part import Anatomy, Part, PartPath
from mailock.core.mime.words import decode
from mailock.ports.engine import Identifier, Jailed
from mailock.stations.examine.said import Said
from mailock.stations.examine.wire import Began, Exposed, Finished, Order, Searched, read_order
from mailock.stations.examine.words import words_of

FINDINGS_A_REPORT: Final = 500
LINKS: Final = 20_000
ROOT: Final = PartPath("1")
MESSAGE: Final = FileType(family=Family.MESSAGE, name="eml", media="message/rfc822")
ENVELOPES: Final = frozenset({"eml", "mht"})
"""Types of files that are messages (RFC 5322), and are taken apart as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Something to look at: a reading of a part, or a child."""

    path: PartPath
    octets: bytes
    type: FileType
    untrusted_names: tuple[str, ...]
    declared: tuple[str, ...]
    charsets: tuple[str, ...]
    provenance: str
    divided: bool
    """Whether the parts in it are looked at by themselves."""
    ancestors: tuple[FileType, ...] = field(default=())


def examine(
    octets: bytes,
    order_octets: bytes,
    *,
    engines: Mapping[str, Jailed],
    identifier: Identifier,
    emit: Callable[[bytes], None],
    expose: Callable[[bytes], int] | None,
) -> None:
    """Looks at a message and says what it sees. `expose` writes a content to the output and returns where it stands."""
    order = read_order(order_octets)
    chosen = [engines[name] for name in order.engines]
    _Examining(octets, order, chosen, identifier, Said(emit), expose).run()


class _Examining:
    """One message."""

    def __init__(
        self,
        octets: bytes,
        order: Order,
        engines: Sequence[Jailed],
        identifier: Identifier,
        said: Said,
        expose: Callable[[bytes], int] | None,
    ) -> None:
        self._octets = octets
        self._order = order
        self._engines = [engine for engine in engines if engine.manifest.scope is Scope.PART]
        self._of_messages = [engine for engine in engines if engine.manifest.scope is Scope.MESSAGE]
        self._identifier = identifier
        self._said = said
        self._expose = expose
        self._exhibited = frozenset(Family(value) for value in order.exhibit)
        self._exposed: set[bytes] = set()
        self._links = 0
        self._purse = Purse(octets=order.octets, files=order.files, depth=order.depth, ratio=order.ratio)
        self._ordinals: dict[PartPath, int] = {}

    def run(self) -> None:
        began = time.perf_counter()
        anatomy = parse(self._octets)
        self._search(anatomy)
        self._whole(anatomy)
        self._said.say(Finished(milliseconds=_since(began)))
        self._said.flush()

    def _search(self, anatomy: Anatomy) -> None:
        if self._order.sought:
            seen, whole = spot(anatomy, self._order.sought)
            self._said.say(Searched(seen=tuple(seen), whole=whole))

    def _whole(self, anatomy: Anatomy) -> None:
        contents = self._read(anatomy, ROOT, None, ())
        subject = first(anatomy.raw_header(anatomy.root), b"subject") or b""
        words = words_of(anatomy, subject, [content.type.family for content in contents], self._order.words)
        words = (*self._order.given, *words)
        whole = Whole(anatomy=anatomy, subject=decode(subject), words=words)
        root = Content(
            path=ROOT,
            octets=self._octets,
            type=MESSAGE,
            untrusted_names=(),
            declared=("message/rfc822",),
            charsets=(),
            provenance="message",
            divided=True,
        )
        for engine in self._of_messages:
            self._look(engine, [root], whole)
        self._look_at_all(contents, whole)

    def _read(
        self, anatomy: Anatomy, root: PartPath, container: PartPath | None, ancestors: tuple[FileType, ...]
    ) -> list[Content]:
        """Says what the parts of a message are, and gives their contents. The message stands at `root`."""
        found: list[Content] = []
        divided = frozenset(part.parent for part in anatomy.parts)
        for part in anatomy.parts:
            readings = [
                self._content(root, part, reading.content, ancestors, divided)
                for reading in part.readings
                if reading.content
            ]
            parent = container if part.parent is None else _under(root, part.parent)
            self._said.say(_file(anatomy, part, _under(root, part.path), parent, readings))
            for defect in sorted(part.defects):
                self._said.say(Contradiction(part=_under(root, part.path), defect=defect))
            found += readings
        of_parts = frozenset(defect for part in anatomy.parts for defect in part.defects)
        for defect in sorted(anatomy.defects - of_parts):
            self._said.say(Contradiction(part=root, defect=defect))
        return found

    def _content(
        self,
        root: PartPath,
        part: Part,
        octets: bytes,
        ancestors: tuple[FileType, ...],
        divided: frozenset[PartPath | None],
    ) -> Content:
        names = part.untrusted_names
        return Content(
            path=_under(root, part.path),
            octets=octets,
            type=self._identifier.identify(octets, names, part.types),
            untrusted_names=names,
            declared=part.types,
            charsets=part.charsets,
            provenance=part.provenance.value,
            divided=part.path in divided,
            ancestors=ancestors,
        )

    def _look_at_all(self, contents: Sequence[Content], whole: Whole) -> None:
        """Has every engine look that wants one of a part's readings, at all of those that it wants."""
        together: dict[PartPath, list[Content]] = {}
        for content in contents:
            together.setdefault(content.path, []).append(content)
        for readings in together.values():
            self._show(readings)
            self._tell_digests(readings)
            for engine in self._engines:
                wanted = [content for content in readings if content.type.family in engine.manifest.families]
                if wanted:
                    self._look(engine, wanted, whole)
            for content in readings:
                if content.type.name in ENVELOPES and not content.divided:
                    self._open_message(content, whole)

    def _look(self, engine: Jailed, contents: Sequence[Content], whole: Whole) -> None:
        """Has an engine look at the readings of one part, and reports on it once."""
        manifest, path = engine.manifest, contents[0].path
        self._said.say(Began(engine=manifest.name, part=path))
        self._said.flush()
        began = time.perf_counter()
        findings: list[Finding] = []
        why: Why | None = None
        detail = ""
        for content in contents:
            if len(content.octets) > manifest.largest:
                why, detail = Why.TOO_LARGE, f"{len(content.octets)} octets, and it takes {manifest.largest}"
                continue
            try:
                for sighting in self._sightings(engine, content, whole):
                    if len(findings) < FINDINGS_A_REPORT:
                        findings.append(sighting)
            except Unfinished as unfinished:
                why, detail = unfinished.why, unfinished.detail
            except MemoryError:
                why, detail = Why.TOO_COSTLY, "it needed more memory than one message may take"
            except Exception as fault:
                why, detail = Why.DIED, f"{type(fault).__name__}: {fault}"[:300]
        spent = _since(began)
        self._said.say(_report(manifest, path, spent, tuple(findings), why, detail))

    def _sightings(self, engine: Jailed, content: Content, whole: Whole) -> Iterator[Finding]:
        """What an engine finds in one content; links, facts and children are dealt with on the way."""
        specimen = Specimen(
            part=content.path,
            content=content.octets,
            type=content.type,
            untrusted_names=content.untrusted_names,
            declared=content.declared,
            charsets=content.charsets,
            provenance=content.provenance,
            whole=whole,
            purse=self._purse,
            ancestors=content.ancestors,
        )
        for sighting in engine.look(specimen):
            match sighting:
                case Finding():
                    yield sighting
                case Link() | Fact():
                    self._links += 1
                    if self._links <= LINKS:
                        self._said.say(sighting)
                    elif self._links == LINKS + 1:
                        raise Unfinished(Why.TOO_MANY, f"more than {LINKS} links and facts in one message")
                case Child():
                    self._descend(sighting, content, whole)

    def _descend(self, child: Child, parent: Content, whole: Whole) -> None:
        """Looks into what was unpacked. Raises Unfinished where the purse has nothing left for it."""
        purse = self._purse
        if len(parent.ancestors) >= purse.depth:
            raise Unfinished(Why.TOO_DEEP, f"more than {purse.depth} containers within each other")
        if purse.files <= 0:
            raise Unfinished(Why.TOO_MANY, "more packed files than one message may have")
        if purse.octets < len(child.content):
            raise Unfinished(Why.TOO_COSTLY, "it unpacks to more octets than one message may have")
        purse.files -= 1
        purse.octets -= len(child.content)
        path = self._name(parent.path, child.provenance)
        names = (child.untrusted_name,) if child.untrusted_name else ()
        content = Content(
            path=path,
            octets=child.content,
            type=self._identifier.identify(child.content, names, ()),
            untrusted_names=names,
            declared=(),
            charsets=(),
            provenance=child.provenance,
            divided=False,
            ancestors=(*parent.ancestors, parent.type),
        )
        self._said.say(_unpacked(content, parent.path, encrypted=child.encrypted))
        self._look_at_all([content], whole)

    def _open_message(self, content: Content, whole: Whole) -> None:
        """Takes apart a message that is a file in this one: attached as one, or unpacked."""
        anatomy = parse(content.octets)
        self._purse.files -= len(anatomy.parts)
        if self._purse.files <= 0 or len(content.ancestors) >= self._purse.depth:
            self._said.say(Contradiction(part=content.path, defect=Defect.TOO_DEEP))
            return
        root = self._name(content.path, "rfc822")
        inner = self._read(anatomy, root, content.path, (*content.ancestors, content.type))
        self._look_at_all(inner, whole)

    def _name(self, parent: PartPath, provenance: str) -> PartPath:
        ordinal = self._ordinals[parent] = self._ordinals.get(parent, 0) + 1
        return PartPath(f"{parent}/{provenance}:{ordinal}")

    def _tell_digests(self, readings: Sequence[Content]) -> None:
        for name in self._order.digests:
            for content in readings:
                digest = hashlib.new(name, content.octets, usedforsecurity=False).hexdigest()
                self._said.say(Fact(part=content.path, kind=FactKind(name), untrusted_value=digest))

    def _show(self, readings: Sequence[Content]) -> None:
        """Puts contents out for external scanners, each only once."""
        if self._expose is None:
            return
        for content in readings:
            digest = hashlib.sha256(content.octets).digest()
            if content.type.family not in self._exhibited or digest in self._exposed:
                continue
            self._exposed.add(digest)
            self._said.say(
                Exposed(
                    part=content.path,
                    start=self._expose(content.octets),
                    size=len(content.octets),
                    sha256=digest.hex(),
                    untrusted_name=content.untrusted_names[0] if content.untrusted_names else "",
                )
            )


def _under(root: PartPath, path: PartPath) -> PartPath:
    """A path within a message that is itself a part: its `1` is that part."""
    return path if root == ROOT else PartPath(root + path[1:])


def _file(anatomy: Anatomy, part: Part, path: PartPath, parent: PartPath | None, readings: Sequence[Content]) -> File:
    types: dict[FileType, None] = dict.fromkeys(content.type for content in readings)
    return File(
        path=path,
        parent=parent,
        provenance=part.provenance.value,
        alternate=part.alternate,
        looked_into=bool(readings),
        types=tuple(types),
        declared=part.types,
        untrusted_names=part.untrusted_names,
        disposition=part.dispositions[0] if part.dispositions else "",
        content_id=(first(anatomy.raw_header(part), b"content-id") or b"").decode("ascii", "replace")[:200],
        size=len(readings[0].octets) if readings else 0,
        sha256=tuple(dict.fromkeys(hashlib.sha256(content.octets).hexdigest() for content in readings)),
        defects=part.defects,
    )


def _report(
    manifest: Manifest, path: PartPath, spent: float, findings: tuple[Finding, ...], why: Why | None, detail: str
) -> Report:
    name, version = manifest.name, manifest.version
    if why is None:
        return Looked(engine=name, version=version, part=path, milliseconds=spent, findings=findings)
    return Incomplete(
        engine=name, version=version, part=path, milliseconds=spent, findings=findings, why=why, detail=detail
    )


def _unpacked(content: Content, parent: PartPath, *, encrypted: bool) -> File:
    return File(
        path=content.path,
        parent=parent,
        provenance=content.provenance,
        alternate=False,
        looked_into=bool(content.octets),
        types=(content.type,),
        declared=(),
        untrusted_names=content.untrusted_names,
        disposition="",
        content_id="",
        size=len(content.octets),
        sha256=(hashlib.sha256(content.octets).hexdigest(),),
        encrypted=encrypted,
    )


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)

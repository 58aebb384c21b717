"""What the dictionaries of a PDF do: actions, forms, media, packed files. One node in, sightings out."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pikepdf

from mailock.core.evidence.finding import Child, Confidence, Severity, Shown, Sighting
from mailock.core.evidence.links.gathering import Gathering
from mailock.core.evidence.links.target import target
from mailock.core.evidence.links.written import Site, written
from mailock.core.evidence.quoting import quoted
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Purse
from mailock.engines.pdf.script import judged
from mailock.engines.pdf.walk import Node, content, name, text

_SHELL: Final = re.compile(
    r"cmd|powershell|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|\.exe|\.js|\.vbs|\.hta", re.I
)
_MEDIA: Final = frozenset({"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/U3D", "/PRC"})
_MOST_SCRIPT: Final = 2 << 20
_MOST_SCRIPTS: Final = 200
MOST_FILES: Final = 500


class Actions:
    """Collects what the nodes of one document do. Files are kept for the end: what is found comes first."""

    __slots__ = ("_gathering", "_octets", "_site", "_streams", "cut", "files", "forced", "links", "names", "scripts")

    def __init__(self, gathering: Gathering, purse: Purse, site: Site) -> None:
        self._gathering = gathering
        self._octets = max(0, purse.octets)
        self._site = site
        self._streams: set[tuple[int, int]] = set()
        self.names: set[str] = set()
        """Names of actions that were met."""
        self.files: list[Child] = []
        self.links = 0
        self.scripts = 0
        self.forced = False
        """Whether something happens by itself."""
        self.cut: Unfinished | None = None

    def see(self, node: Node) -> Iterator[Sighting]:
        """What one dictionary does."""
        value, keys = node.value, node.keys
        where = f"object {node.number}" if node.number else "the trailer"
        if "/S" in keys or "/JS" in keys:
            yield from self._action(value, keys, where)
        if "/URI" in keys and "/S" not in keys:
            yield from self._link(text(value.get("/URI")), "/URI")
        for key in ("/OpenAction", "/AA"):
            if key in keys:
                yield from self._by_itself(value.get(key), key, where)
        if "/Subtype" in keys and (kind := name(value.get("/Subtype"))) in _MEDIA:
            self.names.add(kind)
            severity = Severity.SUSPICIOUS if kind in ("/RichMedia", "/3D", "/U3D", "/PRC") else Severity.NOTE
            yield from self._gathering.finding(
                "pdf.media", severity, Confidence.LOW, f"The document has media ({kind[1:]}, {where})."
            )
        if "/XFA" in keys:
            self.names.add("/XFA")
            yield from self._form_of_xml(value.get("/XFA"), where)
        if "/EF" in keys:
            self.names.add("/EmbeddedFile")
            yield from self._packed(value, where)
        elif "/F" in keys and name(value.get("/FS")) == "/URL":
            yield from self._link(text(value.get("/F")), "/F")
        if isinstance(value, pikepdf.Stream) and "/Filter" in keys:
            yield from self._stream(value, where)

    def _action(self, value: Any, keys: frozenset[str], where: str) -> Iterator[Sighting]:
        kind = name(value.get("/S"))
        if "/JS" in keys or kind == "/JavaScript":
            self.names.update(("/JavaScript", "/JS"))
            yield from self._script(value.get("/JS"), where)
        match kind:
            case "/URI":
                yield from self._link(text(value.get("/URI")), kind)
            case "/Launch":
                yield from self._launch(value, where)
            case "/SubmitForm":
                self.names.add(kind)
                to = file_name(value.get("/F"))
                says = f"A form sends what is typed to {quoted(to, 120) or 'nowhere'} ({where})."
                severity = Severity.SUSPICIOUS if target(to) is not None else Severity.NOTE
                yield from self._gathering.finding("pdf.submit", severity, Confidence.LOW, says)
                yield from self._link(to, kind)
            case "/GoToR" | "/GoToE" | "/Thread":
                self.names.add(kind)
                to = file_name(value.get("/F"))
                share = to.startswith(("\\\\", "//"))
                severity = Severity.SUSPICIOUS if share or target(to) is not None or kind == "/GoToE" else Severity.NOTE
                sure = Confidence.MEDIUM if share else Confidence.LOW
                says = f"The document opens another one, {quoted(to, 120) or 'packed in it'} ({kind[1:]}, {where})."
                yield from self._gathering.finding("pdf.remote", severity, sure, says)
                yield from self._link(to, kind)
            case "/ImportData":
                self.names.add(kind)
                says = f"The document reads data from {quoted(file_name(value.get('/F')), 120)} ({where})."
                yield from self._gathering.finding("pdf.import", Severity.SUSPICIOUS, Confidence.LOW, says)
            case "/Rendition" | "/Movie" | "/Sound" | "/RichMediaExecute":
                says = f"The document plays media ({kind[1:]}, {where})."
                yield from self._gathering.finding("pdf.media", Severity.NOTE, Confidence.LOW, says)
            case _:
                pass  # a place to go to, a layer to show: nothing that acts

    def _link(self, untrusted: str, key: str) -> Iterator[Sighting]:
        if not untrusted.strip():
            return
        self.names.add(key)
        url = "http://" + untrusted if untrusted[:4].lower() == "www." else untrusted
        if target(url) is not None:
            self.links += 1
            yield from self._gathering.add(untrusted, Shown.INSIDE, untrusted_url=url if url != untrusted else "")

    def _launch(self, value: Any, where: str) -> Iterator[Sighting]:
        self.names.add("/Launch")
        windows = value.get("/Win")
        line = file_name(value.get("/F"))
        if isinstance(windows, pikepdf.Dictionary):
            line = " ".join(filter(None, (line, text(windows.get("/F")), text(windows.get("/P")))))
        bad = _SHELL.search(line) is not None
        severity = Severity.MALICIOUS if bad else Severity.SUSPICIOUS
        says = f"The document starts {quoted(line, 160) or 'a program'} ({where})."
        yield from self._gathering.finding("pdf.launch", severity, Confidence.HIGH if bad else Confidence.MEDIUM, says)
        yield from self._link(line, "/Launch")

    def _by_itself(self, value: Any, key: str, where: str) -> Iterator[Sighting]:
        kinds = _kinds_of(value)
        if not kinds:
            return  # a place to go to, which is nothing that acts
        self.names.add(key)
        self.forced = True
        loud = kinds & {"/JavaScript", "/Launch", "/URI", "/SubmitForm", "/GoToR", "/GoToE", "/ImportData"}
        if loud:
            what = ", ".join(sorted(kind[1:] for kind in loud))
            says = f"Opening the document or a page sets off {what} ({where})."
            yield from self._gathering.finding("pdf.auto_action", Severity.SUSPICIOUS, Confidence.LOW, says)

    def _script(self, value: Any, where: str) -> Iterator[Sighting]:
        self.scripts += 1
        if self.scripts > _MOST_SCRIPTS:
            return
        if isinstance(value, pikepdf.Stream) and not self._fresh(value):
            return
        try:
            source = content(value, _MOST_SCRIPT).decode("utf-8", "replace").replace("\0", "")
        except Unfinished as unfinished:
            self.cut = unfinished
            source = ""
        kind, severity, sure, says = judged(source)
        yield from self._gathering.finding(kind, severity, sure, f"{says} ({where}).")
        for found in written(source, self._site):
            if "//" in found.untrusted_raw:
                yield from self._gathering.add(found.untrusted_raw, Shown.INSIDE, untrusted_url=found.untrusted_url)
        if len(source) > 20:
            self.files.append(
                Child(provenance="pdf", content=source.encode("utf-8", "replace"), untrusted_name="script.js")
            )

    def _form_of_xml(self, value: Any, where: str) -> Iterator[Sighting]:
        pieces = list(value)[1::2] if isinstance(value, pikepdf.Array) else [value]
        whole = b""
        for piece in pieces[:100]:
            if isinstance(piece, pikepdf.Stream):
                try:
                    whole += content(piece, self._octets)
                except Unfinished as unfinished:
                    self.cut = unfinished
            if len(whole) > self._octets:
                break
        scripted = b"<script" in whole.lower() or b"application/x-javascript" in whole
        severity = Severity.SUSPICIOUS if scripted else Severity.NOTE
        says = f"There is an XFA form{' with script' if scripted else ''} ({where})."
        yield from self._gathering.finding("pdf.xfa", severity, Confidence.LOW, says)
        if whole:
            self.files.append(Child(provenance="pdf", content=whole, untrusted_name="form.xml"))

    def _packed(self, value: Any, where: str) -> Iterator[Sighting]:
        untrusted_name = text(value.get("/UF")) or text(value.get("/F"))
        streams = value.get("/EF")
        if not isinstance(streams, pikepdf.Dictionary):
            return
        says = f"The file {quoted(untrusted_name) or 'without a name'} is packed in the document ({where})."
        yield from self._gathering.finding("pdf.embedded", Severity.NOTE, Confidence.HIGH, says)
        for key in streams.keys():  # noqa: SIM118  a PDF dictionary iterates otherwise than Python's
            stream = streams.get(key)
            if isinstance(stream, pikepdf.Stream) and self._fresh(stream):
                self._unpack(stream, untrusted_name)

    def _unpack(self, stream: pikepdf.Stream, untrusted_name: str) -> None:
        if len(self.files) >= MOST_FILES:
            self.cut = Unfinished(Why.TOO_MANY, f"More than {MOST_FILES} files are packed in the document.")
            return
        left = self._octets - sum(len(file.content) for file in self.files)
        try:
            found = content(stream, max(0, left))
        except Unfinished as unfinished:
            self.cut = unfinished
            return
        self.files.append(Child(provenance="pdf", content=found, untrusted_name=untrusted_name[:255]))

    def _stream(self, value: pikepdf.Stream, where: str) -> Iterator[Sighting]:
        filters = value.get("/Filter")
        names = [name(item) for item in filters] if isinstance(filters, pikepdf.Array) else [name(filters)]
        if len(names) > 6:
            says = f"A stream is packed {len(names)} times ({where})."
            yield from self._gathering.finding("pdf.exploit", Severity.SUSPICIOUS, Confidence.LOW, says)
        if name(value.get("/Type")) == "/EmbeddedFile" and self._fresh(value):
            # A packed file that no file specification names is still there for a script.
            self.names.add("/EmbeddedFile")
            self._unpack(value, "")

    def _fresh(self, stream: pikepdf.Stream) -> bool:
        key = stream.objgen
        if key == (0, 0):
            return True
        fresh = key not in self._streams
        self._streams.add(key)
        return fresh


def _kinds_of(value: Any) -> frozenset[str]:
    """The kinds of actions that an entry holds: of OpenAction, or of a dictionary of events."""
    if not isinstance(value, pikepdf.Dictionary):
        return frozenset()
    held = [value, *(value.get(key) for key in value.keys())]  # noqa: SIM118  a PDF dictionary iterates otherwise
    found = {name(item.get("/S")) for item in held if isinstance(item, pikepdf.Dictionary)}
    return frozenset(found - {"", "/GoTo", "/Named"})


def file_name(value: Any) -> str:
    """The name or URL of a file specification: a string, or a dictionary."""
    if isinstance(value, pikepdf.Dictionary):
        return text(value.get("/UF")) or text(value.get("/F")) or text(value.get("/DOS")) or text(value.get("/Unix"))
    return text(value)

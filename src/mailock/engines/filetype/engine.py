"""The engine `filetype`: says what is dangerous about what a file is, and about how its name misleads people.

It has no opinion on documents, pictures and archives that are what they say; what is in them others find.
"""

from collections.abc import Iterator
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Child, Confidence, Finding, Severity, Sighting
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.specimen import Specimen
from mailock.core.mail.shown import cleaned
from mailock.engines.filetype import polyglots
from mailock.engines.filetype.kinds import DOCUMENTS, RUN, family
from mailock.engines.filetype.mismatch import name_fits
from mailock.engines.filetype.naming import Name, taken_apart

MANIFEST: Final = Manifest(
    name="filetype",
    version="1",
    where=Where.JAILED,
    scope=Scope.PART,
    duty=Duty.MALWARE,
    kinds={
        "dangerous.executable": "a program or an installer",
        "dangerous.script": "a script that a double click runs, or that an interpreter runs",
        "dangerous.shortcut": "a shortcut or another file that leads a system elsewhere",
        "dangerous.help": "a help file, which can run programs",
        "dangerous.flash": "a Flash film, which is a program",
        "dangerous.disk-image": "a disk image: what is in it loses the mark of the web",
        "dangerous.name": "an extension that a system runs, over a content that is something else",
        "mismatch.program": "a program, a script or a shortcut under the name of a document",
        "mismatch.double-extension": "what runs, named so that it looks like a document: `a.pdf.exe`",
        "mismatch.turned-name": "a name with marks that turn the direction of text (U+202E)",
        "mismatch.hidden-extension": "blanks or dots that keep an extension that runs out of sight",
        "mismatch.polyglot": "octets that are good for two types",
        "mismatch.type": "the name or the declared type contradicts the content, without danger by itself",
    },
    needs=frozenset({"name", "declared", "parent"}),
)

_SEVERITY: Final = {
    "exe": 1, "com": 2, "jse": 2, "vbe": 2, "settingcontent-ms": 2, "library-ms": 2, "search-ms": 2, "scf": 2,
    "appref-ms": 2, "py": 0, "sh": 0, "pl": 0, "rb": 0, "php": 0, "lua": 0, "tcl": 0, "inf": 0, "theme": 0, "class": 0,
    "pyc": 0, "wasm": 0, "url": 0, "desktop": 0, "webloc": 0, "slk": 0, "applescript": 0, "nso": 0,
}  # fmt: skip  # a line a type would be longer than the table is wide. What is not listed is MEDIUM
"""How sure it is, by type, that a thing of this kind has no business in mail: Confidence by its number."""
_INSTALLERS: Final = frozenset({"msi"})
_HELP: Final = frozenset({"chm", "hlp"})
_DISKS: Final = frozenset({"iso", "udf", "img", "vhd", "vhdx", "vmdk", "vdi", "qcow2", "wim", "squashfs", "cramfs"})
_NOT_FILES: Final = frozenset({"pdf", "html", "data-uri", "svg", "vba", "macro", "ooxml-part"})
"""Provenances of texts that were cut out of a document: its engine judges them, nobody can open them by a click."""
_PICTURES: Final = frozenset({Family.IMAGE, Family.MEDIA, Family.FONT})


class FileTypes:
    """What is dangerous about what a file is."""

    def __init__(self, settings: EngineSettings) -> None:
        del settings  # it has none

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return MANIFEST

    def look(self, specimen: Specimen) -> Iterator[Sighting]:
        """Findings by type and names; contents that only begin within the octets come out as children."""
        called = [(untrusted, taken_apart(untrusted)) for untrusted in specimen.untrusted_names if untrusted]
        yield from _by_type(specimen)
        for untrusted_name, name in called:
            yield from _by_name(specimen, untrusted_name, name)
        if specimen.type.polyglot:
            yield from _by_second_face(specimen)


def _finding(specimen: Specimen, kind: str, severity: Severity, confidence: Confidence, evidence: str) -> Finding:
    return Finding(
        engine=MANIFEST.name,
        kind=kind,
        severity=severity,
        confidence=confidence,
        part=specimen.part,
        evidence=evidence,
    )


def _shown(untrusted_name: str) -> str:
    return cleaned(untrusted_name if len(untrusted_name) <= 80 else untrusted_name[:38] + "…" + untrusted_name[-40:])


def _within_program(specimen: Specimen) -> bool:
    """Whether it is a piece of a program or an installer, which has its own finding."""
    return any(around.family is Family.EXECUTABLE or around.name in _INSTALLERS for around in specimen.ancestors)


def _by_type(specimen: Specimen) -> Iterator[Finding]:
    kind = specimen.type.name
    danger = _danger(specimen.type)
    if danger and not _within_program(specimen) and not (danger == "script" and specimen.provenance in _NOT_FILES):
        confidence = Confidence(_SEVERITY.get(kind, 1))
        what = f"{_article(danger)} ({kind}){_named(specimen)}{_inside(specimen)}"
        yield _finding(specimen, f"dangerous.{danger}", Severity.SUSPICIOUS, confidence, what)
    if specimen.type.untrusted_mismatch:
        sentence = cleaned(specimen.type.untrusted_mismatch)
        yield _finding(specimen, "mismatch.type", Severity.NOTE, Confidence.MEDIUM, sentence)


def _danger(type_: FileType) -> str:
    if type_.family is Family.EXECUTABLE or type_.name in _INSTALLERS:
        return "executable"
    if type_.family is Family.SCRIPT:
        return "script"
    if type_.family is Family.SHORTCUT:
        return "shortcut"
    if type_.name in _HELP:
        return "help"
    if type_.name == "swf":
        return "flash"
    return "disk-image" if type_.name in _DISKS else ""


def _article(danger: str) -> str:
    return {
        "executable": "a program",
        "script": "a script",
        "shortcut": "a shortcut",
        "help": "a help file that can run programs",
        "flash": "a Flash film",
        "disk-image": "a disk image",
    }[danger]


def _named(specimen: Specimen) -> str:
    return f" named {_shown(specimen.untrusted_names[0])!r}" if specimen.untrusted_names else ""


def _inside(specimen: Specimen) -> str:
    return f" inside {specimen.ancestors[-1].name}" if specimen.ancestors else ""


def _by_name(specimen: Specimen, untrusted_name: str, name: Name) -> Iterator[Finding]:
    runs = name.extension in RUN or _danger(specimen.type) in ("executable", "script", "shortcut")
    shown = _shown(untrusted_name)
    if name.turned:
        sure = Confidence.HIGH if runs else Confidence.MEDIUM
        evidence = f"the name {shown!r} holds marks that turn the direction of text; it ends in .{name.extension}"
        yield _finding(specimen, "mismatch.turned-name", Severity.SUSPICIOUS, sure, evidence)
    if name.extension in RUN:
        yield from _by_running_name(specimen, shown, name)
    elif _disguised(specimen.type, name):
        evidence = (
            f"{shown!r} is named like a document and is {_article(_danger(specimen.type))} ({specimen.type.name})"
        )
        yield _finding(specimen, "mismatch.program", Severity.SUSPICIOUS, Confidence.HIGH, evidence)


def _disguised(type_: FileType, name: Name) -> bool:
    return (
        name.extension in DOCUMENTS
        and _danger(type_) in ("executable", "script", "shortcut")
        and not name_fits(type_.name, name.extension)
    )


def _by_running_name(specimen: Specimen, shown: str, name: Name) -> Iterator[Finding]:
    mild = RUN[name.extension] == "script" and _SEVERITY.get(name.extension) == 0
    if name.before in DOCUMENTS and name.before != name.extension:
        evidence = f"{shown!r} looks like a {name.before} file and is run as .{name.extension}"
        sure = Confidence.LOW if mild else Confidence.HIGH
        yield _finding(specimen, "mismatch.double-extension", Severity.SUSPICIOUS, sure, evidence)
    if name.padded or name.trailing:
        evidence = f"the name {shown!r} keeps its extension .{name.extension} out of sight"
        yield _finding(specimen, "mismatch.hidden-extension", Severity.SUSPICIOUS, Confidence.HIGH, evidence)
    if not _danger(specimen.type) and specimen.type.family is not Family.EMPTY and not _within_program(specimen):
        evidence = f"{shown!r} would be run as {RUN[name.extension]}; its content is {specimen.type.name}"
        yield _finding(specimen, "dangerous.name", Severity.SUSPICIOUS, Confidence.LOW, evidence)


def _by_second_face(specimen: Specimen) -> Iterator[Sighting]:
    type_ = specimen.type
    for other in type_.polyglot:
        severity, confidence = _weight(type_, other)
        evidence = f"the same octets are {type_.name} and {other}"
        yield _finding(specimen, "mismatch.polyglot", severity, confidence, evidence)
    for other, at in polyglots.found(specimen.content, type_.name, family(type_.name)):
        size = len(specimen.content) - at
        if other in ("pdf", "hta") and at > 0 and specimen.purse.files > 0 and specimen.purse.octets >= size:
            yield Child(
                provenance="polyglot",
                content=specimen.content[at:],
                untrusted_name=f"{other}-within.{other}",
            )


def _weight(type_: FileType, other: str) -> tuple[Severity, Confidence]:
    if other in ("js", "hta"):
        return Severity.SUSPICIOUS, Confidence.LOW if type_.family is Family.EXECUTABLE else Confidence.HIGH
    if type_.family in _PICTURES or type_.family is Family.SHORTCUT:
        return Severity.SUSPICIOUS, Confidence.MEDIUM
    if type_.family is Family.EXECUTABLE:
        return Severity.NOTE, Confidence.HIGH
    return Severity.SUSPICIOUS, Confidence.LOW

"""The manifest of the Office engine: every kind of finding, with its sentence for the documentation."""

from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.links import gathering
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where

KINDS: Final = gathering.KINDS | {
    "office.macro": "Macros (VBA or Basic); more where they start by themselves, run programs or load from the Web.",
    "office.macro_hidden": "Macros whose source does not say what their compiled form does, or is missing (stomping).",
    "office.xlm": "Excel 4.0 macros; more where their sheet is hidden, they start by themselves or call programs.",
    "office.dde": "A field, formula or link that starts another program (DDE).",
    "office.remote_template": "A template that is loaded from elsewhere when the document is opened.",
    "office.remote": "Something that is loaded from elsewhere when the document is opened: a frame, a part, a picture.",
    "office.linked_object": "An object that lies elsewhere and is loaded from there.",
    "office.embedded": "Objects or files packed in the document.",
    "office.activex": "ActiveX controls.",
    "office.equation": "An Equation Editor object; that program is known for its holes and is gone from Office.",
    "office.exploit": "An object of the shape of a known attack on Office.",
    "office.auto_update": "An object that is loaded without a click.",
    "office.query": "Connections to databases or the Web.",
    "office.program": "A place in a presentation that starts a program or macro when it is clicked or touched.",
    "office.add_in": "A web add-in, or a ribbon that calls macros.",
    "office.event": "Macros bound to events of an OpenDocument file.",
    "office.alternative": "A part in another format that is taken into the document (altChunk).",
    "office.declares_entities": "A document type declaration, which Office never writes.",
    "office.encrypted": "The document has a password.",
    "office.obfuscated": "Written so that filters cannot read it.",
    "office.link": "The document leads to pages of the Web.",
}
MANIFEST: Final = Manifest(
    name="office",
    version="1",
    where=Where.JAILED,
    scope=Scope.PART,
    duty=Duty.MALWARE,
    families=frozenset({Family.OOXML, Family.ODF, Family.OLE, Family.RTF, Family.XML, Family.TEXT, Family.SCRIPT}),
    largest=128 << 20,
    seconds=30.0,
    kinds=KINDS,
    needs=frozenset({"name"}),
)

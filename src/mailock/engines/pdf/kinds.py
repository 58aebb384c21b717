"""The manifest of the PDF engine: every kind of finding, with its sentence for the documentation."""

from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.links import gathering
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where

KINDS: Final = gathering.KINDS | {
    "pdf.link": "The document leads to pages of the Web.",
    "pdf.javascript": "JavaScript in the document.",
    "pdf.exploit": "JavaScript or a stream of the shape of a known attack on readers.",
    "pdf.auto_action": "Something happens when the document or a page is opened.",
    "pdf.launch": "An action that starts a program or opens a file.",
    "pdf.submit": "A form that sends what is typed to a server.",
    "pdf.remote": "An action that opens another document, or one packed in this one.",
    "pdf.import": "An action that reads data from another file.",
    "pdf.embedded": "Files packed in the document.",
    "pdf.media": "Sound, film, three-dimensional or rich media, which readers play by other programs.",
    "pdf.xfa": "An XFA form, a program of its own in XML.",
    "pdf.hidden_name": "Names of actions written in hexadecimal, so that filters do not see them.",
    "pdf.disagreement": "Actions stand in the octets that are not in the document as it is read.",
    "pdf.revisions": "The document was changed after it was made, and the older states are still in it.",
    "pdf.appended": "Other content before or behind the document.",
    "pdf.encrypted": "The document is encrypted, with an empty password or one that was found.",
    "pdf.broken": "The document is broken, and was read as readers mend it.",
}
MANIFEST: Final = Manifest(
    name="pdf",
    version="1",
    where=Where.JAILED,
    scope=Scope.PART,
    duty=Duty.MALWARE,
    families=frozenset({Family.PDF}),
    largest=128 << 20,
    seconds=30.0,
    kinds=KINDS,
    needs=frozenset({"words"}),
)

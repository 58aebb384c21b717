"""The manifest of the HTML engine: every kind of finding, with its sentence for the documentation."""

from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.links import gathering
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where

KINDS: Final = gathering.KINDS | {
    "html.hidden_text": "Text that the reader does not see: no size, no colour of its own, not on the page.",
    "html.split_words": "Words with hidden pieces within them, so that filters read other words than people do.",
    "html.form": "A form that sends what is typed into it to a server.",
    "html.password_form": "A field for a password.",
    "html.script": "Script; mail programs do not run it, browsers that open an attachment do.",
    "html.redirect": "A page that leads elsewhere by itself.",
    "html.smuggling": "Script that builds a file on the reader's machine out of text (HTML smuggling).",
    "html.obfuscated": "Script that writes or runs what it decodes first.",
    "html.frame": "A frame, object or applet that loads something else into the page.",
    "html.activex": "An ActiveX control.",
    "html.utf7": "HTML that says it is UTF-7, which filters and clients read differently.",
    "html.entity": "XML entities declared within the page, which hide what it says.",
    "html.payload": "A file within the page, as text.",
}
MANIFEST: Final = Manifest(
    name="html",
    version="1",
    where=Where.JAILED,
    scope=Scope.PART,
    duty=Duty.MALWARE,
    families=frozenset({Family.HTML}),
    largest=16 << 20,
    seconds=20.0,
    kinds=KINDS,
    needs=frozenset({"name", "charset", "parent"}),
)

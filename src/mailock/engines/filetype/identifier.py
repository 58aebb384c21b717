"""Says what a file is: by signature and structure first, then by what its text begins with, then by its name.

A system chooses the program by the name,
and the program looks at the content in its own way. So a text under the name
of a script *is* that script, and what mshta,
cmd or a PDF reader would still find in bytes of another type is listed as
`polyglot`.
"""

from collections.abc import Sequence
from typing import Final

from mailock.core.evidence.filetype import Family, FileType
from mailock.engines.filetype import compound, magic, polyglots, texts, zips
from mailock.engines.filetype.kinds import FITTING, TYPES, family
from mailock.engines.filetype.mismatch import expected, sentence
from mailock.engines.filetype.naming import Name, taken_apart

_DECIDED_BY_NAME: Final = {
    extension: name
    for name, extensions in {
        "js": "js mjs cjs jsx", "jse": "jse", "vbs": "vbs vb", "vbe": "vbe", "ps1": "ps1 psm1 psd1",
        "bat": "bat cmd nt btm",
        "hta": "hta", "wsf": "wsf ws", "wsc": "wsc sct", "py": "py pyw", "sh": "sh bash zsh ksh csh command",
        "pl": "pl pm",
        "rb": "rb", "php": "php phtml", "reg": "reg", "iqy": "iqy oqy rqy dqy", "slk": "slk sylk",
        "inf": "inf ins isp",
        "au3": "au3", "ahk": "ahk", "msc": "msc", "jnlp": "jnlp", "application": "application appinstaller",
        "applescript": "applescript", "url": "url website", "desktop": "desktop", "webloc": "webloc", "scf": "scf",
        "settingcontent-ms": "settingcontent-ms", "library-ms": "library-ms searchconnector-ms",
        "search-ms": "search-ms",
        "rdp": "rdp", "theme": "theme deskthemepack", "html": "html htm xhtml xht shtml", "svg": "svg",
        "csv": "csv tsv",
        "ics": "ics ifb vcs", "vcf": "vcf vcard", "lua": "lua", "tcl": "tcl",
    }.items()
    for extension in extensions.split()
}  # fmt: skip  # a line a type would be twice as long
"""What a text is under an extension, whatever it holds: the program that the name chooses makes that of it."""
_RUNS_ANYTHING: Final = frozenset({
    "bat", "cmd", "nt", "btm", "js", "jse", "vbs", "vbe", "wsf", "hta", "ps1", "com",
})  # fmt: skip  # packed: a word a line would be longer than it is worth
"""Extensions whose programs do not mind octets that are no text."""
_MAIL_NAMES: Final = frozenset(("eml", "mht", "mhtml", "nws", "email", "mbox", "msg", ""))


class Types:
    """The built-in Identifier."""

    def identify(self, content: bytes, names: Sequence[str], declared: Sequence[str]) -> FileType:
        """The type of a content,
        after its names and its declared media types where octets do not say. Never raises."""
        called = [taken_apart(name) for name in names[:8] if name]
        kind = by_octets(content, called)
        if not kind:
            text = texts.as_text(content)
            kind = _of_text(text, called, declared) if text is not None else _of_octets(content, called)
        others = tuple(other for other, _ in polyglots.found(content, kind, family(kind)))
        if kind != "hta" and any(name.extension == "hta" for name in called):
            others = (*others, "hta")
        return FileType(
            family=family(kind),
            name=kind,
            media=TYPES[kind][1],
            untrusted_mismatch=sentence(kind, called, declared),
            polyglot=others,
        )


def by_octets(content: bytes, called: Sequence[Name] = ()) -> str:
    """The type by signature and structure; empty for texts and for what has neither."""
    kind = magic.by_magic(content)
    match kind:
        case "zip":
            return zips.kind(content)
        case "ole":
            return compound.kind(content)
        case "vbe" if any(name.extension in ("jse", "js") for name in called):
            return "jse"
        case "dll" if any(name.extension == "exe" for name in called):
            return "exe"
        case _:
            return kind


def _of_text(text: bytes, called: Sequence[Name], declared: Sequence[str]) -> str:
    begins = texts.begins(text)
    for name in called:
        chosen = _DECIDED_BY_NAME.get(name.extension)
        if chosen is not None and not (begins in ("pdf", "rtf") and chosen not in ("hta", "bat", "js")):
            return chosen
    stated = [expected(media) for media in declared]
    if not called and any(media.startswith("text/") for media in declared):
        return _of_body(begins, stated)
    if begins == "plist":
        begins = "xml"
    if begins and begins not in ("html", "json", "xml"):
        return begins
    if "html" in stated or begins == "html":
        return "html"
    if not called or any(_opens_mail(name.extension) for name in called):
        mail = texts.message(text)
        if mail:
            return mail
    if "eml" in stated:
        return "eml"
    if begins:
        return begins
    if any(name.extension in FITTING and "txt" in FITTING[name.extension] for name in called):
        return "txt"
    return texts.script(text) or next((name for name in stated if name and _textual(name)), "txt")


def _opens_mail(extension: str) -> bool:
    """Whether what begins like mail is read as mail under a name. Word and Excel do, where it is a page in one file."""
    return extension in _MAIL_NAMES or extension not in FITTING or "mht" in FITTING[extension]


def _of_body(begins: str, stated: Sequence[str]) -> str:
    """A text without a name is shown as what it is declared to be."""
    if begins in ("pdf", "rtf"):
        return begins
    for name in stated:
        if name in ("html", "ics", "vcf", "csv", "xml", "js"):
            return name
    return "txt"


def _textual(name: str) -> bool:
    return family(name) in (Family.TEXT, Family.HTML, Family.XML, Family.SCRIPT, Family.CALENDAR)


def _of_octets(content: bytes, called: Sequence[Name]) -> str:
    if content.startswith(b"#!"):
        # A script that unpacks its own end is no text, and is run all the same.
        return texts.begins(content[: texts.HEAD]) or "bin"
    for name in called:
        if name.extension in _RUNS_ANYTHING:
            return _DECIDED_BY_NAME.get(name.extension, "com")
    return "bin"

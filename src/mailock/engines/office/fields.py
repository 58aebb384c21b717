"""Field codes of Word and formulas of Excel: what reaches out of a document without any macro.

Source: ECMA-376 part 1, section 17.16 (fields); the DDE link of a formula, `server|'topic'!item`.
"""

import re
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.engines.office.findings import Document, quoted, remote

_DDE: Final = re.compile(r"(?<![\w])dde(?:auto)?(?![\w])\s*(?P<what>.{0,300})", re.IGNORECASE | re.DOTALL)
_PROGRAM: Final = re.compile(
    r"cmd|powershell|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|msiexec|\.exe|\\\\|https?:|/c\s",
    re.IGNORECASE,
)
_HYPERLINK: Final = re.compile(r"hyperlink\s+(?:\\[a-z]\s+)?\"?(?P<to>[^\"\s]{4,2048})", re.IGNORECASE)
_LOADS: Final = re.compile(
    r"(?<![a-z])(?P<what>includepicture|includetext|include|import|link|rd)\s+(?:[\w.]{1,40}\s+)?\"?(?P<to>(?:https?:|ftp:|file:|\\\\)[^\"\s]{4,2048})",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"quote((?:\s+\d{2,3}){3,200})", re.IGNORECASE)
_LINKED: Final = re.compile(
    r"^\s*[=+@-]?.{0,200}?(?P<server>[\w.\\:/%]{2,120})\|(?P<topic>'[^']{0,500}'|[^!,;\t]{0,500})!", re.DOTALL
)
_STRING: Final = re.compile(r"\"[^\"]*\"")
_CALLED: Final = re.compile(
    r"(?<![\w.])(?:webservice|filterxml|rtd|hyperlink)\s*\(\s*(?P<to>\"[^\"]{4,2048}\")?", re.IGNORECASE
)


def field(untrusted: str, document: Document, where: str) -> Iterator[Sighting]:
    """What one field of Word does."""
    code = unquoted(untrusted)
    if "dde" in code.lower() and (match := _DDE.search(code)) is not None:
        bad = _PROGRAM.search(match["what"]) is not None
        level, sure = (Severity.MALICIOUS, Confidence.HIGH) if bad else (Severity.SUSPICIOUS, Confidence.MEDIUM)
        says = f"A field starts another program: {quoted(match[0], 160)} ({where})."
        yield from document.says("office.dde", level, sure, says)
    if (match := _HYPERLINK.search(code)) is not None:
        yield from document.link(match["to"])
    if (match := _LOADS.search(code)) is not None:
        picture = match["what"].lower() == "includepicture"
        level = Severity.NOTE if picture else Severity.SUSPICIOUS
        says = f"A field loads {quoted(match['to'], 120)} ({match['what'].upper()}, {where})."
        yield from document.says("office.remote", level, Confidence.MEDIUM, says)
        yield from document.link(match["to"], opened=False)
    if code is not untrusted:
        says = f"A field hides its code in numbers: {quoted(code, 120)} ({where})."
        yield from document.says("office.obfuscated", Severity.SUSPICIOUS, Confidence.MEDIUM, says)


def unquoted(untrusted: str) -> str:
    """A field with QUOTE and numbers read as the letters that they stand for; the same object where it has none."""
    if "quote" not in untrusted.lower() or not _QUOTED.search(untrusted):
        return untrusted
    return _QUOTED.sub(lambda match: "".join(chr(int(number)) for number in match[1].split()), untrusted)


def formula(untrusted: str, document: Document, where: str) -> Iterator[Sighting]:
    """What one formula of Excel does."""
    if "|" in untrusted and (match := _LINKED.match(_STRING.sub("", untrusted))) is not None:
        yield from dde(match["server"], match["topic"].strip("'"), document, where)
    if "(" in untrusted and (match := _CALLED.search(untrusted)) is not None:
        to = (match["to"] or "").strip('"')
        if remote(to) and not match[0].lower().startswith("hyperlink"):
            says = f"A formula loads {quoted(to, 120)} ({where})."
            yield from document.says("office.remote", Severity.SUSPICIOUS, Confidence.MEDIUM, says)
        yield from document.link(to)


def dde(server: str, topic: str, document: Document, where: str) -> Iterator[Sighting]:
    """A DDE link: a server, and what it is asked to do."""
    if not server.strip():
        return
    harmless = server.lower() in ("excel", "winword", "soffice", "tos", "esignal", "reuter", "bloomberg", "winblp")
    bad = not harmless and _PROGRAM.search(f"{server} {topic}") is not None
    level, sure = (Severity.MALICIOUS, Confidence.HIGH) if bad else (Severity.SUSPICIOUS, Confidence.MEDIUM)
    if harmless:
        level, sure = Severity.NOTE, Confidence.LOW
    says = f"A link starts another program: {quoted(f'{server}|{topic}', 160)} ({where})."
    yield from document.says("office.dde", level, sure, says)

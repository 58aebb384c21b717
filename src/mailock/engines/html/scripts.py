"""What the scripts of a page would do, as far as it can be read without running them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from mailock.core.evidence.markup import attributes, plain

MOST_SCRIPT: Final = 8 << 20
"""Characters of script that are read."""
_HANDLERS: Final = re.compile(r"\son[a-z]{3,20}\s*=", re.IGNORECASE)
_HANDLER_NAMES: Final = frozenset(
    {
        "onload",
        "onerror",
        "onclick",
        "onmouseover",
        "onfocus",
        "onbegin",
        "onpageshow",
        "ontoggle",
        "onsubmit",
        "onanimationstart",
    }
)
_BUILDS: Final = re.compile(
    r"new\s+Blob|createObjectURL|msSaveOrOpenBlob|msSaveBlob|webkitURL|showSaveFilePicker|new\s+File\s*\(|"
    r"\[['\"](?:Blob|createObjectURL|msSaveOrOpenBlob)['\"]\]|\.download\s*=|setAttribute\(\s*['\"]download",
    re.IGNORECASE,
)
_DECODES: Final = re.compile(
    r"\batob\b|fromCharCode|charCodeAt|Uint8Array|unescape\s*\(|decodeURIComponent|base64|CryptoJS|fromCodePoint|parseInt\s*\(",
    re.IGNORECASE,
)
_RUNS: Final = re.compile(
    r"document\s*\.\s*write(?:ln)?\s*\(\s*(?:unescape|atob|decodeURI|String\s*\.\s*fromCharCode|window\s*\[|eval|[a-z_$]\w{0,30}\s*\(\s*['\"])|"
    r"\beval\s*\(\s*(?:unescape|atob|decodeURI|String|function\s*\(\s*p\s*,\s*a)|"
    r"new\s+Function\s*\(|setTimeout\s*\(\s*atob|innerHTML\s*=\s*(?:atob|unescape|decodeURI)",
    re.IGNORECASE,
)
_LEADS: Final = re.compile(
    r"(?:location(?:\s*\.\s*(?:href|replace|assign))?\s*(?:=|\()|window\s*\.\s*open\s*\()\s*(?P<to>[^;\n]{0,2000})",
    re.IGNORECASE,
)
_HIDDEN_URL: Final = re.compile(r"['\"`](aHR0c[A-Za-z0-9+/_-]{8,4000}={0,2})['\"`]")
_DESTINATION: Final = re.compile(r"https?:|atob|aHR0c|unescape|decodeURI|fromCharCode|\+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Script:
    """The scripts of a page."""

    untrusted_source: str
    handlers: bool
    """Whether attributes hold script."""
    builds: bool
    """Whether it builds a file."""
    decodes: bool
    runs_decoded: bool
    """Whether it writes or runs what it decodes."""
    leads: bool
    """Whether it leads the reader elsewhere."""
    untrusted_urls: tuple[str, ...]
    """URLs in base64."""


def script(text: str, tree: LexborHTMLParser) -> Script | None:
    """What the scripts of a page would do; None where there are none."""
    lowered = text.lower()
    handlers = bool(_HANDLERS.search(text))
    if "<script" not in lowered and "javascript:" not in lowered and not handlers:
        return None
    source = "\n".join(_sources(text, tree))[:MOST_SCRIPT]
    if not source.strip():
        return None
    leads = any(_DESTINATION.search(match["to"]) for match in _LEADS.finditer(source))
    return Script(
        untrusted_source=source,
        handlers=handlers,
        builds=bool(_BUILDS.search(source)),
        decodes=bool(_DECODES.search(source)),
        runs_decoded=bool(_RUNS.search(source)),
        leads=leads,
        untrusted_urls=tuple(match[1] for match in _HIDDEN_URL.finditer(source))[:50],
    )


def _sources(text: str, tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("script"):
        yield node.text() or ""
    for _, _, raw, _ in attributes(text, _HANDLER_NAMES):
        yield plain(raw)
    for _, _, raw, _ in attributes(text, frozenset({"href", "src", "action"})):
        value = plain(raw)
        if value.lstrip()[:11].lower() == "javascript:":
            yield value

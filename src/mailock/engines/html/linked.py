"""The links of HTML: every attribute that a client follows or loads, with the letters as they stand in the source.

Values come from the source (core/evidence/markup.py), which sees comments and broken markup too; the parser's tree
adds what only it sees, and the texts that readers see in the place of links.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from mailock.core.evidence.finding import Shown, Sighting
from mailock.core.evidence.links.gathering import Gathering
from mailock.core.evidence.links.target import target
from mailock.core.evidence.links.written import Site, written
from mailock.core.evidence.markup import attributes, plain

OPENED: Final = frozenset({"href", "action", "formaction", "xlink:href"})
"""What a reader opens; the rest is loaded with the page."""
LOADED: Final = frozenset(
    {"src", "background", "poster", "data", "codebase", "longdesc", "ping", "lowsrc", "dynsrc", "classid", "archive"}
    | {"manifest", "profile", "icon", "movie", "cite", "from", "to"}
)
_LISTS: Final = frozenset({"srcset", "imagesrcset"})
_OTHERS: Final = frozenset({"style", "content", "value", "srcdoc", "values"})
WANTED: Final = OPENED | LOADED | _LISTS | _OTHERS
_NOT_OPENED: Final = frozenset({"link", "base", "image", "use", "feimage"})
_REFRESH: Final = re.compile(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?(?P<url>['\"]?[^\s].*)$", re.IGNORECASE | re.DOTALL)
_ESCAPE: Final = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_LONGEST_STYLE: Final = 1 << 20


def links(text: str, tree: LexborHTMLParser, gathering: Gathering, site: Site) -> Iterator[Sighting]:
    """The links of one reading of the page."""
    shown, base = _shown(tree), _base(tree)
    met: set[str] = set()
    for tag, name, raw, _ in attributes(text, WANTED):
        value = plain(raw)
        for piece, url in _urls(tag, name, raw, value):
            met.add(url)
            opened = (name in OPENED and tag not in _NOT_OPENED) or name == "content"
            absolute = urljoined(base, url)
            yield from gathering.add(
                piece,
                Shown.HTML,
                untrusted_url=absolute if absolute != piece else "",
                untrusted_text=shown.get(url, ""),
                opened=opened,
            )
    for url, label in shown.items():
        if url not in met:
            absolute = urljoined(base, url)
            yield from gathering.add(url, Shown.HTML, untrusted_url=absolute, untrusted_text=label)
    for node in tree.css("style"):
        for url in in_style(node.text() or ""):
            yield from gathering.add(url, Shown.HTML, opened=False)
    if tree.body is not None:
        for found in written(tree.body.text(separator=" "), site):
            yield from gathering.add(found.untrusted_raw, Shown.TEXT, untrusted_url=found.untrusted_url)


def in_style(style: str) -> Iterator[str]:
    """The URLs of a style sheet: of url(…), and of @import."""
    style = style[:_LONGEST_STYLE]
    if "\\" in style:
        style = _ESCAPE.sub(lambda match: chr(min(int(match[1], 16), 0xFFFD)) if match[1] else match[2], style)
    lowered = style.lower()
    at = lowered.find("url(")
    while at >= 0:
        end = style.find(")", at)
        if end < 0:
            break
        yield style[at + 4 : end].strip().strip("'\"").strip()
        at = lowered.find("url(", end)
    at = lowered.find("@import")
    while at >= 0:
        pieces = style[at + 7 : at + 7 + 4096].lstrip()
        if pieces[:1] in ("'", '"') and (end := pieces.find(pieces[0], 1)) > 0:
            yield pieces[1:end]
        at = lowered.find("@import", at + 7)


def refresh(content: str) -> str:
    """The target of a refresh, as a meta element says it; empty where it names none."""
    match = _REFRESH.match(content)
    url = match["url"] if match else ""
    return url[1:].partition(url[0])[0] if url[:1] in ("'", '"') else url.strip()


def urljoined(base: str, url: str) -> str:
    """A URL against the page's base, where it has one."""
    if not base or target(url) is not None or not url.strip():
        return url
    try:
        return urljoin(base, url.strip())
    except ValueError:
        return url


def _urls(tag: str, name: str, raw: str, value: str) -> Iterator[tuple[str, str]]:
    """The URLs within an attribute: as they stand, and plain."""
    if name in _LISTS:
        for piece in raw.split(","):
            if words := piece.split():
                yield words[0], plain(words[0])
    elif name == "style":
        if "(" in value or "\\" in value or "import" in value:
            for url in in_style(value):
                yield (url if url in raw else url.replace("&", "&amp;")), url
    elif name == "content":
        if tag == "meta" and (url := refresh(value)) and target(url) is not None and (";" in value or "=" in value):
            yield (url if url in raw else url.replace("&", "&amp;")), url
    elif name in ("value", "values"):
        if tag in ("param", "animate", "set") and target(value) is not None:
            yield raw, value
    elif name != "srcdoc" and not (name in ("from", "to", "data") and target(value) is None):
        yield raw, value


def _shown(tree: LexborHTMLParser) -> dict[str, str]:
    """What readers see in the place of each target; of several texts the one that names a place."""
    found: dict[str, str] = {}
    for node in tree.css("a[href],area[href]"):
        url = node.attributes.get("href")
        if not url:
            continue
        label = node.text(strip=True)[:200]
        if url not in found or ("." in label and "." not in found[url]):
            found[url] = label
    return found


def _base(tree: LexborHTMLParser) -> str:
    node = tree.css_first("base[href]")
    return (node.attributes.get("href") or "").strip() if node is not None else ""

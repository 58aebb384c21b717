"""Looks at HTML. What is ordinary in a newsletter is a note; what only an attack needs is more.

A mail program runs no script and shows no form of the mail's text, but a browser does both with a page that was
attached. So the same thing weighs more in a file than in the text.
"""

from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from mailock.config.engines import EngineSettings
from mailock.core.evidence.finding import Child, Confidence, Severity, Shown, Sighting
from mailock.core.evidence.links.gathering import Gathering
from mailock.core.evidence.links.target import target
from mailock.core.evidence.links.written import written
from mailock.core.evidence.markup import attributes, plain
from mailock.core.evidence.nesting import parsable
from mailock.core.evidence.payloads import Payload, data_uri, payloads, unbase64
from mailock.core.evidence.quoting import quoted
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Specimen
from mailock.engines.html.hidden import hidden
from mailock.engines.html.kinds import MANIFEST
from mailock.engines.html.linked import LOADED, OPENED, links, refresh
from mailock.engines.html.page import attached, readings, says_utf7
from mailock.engines.html.scripts import Script, script
from mailock.engines.suffixes import load, site

_MOST_TEXT: Final = 8 << 20
_MUCH_HIDDEN: Final = 600
"""Letters; a hidden line of preview has fewer."""
_SPLIT_WORDS: Final = 3
_HOLDERS: Final = OPENED | LOADED | {"srcdoc", "srcset"}
_MOST_CHILDREN: Final = 200
_SMALLEST_PICTURE: Final = 200
"""Octets of a picture that could hold a code."""


class Html:
    """Finds what HTML leads to, hides, asks for and builds."""

    manifest: Final = MANIFEST

    def __init__(self, settings: EngineSettings) -> None:
        load()
        self._links = settings.links
        self._most = min(settings.link_text, _MOST_TEXT)

    def look(self, specimen: Specimen) -> Iterator[Sighting]:
        """What there is to see, in every text that a client may make of it."""
        gathering = Gathering(MANIFEST.name, specimen.part, site, self._links)
        as_file = attached(specimen)
        if says_utf7(specimen):
            says = "The page says that it is UTF-7."
            yield from gathering.finding("html.utf7", Severity.SUSPICIOUS, Confidence.LOW, says, 1.0)
        too_long = too_deep = False
        children = _Children(specimen)
        for text in readings(specimen):
            too_long = too_long or len(text) > self._most
            text = text[: self._most]
            # A page that nobody could show is read by its attributes alone.
            shallow = parsable(text)
            tree = LexborHTMLParser(text if shallow else "")
            too_deep = too_deep or not shallow
            yield from links(text, tree, gathering, site)
            yield from _looks(text, tree, gathering, as_file)
            found = script(text, tree)
            if found is not None:
                yield from _scripts(found, gathering, as_file, children)
            if "data:" in text or "srcdoc" in text or "data:" in text.lower():
                yield from _held(text, children)
        if too_long:
            raise Unfinished(
                Why.TOO_LARGE, f"The page has more than {self._most} characters; what follows was not read."
            )
        if too_deep:
            raise Unfinished(Why.TOO_DEEP, "The page's elements lie too deep within each other.")
        if children.cut:
            raise Unfinished(Why.TOO_COSTLY, "The page holds more packed files than the budget has.")


class _Children:
    """What was unpacked from a page: each content once, within the purse."""

    __slots__ = ("_left", "_purse", "_seen", "cut")

    def __init__(self, specimen: Specimen) -> None:
        self._purse = specimen.purse
        self._seen: set[bytes] = set()
        self._left = _MOST_CHILDREN
        self.cut = False

    @property
    def octets(self) -> int:
        return max(0, self._purse.octets)

    def add(self, payload: Payload, name: str) -> Iterator[Child]:
        if payload.content in self._seen:
            return
        if self._left <= 0 or self._purse.files <= 0 or len(payload.content) > self.octets:
            self.cut = True
            return
        self._left -= 1
        self._seen.add(payload.content)
        yield Child(provenance="html", content=payload.content, untrusted_name=name)


def _looks(text: str, tree: LexborHTMLParser, gathering: Gathering, as_file: bool) -> Iterator[Sighting]:
    if (unseen := hidden(text, tree)) is not None:
        if unseen.within_words >= _SPLIT_WORDS:
            says = (
                f"{unseen.within_words} words have hidden pieces within them, such as {quoted(unseen.untrusted_piece)}."
            )
            yield from gathering.finding("html.split_words", Severity.SUSPICIOUS, Confidence.LOW, says, 2.0)
        much = unseen.letters > _MUCH_HIDDEN
        says = f"{unseen.letters} letters are {unseen.how}: {quoted(unseen.untrusted_piece)}."
        yield from gathering.finding("html.hidden_text", Severity.NOTE, Confidence.MEDIUM, says, 1.0 if much else 0.2)
    yield from _forms(tree, gathering, as_file)
    for node in tree.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").strip().lower() == "refresh":
            url = refresh(node.attributes.get("content") or "")
            if target(url) is not None:
                level = Severity.SUSPICIOUS if as_file else Severity.NOTE
                says = f"The page leads by itself to {quoted(url, 120)}."
                yield from gathering.finding("html.redirect", level, Confidence.LOW, says, 0.5)
    for node in tree.css("iframe[src],frame[src],object[data],embed[src],applet"):
        given = node.attributes
        url = given.get("src") or given.get("data") or given.get("archive") or ""
        level = Severity.SUSPICIOUS if as_file and target(url) is not None else Severity.NOTE
        says = f"The page loads {quoted(url, 120) or 'an applet'} into itself."
        yield from gathering.finding("html.frame", level, Confidence.LOW, says, 0.3)
    for node in tree.css("object[classid]"):
        says = f"The page calls the control {quoted(node.attributes.get('classid') or '')}."
        level = Severity.SUSPICIOUS if as_file else Severity.NOTE
        yield from gathering.finding("html.activex", level, Confidence.LOW, says, 0.3)
    if "<!entity" in text[: 1 << 20].lower():
        says = "The page declares entities of its own."
        yield from gathering.finding("html.entity", Severity.SUSPICIOUS, Confidence.LOW, says, 0.5)


def _forms(tree: LexborHTMLParser, gathering: Gathering, as_file: bool) -> Iterator[Sighting]:
    if tree.css_first("input[type=password i]") is not None:
        sure = Confidence.MEDIUM if as_file else Confidence.LOW
        says = "The page asks for a password." if not as_file else "A page sent as a file asks for a password."
        yield from gathering.finding("html.password_form", Severity.SUSPICIOUS, sure, says, 2.0)
    for node in tree.css("form[action]"):
        if target(node.attributes.get("action") or "") is not None:
            says = f"A form sends what is typed to {quoted(node.attributes.get('action') or '', 120)}."
            yield from gathering.finding("html.form", Severity.NOTE, Confidence.MEDIUM, says, 0.3)


def _scripts(found: Script, gathering: Gathering, as_file: bool, children: _Children) -> Iterator[Sighting]:
    level = Severity.SUSPICIOUS if as_file else Severity.NOTE
    says = f"The page has {len(found.untrusted_source)} characters of script."
    yield from gathering.finding("html.script", level, Confidence.LOW, says, 0.2)
    for url in found.untrusted_urls:
        plainly = unbase64(url.encode("ascii", "replace")).decode("utf-8", "replace")
        yield from gathering.add(url, Shown.INSIDE, untrusted_url=plainly)
    for seen in written(found.untrusted_source, site):
        if "//" in seen.untrusted_raw or ":" in seen.untrusted_raw:
            yield from gathering.add(seen.untrusted_raw, Shown.INSIDE, untrusted_url=seen.untrusted_url, opened=False)
    if found.leads:
        says = "Script leads the reader elsewhere."
        yield from gathering.finding("html.redirect", level, Confidence.LOW, says, 0.5)
    if found.runs_decoded:
        sure = Confidence.MEDIUM if as_file else Confidence.LOW
        says = "Script writes or runs what it decodes first."
        yield from gathering.finding("html.obfuscated", Severity.SUSPICIOUS, sure, says, 1.0)
    what = ""
    for payload in payloads(found.untrusted_source, children.octets):
        what = what or payload.what
        if payload.what or len(payload.content) >= 64:
            yield from children.add(payload, "")
    yield from _smuggling(found, what, gathering, as_file)


def _smuggling(found: Script, what: str, gathering: Gathering, as_file: bool) -> Iterator[Sighting]:
    if found.builds and what:
        says = f"Script builds {what} on the reader's machine, out of text."
        sure = Confidence.HIGH if as_file and what not in ("a PDF",) else Confidence.MEDIUM
        yield from gathering.finding("html.smuggling", Severity.MALICIOUS, sure, says, 3.0)
    elif found.builds and found.decodes:
        sure = Confidence.HIGH if as_file else Confidence.MEDIUM
        says = "Script decodes text and builds a file of it on the reader's machine."
        yield from gathering.finding("html.smuggling", Severity.SUSPICIOUS, sure, says, 2.0)
    elif what:
        says = f"Script holds {what}, as text."
        yield from gathering.finding("html.payload", Severity.SUSPICIOUS, Confidence.MEDIUM, says, 1.0)


def _held(text: str, children: _Children) -> Iterator[Sighting]:
    """Contents of data: URIs and of srcdoc. What a reader would save or open is said by the engines that look at it."""
    for _, name, raw, _ in attributes(text, _HOLDERS):
        value = plain(raw)
        if name == "srcdoc":
            if value.strip():
                content = value.encode("utf-8", "replace")
                yield from children.add(Payload(content, "srcdoc", ""), "srcdoc.html")
            continue
        value = value.lstrip()
        if value[:5].lower() != "data:":
            continue
        payload = data_uri(value, children.octets)
        if payload is not None and not (
            value[:11].lower() == "data:image/" and len(payload.content) < _SMALLEST_PICTURE
        ):
            yield from children.add(payload, "")
        elif payload is None and len(value) > 4 * children.octets:
            children.cut = True

"""Gathers the links of one part: each once, out of its wrappers, with what is odd about it, within bounds.

Every engine that meets links hands them in here, so that a link is judged alike wherever it stands. The kinds of
findings are documented in KINDS; an engine puts them into its own manifest.
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Confidence, Fact, FactKind, Finding, Link, Severity, Shown, Sighting
from mailock.core.evidence.links.remarks import KINDS, Remark, about, displayed
from mailock.core.evidence.links.target import WEB, Target, target
from mailock.core.evidence.links.wrapped import chain, fields
from mailock.core.evidence.links.written import Site
from mailock.core.evidence.quoting import quoted
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mime.part import PartPath

__all__ = ["KINDS", "MOST_LINKS", "Gathering"]

MOST_LINKS: Final = 5000
"""Different links of one part, where nothing else is set; more is Incomplete(TOO_MANY)."""
_MOST_OF_A_KIND: Final = 5
"""Findings of one kind in one part: the sixth tells nobody anything."""
_IGNORED: Final = frozenset(
    {"mailto", "tel", "sms", "callto", "cid", "mid", "about", "xmpp", "sip", "sips", "facetime", "news", "nntp", "blob"}
    | {"urn", "geo", "maps", "webcal", "x-apple-data-detectors", "skype", "whatsapp", "magnet", "chrome", "view-source"}
)
"""Schemes that open no page."""
_LONGEST: Final = 65_536
_LONGEST_TEXT: Final = 200
_REAL: Final = frozenset({"file", "smb", "ftp", "ftps", "sftp"}) | WEB


class Gathering:
    """The links of one part, and what there is to say about them."""

    __slots__ = ("_counts", "_engine", "_links", "_most", "_part", "_seen", "_site")

    def __init__(self, engine: str, part: PartPath, site: Site, most: int = MOST_LINKS) -> None:
        """`most`: how many different links are looked at."""
        self._most = most
        self._engine = engine
        self._part = part
        self._site = site
        self._seen: set[object] = set()
        self._counts: dict[str, int] = {}
        self._links = 0

    def add(
        self,
        untrusted_raw: str,
        shown: Shown,
        *,
        untrusted_url: str = "",
        untrusted_text: str = "",
        opened: bool = True,
    ) -> Iterator[Sighting]:
        """What there is to see in a link: itself, what is wrapped in it, facts to ask about, findings.

        `untrusted_url` is the URL where it does not stand as it is opened. `opened` is false for what is loaded with
        the page (an image, a style): its text and its target are not compared, and a data: URL there is no danger.
        Raises Unfinished(TOO_MANY) past the most that there may be.
        """
        key = (untrusted_raw, untrusted_url, untrusted_text[:_LONGEST_TEXT], shown, opened)
        if key in self._seen or not untrusted_raw.strip() or len(untrusted_raw) > _LONGEST:
            return
        self._seen.add(key)
        outer = target(untrusted_url or untrusted_raw)
        if outer is None or outer.scheme in _IGNORED or not (outer.host or outer.scheme not in _REAL):
            return
        if outer.scheme == "data" and not opened:
            return
        self._links += 1
        if self._links > self._most:
            raise Unfinished(
                Why.TOO_MANY, f"The part has more than {self._most} different links; the others were not read."
            )
        yield from self._followed(outer, untrusted_raw, untrusted_text, shown, opened)

    def finding(
        self, kind: str, severity: Severity, confidence: Confidence, evidence: str, weight: float = 0.0
    ) -> Iterator[Finding]:
        """A finding, as long as there are few of its kind."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] <= _MOST_OF_A_KIND:
            yield Finding(
                engine=self._engine,
                kind=kind,
                severity=severity,
                confidence=confidence,
                part=self._part,
                evidence=evidence,
                weight=weight,
            )

    def _followed(
        self, outer: Target, untrusted_raw: str, untrusted_text: str, shown: Shown, opened: bool
    ) -> Iterator[Sighting]:
        targets, known = chain(outer)
        last = targets[-1]
        final = last if known else outer
        text = untrusted_text[:_LONGEST_TEXT]
        for found in dict.fromkeys((final, last)):
            yield Link(
                part=self._part,
                untrusted_url=found.untrusted_url,
                untrusted_raw=untrusted_raw,
                untrusted_text=text,
                shown=shown,
            )
        for found in targets:
            yield from self._facts(found)
            for remark in about(found, opened=opened):
                yield from self._remarked(remark)
        if len(targets) > 3:
            yield from self._remarked(
                Remark("url.nested", Severity.SUSPICIOUS, Confidence.LOW, f"leads through {len(targets) - 1} redirects")
            )
        if opened and untrusted_text and (other := displayed(untrusted_text, last, self._site)):
            yield from self._remarked(other)

    def _facts(self, found: Target) -> Iterator[Fact]:
        if found.scheme not in WEB | {"ftp"}:
            return
        url = found.untrusted_url.partition("#")[0]
        kind = FactKind.ADDRESS if found.address else FactKind.DOMAIN
        facts = [(FactKind.URL, url), (kind, found.host)]
        if ".mimecast" in found.host and "." in (named := fields(found.query).get("domain", "")):
            facts.append((FactKind.DOMAIN, named.lower()))  # all that this wrapper says of its target
        for fact in facts:
            if fact not in self._seen:
                self._seen.add(fact)
                yield Fact(part=self._part, kind=fact[0], untrusted_value=fact[1])

    def _remarked(self, remark: Remark) -> Iterator[Finding]:
        yield from self.finding(
            remark.kind, remark.severity, remark.confidence, f"A link {quoted(remark.says, 300)}.", remark.weight
        )

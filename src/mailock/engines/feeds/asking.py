"""Whether a feed lists a fact. Pure, but for the tables' size."""

from collections.abc import Iterator
from typing import Final

from mailock.config.antivirus import Danger, Lists
from mailock.core.evidence.finding import Confidence, Fact, FactKind, Finding, Severity
from mailock.core.mail.shown import cleaned
from mailock.engines.feeds.loading import Kind, Loaded
from mailock.engines.feeds.places import Place, folders, parents, read_host, read_place
from mailock.engines.feeds.table import key_of_digest, key_of_text

NAME: Final = "feeds"
KINDS: Final = {
    "feed.hash": "A feed lists the file.",
    "feed.url": "A feed lists a URL that the message leads to.",
    "feed.domain": "A feed lists the domain of a URL that the message leads to.",
}
_SHOWN: Final = 120
_SEVERITIES: Final = {
    Danger.MALICIOUS: Severity.MALICIOUS,
    Danger.SUSPICIOUS: Severity.SUSPICIOUS,
    Danger.NOTE: Severity.NOTE,
}
_DIGESTS: Final = {
    FactKind.SHA256: (Kind.SHA256, 64),
    FactKind.SHA1: (Kind.SHA1, 40),
    FactKind.MD5: (Kind.MD5, 32),
}


def findings_of(loaded: Loaded, fact: Fact) -> Finding | None:
    """What a feed says of a fact; None where it says nothing."""
    listed = _listed(loaded, fact)
    if listed is None:
        return None
    kind, what, danger = listed
    return Finding(
        engine=NAME,
        kind=kind,
        severity=_SEVERITIES[danger],
        confidence=Confidence.HIGH,
        part=fact.part,
        evidence=f"the feed {loaded.feed.name} lists {what}",
    )


def _listed(loaded: Loaded, fact: Fact) -> tuple[str, str, Danger] | None:
    value = fact.untrusted_value
    if fact.kind in _DIGESTS and loaded.feed.lists is Lists.HASHES:
        kind, length = _DIGESTS[fact.kind]
        danger = _digest(loaded, kind, value) if len(value) == length else None
        return danger and ("feed.hash", f"the {kind.value} {cleaned(value)}", danger)
    if fact.kind is FactKind.URL and loaded.feed.lists is Lists.URLS:
        place = read_place(value)
        danger = _place(loaded, place) if place is not None else None
        return danger and ("feed.url", cleaned(value[:_SHOWN]), danger)
    if fact.kind in (FactKind.URL, FactKind.DOMAIN) and loaded.feed.lists is Lists.DOMAINS:
        return _domain(loaded, value, fact.kind)
    return None


def _digest(loaded: Loaded, kind: Kind, value: str) -> Danger | None:
    try:
        return loaded.lists(kind, key_of_digest(bytes.fromhex(value)))
    except ValueError:
        return None


def _place(loaded: Loaded, place: Place) -> Danger | None:
    for kind, text in _spellings(loaded, place):
        danger = loaded.lists(kind, key_of_text(text))
        if danger is not None:
            return danger
    return None


def _spellings(loaded: Loaded, place: Place) -> Iterator[tuple[Kind, str]]:
    """Under what a place may be listed: as itself, with and without query, by a folder above it, by its beginning. An
    entry that names no port is meant for every port.
    """
    everywhere = Place(place.host, None, place.path, place.query)
    for one in (place, everywhere) if place.port is not None else (place,):
        yield Kind.PLACE, one.text
        if one.query:
            yield Kind.PLACE, one.site + one.path
        for folder in folders(one):
            yield Kind.BENEATH, folder
        for length in loaded.lengths:
            if length > len(one.text):
                break
            yield Kind.START, one.text[:length]


def _domain(loaded: Loaded, value: str, kind: FactKind) -> tuple[str, str, Danger] | None:
    if kind is FactKind.URL:
        place = read_place(value)
        host = place.host if place is not None else None
    else:
        host = read_host(value)
    for name in parents(host) if host is not None else ():
        danger = loaded.lists(Kind.DOMAIN, key_of_text(name))
        if danger is not None:
            return "feed.domain", name, danger
    return None

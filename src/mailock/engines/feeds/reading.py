"""Feeds as their keepers write them: a list, columns, or a file of hosts. A line that cannot be read is counted.

Comments begin with `#`, `;`, `!` or `//`. A header of columns may stand in a comment, as abuse.ch writes it.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from mailock.config.antivirus import Danger, Feed, FeedFormat, Lists
from mailock.engines.feeds.places import is_address, read_host

LONGEST_LINE: Final = 64 << 10
_LOOK: Final = 60
"""Lines by which the format is found out."""
_COMMENTS: Final = ("#", ";", "!", "//")
_ANY: Final = ("indicator", "ioc_value", "ioc", "value", "entry")
_COLUMNS: Final = {
    Lists.HASHES: ("sha256_hash", "sha256", "sha1_hash", "sha1", "md5_hash", "md5", "file_hash", "hash", *_ANY),
    Lists.URLS: ("url", "address", *_ANY),
    Lists.DOMAINS: ("domain", "hostname", "fqdn", "host", *_ANY),
}
_SEVERITY: Final = ("severity", "threat_level", "level")
_DANGERS: Final = {
    "malicious": Danger.MALICIOUS,
    "critical": Danger.MALICIOUS,
    "high": Danger.MALICIOUS,
    "suspicious": Danger.SUSPICIOUS,
    "medium": Danger.SUSPICIOUS,
    "note": Danger.NOTE,
    "low": Danger.NOTE,
    "info": Danger.NOTE,
}


class NoFeed(Exception):
    """A file cannot be this feed: the sentence says why, and the mend."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry, as it was written."""

    line: int
    text: str
    danger: Danger


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns mean what."""

    columns: tuple[int, ...]
    severity: int | None
    delimiter: str
    rows: int
    """Lines up to and with the header."""


def read_entries(lines: Iterable[str], feed: Feed) -> Iterator[Listed]:
    """The entries of a feed's lines. Raises NoFeed where a CSV has no column that could hold them."""
    walking = iter(lines)
    first = list(islice(walking, _LOOK))
    every = chain(first, walking)
    layout = _layout(first, feed) if feed.format in (FeedFormat.AUTO, FeedFormat.CSV) else None
    if layout is not None:
        return _columns(every, layout, feed)
    if feed.format is FeedFormat.CSV:
        wanted = feed.column or " or ".join(_COLUMNS[feed.lists][:3])
        raise NoFeed(f"its first lines name no column {wanted}: set column to the one that holds the entries")
    hosts = feed.format is FeedFormat.HOSTS or (feed.lists is Lists.DOMAINS and _is_hosts(first))
    return _hosts(every, feed) if hosts else _list(every, feed)


def _list(lines: Iterable[str], feed: Feed) -> Iterator[Listed]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and not text.startswith(_COMMENTS) and len(text) < LONGEST_LINE:
            yield Listed(number, text.split(maxsplit=1)[0], feed.severity)


def _hosts(lines: Iterable[str], feed: Feed) -> Iterator[Listed]:
    for number, line in enumerate(lines, 1):
        for name in line.partition("#")[0].split()[1:]:
            if name not in ("localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0"):
                yield Listed(number, name, feed.severity)


def _columns(lines: Iterable[str], layout: _Layout, feed: Feed) -> Iterator[Listed]:
    body = (line for line in islice(lines, layout.rows, None) if len(line) < LONGEST_LINE)
    reader = csv.reader(body, delimiter=layout.delimiter, skipinitialspace=True)
    for row in reader:
        if not row or row[0].lstrip().startswith(_COMMENTS):
            continue
        danger = feed.severity
        if layout.severity is not None and layout.severity < len(row):
            danger = _DANGERS.get(row[layout.severity].strip().lower(), feed.severity)
        for column in layout.columns:
            text = row[column].strip() if column < len(row) else ""
            if text and text.lower() not in ("n/a", "none", "null", "-"):
                yield Listed(layout.rows + reader.line_num, text, danger)


def _layout(first: list[str], feed: Feed) -> _Layout | None:
    """The header among the first lines, or None."""
    known = (feed.column.lower(),) if feed.column else _COLUMNS[feed.lists]
    for number, line in enumerate(first, 1):
        text = line.strip().lstrip("#;! ")
        for delimiter in (",", ";", "\t"):
            if delimiter not in text and not feed.column:
                continue
            row = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
            names = [name.strip().lower().replace(" ", "_") for name in row]
            found = [names.index(name) for name in known if name in names]
            if found:
                # Of a file's digests each counts; of other columns the best named.
                columns = tuple(found) if feed.lists is Lists.HASHES else (found[0],)
                severity = next((names.index(name) for name in _SEVERITY if name in names), None)
                return _Layout(columns, severity, delimiter, number)
    return None


def _is_hosts(first: list[str]) -> bool:
    rows = [row for line in first if (row := line.partition("#")[0].split())]
    paired = [row for row in rows if len(row) > 1 and is_address(row[0]) and read_host(row[1])]
    return 2 * len(paired) > len(rows)

"""The values of conditions: how each is written, and the names that it may mention.

Every function takes what the file holds and raises ValueError with what is wrong and the mend.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from mailock.config.lines import Path
from mailock.config.names import Source, country_code
from mailock.config.units import Network, Size, shown
from mailock.core.evidence.wording import LONGEST, Sought, folded
from mailock.core.routing.access import Networks, Sources
from mailock.core.routing.pattern import Pattern, read_pattern

Complain = Callable[[Path, str], None]
"""Takes the place of a mistake, below `when`, and its sentence."""
GROUP: Final = "group:"
_DAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")
_FEW: Final = 20
"""So many words a message lists at most."""
_MINUTE: Final = 60
_DAY: Final = 86_400
_WEEK: Final = 7 * _DAY
_HOURS: Final = re.compile(
    r"(?:(?P<first>[a-z]{2})(?:-(?P<last>[a-z]{2}))?)? *"
    r"(?:(?P<h1>[0-2]?[0-9]):(?P<m1>[0-5][0-9])-(?P<h2>[0-2]?[0-9]):(?P<m2>[0-5][0-9]))?"
)
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a condition may mention by name."""

    groups: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    networks: Mapping[str, tuple[Network, ...]] = field(default_factory=dict)
    times: Mapping[str, tuple["Span", ...]] = field(default_factory=dict)
    systems: frozenset[str] = frozenset({"default"})

    def group(self, name: str) -> tuple[Pattern, ...]:
        """The members of a group."""
        self.require("group", name, self.groups)
        return self.groups[name]

    def require(self, kind: str, name: str, known: Collection[str]) -> None:
        """Raises ValueError where there is no such name."""
        if name not in known:
            close = get_close_matches(name, known, n=1)
            write = f"[virtual_system.{name}]" if kind == "virtual system" else f"[object.{name}] with its {kind}"
            mend = f"did you mean {shown(close[0])}?" if close else f"write {write}"
            raise ValueError(f"there is no {kind} {shown(name)}: {mend}")


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of the week. Seconds from Monday at 0:00; an end of night that lies on the next day makes two spans."""

    text: str
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, raw: object) -> "Span":
        """From `"mo-fr 08:00-18:00"`, `"sa-su"`, `"22:00-06:00"`."""
        text = raw.strip().lower() if isinstance(raw, str) else ""
        found = _HOURS.fullmatch(text)
        days = _days(found["first"], found["last"]) if found and text else None
        if found is None or not days:
            raise ValueError(
                f'{shown(raw)} is no time: write one such as "mo-fr 08:00-18:00", "sa-su" or "22:00-06:00"'
            )
        start, end = 0, _DAY
        if found["h1"] is not None:
            start = (int(found["h1"]) * 60 + int(found["m1"])) * _MINUTE
            end = (int(found["h2"]) * 60 + int(found["m2"])) * _MINUTE
            if max(start, end) > _DAY or start in (end, _DAY):
                raise ValueError(f'{shown(raw)} has an hour that no day has: write one such as "mo-fr 08:00-18:00"')
        return cls(text, tuple(span for day in days for span in _on(day * _DAY, start, end)))

    def __str__(self) -> str:
        """As the file writes it."""
        return self.text


def texts(raw: object) -> tuple[str, ...]:
    """One text, or a list of them; none of them empty."""
    items = raw if isinstance(raw, tuple) else (raw,)
    if not items or not all(isinstance(one, str) and one.strip() and one.isprintable() for one in items):
        raise ValueError(f'{shown(raw)} is no text: write "…", or a list such as ["…", "…"]')
    return items


def words(raw: object) -> tuple[str, ...]:
    """Words to look for, in one case."""
    return tuple(one.casefold() for one in texts(raw))


def sought(place: str, raw: object) -> frozenset[Sought]:
    """Words that the jail looks for in one place."""
    found = frozenset(Sought(place, folded(one)) for one in texts(raw))
    if any(not one.word or len(one.word) > LONGEST for one in found):
        raise ValueError(f"a word has 1 to {LONGEST} characters that are seen: write a shorter one")
    return found


def choice(raw: object, known: Sequence[str]) -> str:
    """One of a few words."""
    if isinstance(raw, str) and raw in known:
        return raw
    close = get_close_matches(raw.lower(), known, n=1) if isinstance(raw, str) else []
    few = "write " + " or ".join(f'"{one}"' for one in known) if len(known) <= _FEW else "docs/rules.md lists them"
    mend = f'did you mean "{close[0]}"?' if close else few
    raise ValueError(f"{shown(raw)} is not one of its values: {mend}")


def switch(raw: object) -> bool:
    """Yes or no."""
    if not isinstance(raw, bool):
        raise ValueError(f"{shown(raw)} is not a switch: write true or false, without quotes")
    return raw


def number(raw: object) -> float:
    """A number."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not -(10.0**6) <= raw <= 10.0**6:
        raise ValueError(f"{shown(raw)} is not a score: write a number without quotes")
    return float(raw)


def size(raw: object) -> int:
    """An amount of data, in bytes."""
    return Size.read(raw).bytes


def digest(text: str) -> str:
    """A SHA-256."""
    folded = text.strip().lower()
    if not _HASH.fullmatch(folded):
        raise ValueError(f"{shown(text)} is no SHA-256: write its 64 hexadecimal digits")
    return folded


def patterns(raw: object, names: Names) -> tuple[Pattern, ...]:
    """Addresses, domains and groups."""
    found: list[Pattern] = []
    for text in texts(raw):
        if text.startswith(GROUP):
            found += names.group(text.removeprefix(GROUP).strip())
        else:
            found.append(pattern(text))
    return tuple(found)


def pattern(text: str) -> Pattern:
    """An address or a domain; `*@example.com` is everybody at example.com."""
    return read_pattern(text.strip().removeprefix("*@"))


def pattern_text(text: str) -> str:
    """An address or a domain, in its one spelling."""
    return str(pattern(text))


def sources(raw: object, names: Names) -> Sources:
    """Networks, addresses and objects that hold them."""
    found: list[Network] = []
    places: set[str] = set()
    for text in texts(raw):
        source = Source.read(text)
        if source.is_any:
            return Sources(any=True)
        if source.country is not None:
            places.add(source.country)
            continue
        if source.network is not None:
            found.append(source.network)
        else:
            names.require("network", text.strip(), names.networks)
            found += names.networks[text.strip()]
    return Sources(networks=Networks(tuple(network.prefix for network in found)), countries=frozenset(places))


def countries(raw: object) -> Sources:
    """Countries, by two letters each."""
    return Sources(countries=frozenset(map(country_code, texts(raw))))


def hours(raw: object, names: Names) -> tuple[tuple[int, int], ...]:
    """Times of the week, or objects that hold them."""
    found: list[tuple[int, int]] = []
    for text in texts(raw):
        for span in names.times.get(text.strip()) or (Span.read(text),):
            found += span.spans
    return tuple(found)


def _days(first: str | None, last: str | None) -> tuple[int, ...] | None:
    """Days of the week from 0; None where a name is none."""
    if first is None:
        return tuple(range(7))
    if first not in _DAYS or (last is not None and last not in _DAYS):
        return None
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return tuple(day % 7 for day in range(start, end + 1 if end >= start else end + 8))


def _on(midnight: int, start: int, end: int) -> list[tuple[int, int]]:
    """The hours of one day; what goes past its midnight is the next day's."""
    if end > start:
        return [(midnight + start, midnight + end)]
    after = (midnight + _DAY) % _WEEK
    return [(midnight + start, midnight + _DAY), *([(after, after + end)] if end else [])]

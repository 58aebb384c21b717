"""A DNS that is written down, name to [[type, value], …]: as `mailock auth --zone` reads it, and as suites write it.

Generous in what it takes. A record is a list `[TXT, text]` or a mapping `{TXT: text}`; a text is one string or a list
of them; an MX is `[10, host]`, `"10 host"` or a host. Names are compared without case and without their final dot.
`TIMEOUT` or `SERVFAIL` in a record's place makes every type that was not written down before it fail; as a record's
value it makes that type fail. `NONE` as a value takes a type away. A record of the old type SPF counts as TXT where a
name has none (that is how the suite of RFC 7208 is meant to be read). Aliases (CNAME) are followed.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from mailock.core.authentication.questions import Ask, Found, RecordType, Unlearnt

ALIASES: Final = 10
"""Aliases that are followed, one after the other."""
_FAILURES: Final = frozenset({"TIMEOUT", "SERVFAIL", "REFUSED"})
_TYPES: Final = frozenset({"A", "AAAA", "MX", "TXT", "SPF", "PTR", "CNAME"})


class BadZone(ValueError):
    """What was read is no zone; the sentence says where, and the mend."""


class Zone:
    """Answers from what was written down. Whatever was not does not exist."""

    def __init__(self, names: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self._names = names
        self._above = {parent for name in names for parent in _parents(name)}

    def answer(self, ask: Ask) -> Found | Unlearnt:
        """What the zone says."""
        name = spelled(ask.name)
        for _ in range(ALIASES):
            here = self._names.get(name)
            if here is None:
                return Found((), exists=name in self._above)
            values = here.get(ask.type.value)
            if values is None and "CNAME" in here:
                name = spelled(here["CNAME"][0])
                continue
            if values is None:
                values = here.get("*", ())
            failure = next((value for value in values if value in _FAILURES), None)
            if failure is not None:
                return Unlearnt(f"{failure} for {ask.type.value} of {name}")
            return Found(values if ask.type is not RecordType.MX else _by_preference(values))
        return Unlearnt(f"more than {ALIASES} aliases lead away from {ask.name}")


def read(written: object) -> Zone:
    """A zone out of what a YAML or JSON file holds. Raises BadZone."""
    if written is None:
        written = {}
    if not isinstance(written, Mapping):
        raise BadZone("a zone is a mapping from names to lists of [type, value]")
    names: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, entries in written.items():
        kept = names.setdefault(spelled(str(name)), {})
        for type_, value in _entries(str(name), entries):
            kept[type_] = (*kept.get(type_, ()), value)
    return Zone({name: _settled(kept) for name, kept in names.items()})


def spelled(name: str) -> str:
    """A name in its one spelling."""
    return name.removesuffix(".").lower()


def _settled(kept: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The records of a name: old SPF as TXT, without what was taken away."""
    if "SPF" in kept and "TXT" not in kept:
        kept["TXT"] = kept["SPF"]
    return {type_: values for type_, values in kept.items() if "NONE" not in values}


def _entries(name: str, entries: object) -> Iterable[tuple[str, str]]:
    if isinstance(entries, Mapping):
        entries = [entries]
    if isinstance(entries, str):
        entries = [entries]
    if not isinstance(entries, list | tuple):
        raise BadZone(f"{name}: expected a list of [type, value]")
    if entries and isinstance(entries[0], str) and entries[0].upper() in _TYPES:
        entries = [entries]
    for entry in entries:
        if isinstance(entry, str) and entry.upper() in _FAILURES:
            yield "*", entry.upper()
        elif isinstance(entry, str) and entry.upper() == "NXDOMAIN":
            continue
        elif isinstance(entry, Mapping):
            for type_, value in entry.items():
                yield from _values(name, str(type_), value)
        elif isinstance(entry, list | tuple) and len(entry) >= 2:
            yield from _values(name, str(entry[0]), entry[1] if len(entry) == 2 else list(entry[1:]))
        elif isinstance(entry, list | tuple) and len(entry) == 1 and str(entry[0]).upper() in _FAILURES:
            yield "*", str(entry[0]).upper()
        else:
            raise BadZone(f"{name}: {entry!r} is no record; write [type, value]")


def _values(name: str, type_: str, value: object) -> Iterable[tuple[str, str]]:
    type_ = type_.upper()
    if type_ in _FAILURES:
        yield "*", type_
    elif isinstance(value, str) and value.upper() in {*_FAILURES, "NONE"}:
        yield type_, value.upper()
    elif type_ == "MX":
        yield type_, _mx(name, value)
    elif type_ in ("TXT", "SPF"):
        pieces = value if isinstance(value, list | tuple) else [value]
        yield type_, "".join(_text(piece) for piece in pieces)
    elif isinstance(value, list | tuple):
        for one in value:
            yield type_, _text(one)
    else:
        yield type_, _text(value)


def _mx(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        value = list(value.values())
    parts = value if isinstance(value, list | tuple) else str(value).split()
    preference, host = (parts[0], parts[-1]) if len(parts) > 1 else (0, parts[0] if parts else "")
    if not str(preference).isdigit():
        raise BadZone(f"{name}: MX {value!r} has no preference; write [MX, [10, host]]")
    return f"{int(str(preference))} {host}"


def _by_preference(values: tuple[str, ...]) -> tuple[str, ...]:
    pairs = [value.partition(" ") for value in values]
    return tuple(host for _, _, host in sorted(pairs, key=lambda pair: int(pair[0])))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _parents(name: str) -> Iterable[str]:
    while "." in name:
        name = name.partition(".")[2]
        yield name

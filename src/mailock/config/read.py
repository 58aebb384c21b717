"""Turns the tables of a file into sections, and goes on after a mistake, so that all of them can be reported together.

A setting that is wrong takes its default, and an element of an array that lacks something it must have is left out;
neither is ever used, because whoever collected a mistake raises it in the end.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Protocol, TypeVar, cast, get_args, get_origin, runtime_checkable

from mailock.config.lines import Path
from mailock.config.setting import Setting, Spec, is_section, settings_of
from mailock.config.units import shown

T = TypeVar("T")
Complain = Callable[[Path, str], None]
"""Takes the place of a mistake and its sentence."""
_ABSENT = object()
_KEY_LENGTH = 64


@runtime_checkable
class Unit(Protocol):
    """A type that reads itself."""

    def read(self, raw: object) -> object:
        """The value; raises ValueError with what is wrong and the mend."""
        ...


class Reader:
    """Reads sections; mistakes go to `complain`. `elsewhere` says of an unknown key what became of it, if it knows."""

    def __init__(self, complain: Complain, elsewhere: Callable[[Path], str | None] = lambda path: None) -> None:
        self._complain = complain
        self._elsewhere = elsewhere

    def section(self, kind: type[T], table: object, path: Path, **given: object) -> T | None:
        """A section from its table, or None where it lacks something that it must have."""
        if not isinstance(table, dict):
            self._complain(path, f"{shown(table)} stands where a section belongs: write its settings beneath a header")
            table = {}
        known = settings_of(kind)
        self._refuse_unknown(known, table, path, given)
        values: dict[str, object] = dict(given)
        for setting in known:
            if setting.name not in given:
                values[setting.attribute] = self._setting(setting, table, path)
        if _ABSENT in values.values():
            return None
        return kind(**values)

    def value(self, setting: Setting, raw: object, path: Path) -> object:
        """One value that is not a section. Raises ValueError with what is wrong and the mend."""
        return self._read(setting.kind, setting.spec, raw, path)

    def _setting(self, setting: Setting, table: Mapping[str, object], path: Path) -> object:
        place = (*path, setting.name)
        raw = table.get(setting.name, _ABSENT)
        if raw is _ABSENT and setting.is_required:
            self._complain(path, f"{setting.name} is missing: {lowered(setting.spec.doc)}")
            return _ABSENT
        if is_section(setting.kind):
            return self.section(setting.kind, {} if raw is _ABSENT else raw, place)
        if raw is _ABSENT:
            return setting.default
        element = element_of(setting.kind)
        if element is not None and is_section(element):
            read = self._keyed if setting.spec.keyed else self._array
            return read(element, raw, place)
        try:
            return self._read(setting.kind, setting.spec, raw, place)
        except ValueError as mistake:
            self._complain(place, str(mistake))
            return _ABSENT if setting.is_required else setting.default

    def _array(self, kind: type[object], raw: object, path: Path) -> tuple[object, ...]:
        if not isinstance(raw, list):
            self._complain(path, f"stands once where a list belongs: write [[{dotted(path)}]] with two brackets")
            return ()
        read = (self.section(kind, table, (*path, index)) for index, table in enumerate(raw))
        return tuple(section for section in read if section is not None)

    def _keyed(self, kind: type[object], raw: object, path: Path) -> tuple[object, ...]:
        if not isinstance(raw, dict):
            self._complain(path, f"needs a name: write [{dotted(path)}.NAME]")
            return ()
        read = (self._named(kind, name, table, (*path, name)) for name, table in raw.items())
        return tuple(section for section in read if section is not None)

    def _named(self, kind: type, name: str, table: object, path: Path) -> object | None:
        if not 0 < len(name) <= _KEY_LENGTH or not all(c.isalnum() or c in "-_." for c in name):
            self._complain(path, f"{shown(name)} cannot be a name: use letters, digits, '-', '_' and '.'")
        return self.section(kind, table, path, name=name)

    def _refuse_unknown(
        self, known: tuple[Setting, ...], table: Mapping[str, object], path: Path, given: Mapping[str, object]
    ) -> None:
        names = [setting.name for setting in known if setting.name not in given]
        for key in table:
            if key in names:
                continue
            place = (*path, key)
            self._complain(
                place, self._elsewhere(place) or f"there is no such {_what(table[key])}: {_mend(key, names)}"
            )

    def _read(self, kind: Any, spec: Spec, raw: object, path: Path) -> object:
        if isinstance(kind, UnionType):
            kind = next(option for option in get_args(kind) if option is not NoneType)
        element = element_of(kind)
        if element is not None:
            return self._list(element, spec, raw, path)
        word = raw if isinstance(raw, str) else shown(raw)
        if word in spec.later:
            raise ValueError(spec.later[word])
        if isinstance(kind, type) and issubclass(kind, Enum):
            return _choice(kind, raw)
        if kind in (bool, int, float, str):
            return _plain(kind, spec, raw)
        if isinstance(kind, Unit):
            return kind.read(raw)
        raise TypeError(f"the model has a setting of type {kind}, which nothing reads")

    def _list(self, kind: Any, spec: Spec, raw: object, path: Path) -> tuple[object, ...]:
        if not isinstance(raw, list):
            wanted = f'["{raw}"]' if isinstance(raw, str) and raw.isprintable() and len(raw) < 60 else '["…", "…"]'
            raise ValueError(f"{shown(raw)} stands where a list belongs: write {wanted}")
        out = []
        for index, element in enumerate(raw):
            try:
                out.append(self._read(kind, spec, element, (*path, index)))
            except ValueError as mistake:
                self._complain((*path, index), str(mistake))
        return tuple(out)


def element_of(kind: object) -> Any:
    """The type of a list's elements, or None where the type is no list."""
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def dotted(path: Path) -> str:
    """A path as a header writes it, without positions."""
    return ".".join(key for key in path if isinstance(key, str))


def lowered(sentence: str) -> str:
    """A sentence as the second half of another."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _what(raw: object) -> str:
    return (
        "section"
        if isinstance(raw, dict) or (isinstance(raw, list) and raw and isinstance(raw[0], dict))
        else "setting"
    )


def _mend(key: str, names: list[str]) -> str:
    close = get_close_matches(key.lower().replace("-", "_"), names, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"what stands here is {', '.join(names)}" if names else "remove it"


def _choice(kind: type[Enum], raw: object) -> object:
    if isinstance(raw, str):
        for member in kind:
            if member.value == raw:
                return member
    values = [str(member.value) for member in kind]
    close = get_close_matches(raw.lower(), values, n=1) if isinstance(raw, str) else []
    mend = f'did you mean "{close[0]}"?' if close else "write " + " or ".join(f'"{value}"' for value in values)
    raise ValueError(f"{shown(raw)} is not one of its values: {mend}")


def _plain(kind: type, spec: Spec, raw: object) -> object:
    if kind is str:
        return _text(spec, raw)
    if kind is bool:
        if not isinstance(raw, bool):
            raise ValueError(f"{shown(raw)} is not a switch: write true or false, without quotes")
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int if kind is int else int | float):
        wanted = "a whole number" if kind is int else "a number"
        raise ValueError(f"{shown(raw)} is not {wanted}: write one without quotes")
    number = cast(float, raw)
    least = spec.minimum if spec.minimum is not None else -(10.0**15)
    most = spec.maximum if spec.maximum is not None else 10.0**15
    if not least <= number <= most:
        raise ValueError(f"{shown(raw)} is out of range: {_range(spec)}")
    return kind(number)


def _range(spec: Spec) -> str:
    if spec.minimum is not None and spec.maximum is not None:
        return f"write a number from {spec.minimum:g} to {spec.maximum:g}"
    return f"write {spec.minimum:g} or more" if spec.minimum is not None else "write a smaller number"


def _text(spec: Spec, raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"{shown(raw)} is not text: put it in quotes")
    if any(not c.isprintable() and c not in "\n\t" for c in raw):
        raise ValueError(f"{shown(raw)} holds a character that cannot be printed: remove it")
    return spec.parse(raw) if spec.parse else raw

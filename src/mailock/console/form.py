"""The settings as a form: made from the same typed settings that read the file and write docs/settings.md.

So a new setting has its field, with its documentation beside it, without a page being written. What is changed here
is written into the draft's text; everything else in it, comments too, stays as it was. Sections inside of repeated or
named ones (a profile's own [anti_spam] …) are edited as text.
"""

import tomllib
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, get_args

import tomlkit
from tomlkit.exceptions import TOMLKitError

from mailock.config.conditions import When
from mailock.config.names import Interfaces, Patterns
from mailock.config.read import element_of
from mailock.config.reference import Section, choices, sections, takes, toml
from mailock.config.setting import Setting
from mailock.config.units import Percent

ELSEWHERE: Final = ("node", "console", "portal")
"""Of this machine: they stand in its file, and no install changes them."""
NEW: Final = "new"
Table = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting, as a form shows it."""

    name: str
    label: str
    doc: str
    takes: str
    default: str
    kind: str
    """switch, choice, list, toml or line."""
    choices: tuple[str, ...]
    value: str
    is_set: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that belong together: a section, or one of several entries."""

    title: str
    key: str
    """What stands before each field's name; empty for a section that there is once."""
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A section with its groups. `repeated`: there may be several entries, `named`: each has a name."""

    path: str
    header: str
    doc: str
    repeated: bool
    named: bool
    groups: tuple[Group, ...]
    changed: int
    """How many of its settings the draft gives."""


def sections_of(text: str) -> list[Shown]:
    """Every section that a form can show, with the values that a text gives. A text that is no TOML gives none."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        table = {}
    return [_shown(section, beneath, table) for section, beneath in _editable()]


def beside(mistakes: Sequence[Mapping[str, Any]], text: str, path: str) -> dict[str, str]:
    """What is wrong with the fields of one section, by their names. `mistakes` are those of `policies.checked`."""
    found: dict[str, str] = {}
    lines = text.split("\n")
    for one in mistakes:
        if str(one["section"]).strip("[]") != path:
            continue
        above = lines[: int(one["line"] or 0)]
        # The place of an entry is how often its header stands above, as far as its line.
        place = sum(line.strip() == one["section"] for line in above) - 1
        name = f"{place}/{one['key']}" if str(one["section"]).startswith("[[") else str(one["key"])
        found[name] = f"{found[name]}; {one['what']}" if name in found else str(one["text"])
    return found


def changed(text: str, path: str, told: Mapping[str, Any]) -> str:
    """The text with what a form says of one section. Raises ValueError with a sentence."""
    found = next(((one, beneath) for one, beneath in _editable() if _path(one) == path), None)
    if found is None:
        raise ValueError(f"there is no section {path}")
    section, beneath = found
    try:
        document = tomlkit.parse(text)
        is_list, is_named = section.header.startswith("[["), section.header.endswith("NAME]")
        keys = path.split(".")
        if is_list or is_named:
            _change_entries(document, keys, section, beneath, told, is_named=is_named)
        else:
            _change(document, keys, section.settings, told, "")
        changed_text = tomlkit.dumps(document)
        tomllib.loads(changed_text)
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, KeyError) as fault:
        raise ValueError(f"this cannot be written into the draft ({fault}): change it as text") from None
    return changed_text


def _editable() -> Iterator[tuple[Section, tuple[Section, ...]]]:
    """The sections that have a form, each with those that are shown as a part of its entries."""
    known = list(sections())
    for section in known:
        outer, _, last = section.header.strip("[]").rpartition(".")
        inside = outer.removesuffix(".NAME") if last == "NAME" else outer
        entries = {one.header.strip("[]") for one in known if one.header.startswith("[[")}
        if (
            section.header.strip("[]").split(".")[0] in ELSEWHERE
            or not section.settings
            or "NAME" in inside
            or inside in entries
        ):
            continue
        path = section.header.strip("[]")
        beneath = tuple(
            one
            for one in known
            if one.header.startswith(f"[{path}.") and section.header.startswith("[[") and one.settings
        )
        yield section, beneath


def _path(section: Section) -> str:
    return section.header.strip("[]").removesuffix(".NAME")


def _shown(section: Section, beneath: tuple[Section, ...], table: Mapping[str, Any]) -> Shown:
    path = _path(section)
    is_list, is_named = section.header.startswith("[["), section.header.endswith("NAME]")
    found = _at(table, path.split("."))
    groups: list[Group] = []
    if is_list or is_named:
        entries = list(found.items()) if is_named and isinstance(found, dict) else []
        entries = list(enumerate(found)) if is_list and isinstance(found, list) else entries
        for key, entry in entries:
            title = str(key) if is_named else f"{int(key) + 1}. {entry.get('name', '')}".strip(" .")
            groups.append(Group(title=title, key=f"{key}/", fields=_fields(section, beneath, entry, f"{key}/")))
        groups.append(Group(title="Another one", key=f"{NEW}/", fields=_fields(section, beneath, {}, f"{NEW}/")))
    else:
        groups.append(
            Group(title="", key="", fields=_fields(section, (), found if isinstance(found, dict) else {}, ""))
        )
    given = sum(field.is_set for group in groups for field in group.fields)
    return Shown(
        path=path,
        header=section.header,
        doc=section.doc,
        repeated=is_list or is_named,
        named=is_named,
        groups=tuple(groups),
        changed=given,
    )


def _fields(section: Section, beneath: tuple[Section, ...], entry: Mapping[str, Any], key: str) -> tuple[Field, ...]:
    fields = [
        _field(one, entry, key)
        for one in section.settings
        if not (one.name == "name" and section.header.endswith("NAME]") and key != f"{NEW}/")
    ]
    for inner in beneath:
        name = inner.header.strip("[]").rpartition(".")[2]
        part = entry.get(name, {})
        fields += [_field(one, part if isinstance(part, dict) else {}, f"{key}{name}.") for one in inner.settings]
    return tuple(fields)


def _field(one: Setting, entry: Mapping[str, Any], key: str) -> Field:
    raw = entry.get(one.name)
    told = choices(one)
    is_list = element_of(_kind(one)) is not None
    many = is_list or _kind(one) in (Patterns, Interfaces)
    kind = "switch" if _kind(one) is bool else "choice" if told and not is_list else "list" if many else "line"
    if _kind(one) is When:
        kind = "toml"
    return Field(
        name=f"{key}{one.name}",
        label=f"{key.rpartition('/')[2]}{one.name}",
        doc=one.spec.doc,
        takes=takes(one).replace("`", ""),
        default="must be given" if one.is_required else one.spec.shown_default or _default(one),
        kind=kind,
        choices=tuple(value.strip('"') for value in told),
        value="" if raw is None else _written(raw, kind),
        is_set=raw is not None,
    )


def _default(one: Setting) -> str:
    return "none" if one.default in (None, ()) else toml(one.default).strip('"')


def _written(raw: object, kind: str) -> str:
    """A value as a form shows it."""
    if kind == "toml":
        return tomlkit.item(raw).as_string() if not isinstance(raw, dict) else _inline(raw)
    if isinstance(raw, list):
        return "\n".join(_written(one, kind) for one in raw)
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return _inline(raw) if isinstance(raw, dict) else str(raw)


def _inline(raw: Mapping[str, object]) -> str:
    table = tomlkit.inline_table()
    table.update(raw)
    return table.as_string()


def _change_entries(
    document: Table,
    keys: list[str],
    section: Section,
    beneath: tuple[Section, ...],
    told: Mapping[str, Any],
    *,
    is_named: bool,
) -> None:
    found = _at(document, keys)
    entries: dict[str, Any] = {}
    if is_named and found is not None:
        entries = {str(key): found[key] for key in found}
    elif found is not None:
        entries = {str(number): found[number] for number in range(len(found))}
    for key, entry in entries.items():
        _change_entry(entry, section, beneath, told, f"{key}/")
    gone = [key for key in entries if told.get(f"{key}/!")]
    for key in reversed(gone):
        del found[key if is_named else int(key)]
    if any(str(value).strip() for name, value in told.items() if name.startswith(f"{NEW}/")):
        made = tomlkit.table()
        _change_entry(made, section, beneath, told, f"{NEW}/")
        outer = _made(document, keys[:-1])
        if is_named:
            name = str(told.get(f"{NEW}/name", "")).strip()
            if not name or name in entries:
                raise ValueError("another one needs a name of its own")
            made.pop("name", None)
            outer.setdefault(keys[-1], tomlkit.table())[name] = made
        elif keys[-1] in outer:
            outer[keys[-1]].append(made)
        else:
            array = tomlkit.aot()
            array.append(made)
            outer[keys[-1]] = array


def _change_entry(
    entry: Table, section: Section, beneath: tuple[Section, ...], told: Mapping[str, Any], key: str
) -> None:
    _change(entry, [], section.settings, told, key)
    for inner in beneath:
        name = inner.header.strip("[]").rpartition(".")[2]
        _change(entry, [name], inner.settings, told, f"{key}{name}.")


def _change(document: Table, keys: list[str], known: tuple[Setting, ...], told: Mapping[str, Any], prefix: str) -> None:
    """Writes what differs from what is there; a field that was emptied takes its setting away."""
    table = _at(document, keys)
    for one in known:
        name = f"{prefix}{one.name}"
        if name not in told:
            continue
        text = str(told[name]).replace("\r\n", "\n").strip()
        field = _field(one, table if table is not None else {}, prefix)
        if text == field.value:
            continue
        if not text:
            if table is not None:
                table.pop(one.name, None)
            continue
        value = _read(one, text, field.kind)
        if table is None:
            table = _made(document, keys)
        table[one.name] = value


def _read(one: Setting, text: str, kind: str) -> Any:
    """What was typed, as the file would hold it. What is wrong with it beyond its type, the check says."""
    if kind == "toml":
        return tomlkit.parse(f"x = {text}")["x"]
    if kind == "switch":
        if text not in ("true", "false"):
            raise ValueError(f"{one.name} is true or false")
        return text == "true"
    element = element_of(_kind(one))
    if element is not None:
        return [_single(element, line.strip()) for line in text.split("\n") if line.strip()]
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return lines if kind == "list" and len(lines) > 1 else _single(_kind(one), text)


def _single(kind: Any, text: str) -> Any:
    if kind in (int, float, Percent) or _is_numeric(kind):
        try:
            return int(text)
        except ValueError:
            try:
                return float(text)
            except ValueError:
                return text
    return text


def _is_numeric(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum) and all(isinstance(one.value, int) for one in kind)


def _kind(one: Setting) -> Any:
    """The type of a setting, without None."""
    if isinstance(one.kind, UnionType):
        return next(option for option in get_args(one.kind) if option is not NoneType)
    return one.kind


def _at(table: Any, keys: list[str]) -> Any:
    for key in keys:
        if not isinstance(table, Mapping) or key not in table:
            return None
        table = table[key]
    return table


def _made(document: Table, keys: list[str]) -> Table:
    table: Table = document
    for key in keys:
        if key not in table:
            table[key] = tomlkit.table()
        table = table[key]
    return table

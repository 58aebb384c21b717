"""The reference of all settings, made from the model: `docs/settings.md` holds it, and `make docs` writes it again.

`python -m mailock.config.reference` prints it.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, Final, get_args

from mailock.config.antivirus import ClamdAddress, IcapUrl
from mailock.config.askings import Span
from mailock.config.conditions import When
from mailock.config.filters import RspamdAddress, SpamdAddress
from mailock.config.judgement import Day
from mailock.config.model import Policy
from mailock.config.names import Endpoint, HopText, Interfaces, Patterns, Source
from mailock.config.node import Console, Node
from mailock.config.portal import Portal
from mailock.config.read import element_of
from mailock.config.setting import Setting, is_section, settings_of
from mailock.config.units import Duration, Network, Percent, Secret, Size

_WORDS: Final[dict[object, str]] = {
    str: "text",
    bool: "`true` or `false`",
    int: "a whole number",
    float: "a number",
    Duration: "a duration",
    Size: "a size",
    Percent: "a percentage",
    Network: "a network",
    Secret: "a reference to a secret",
    Endpoint: "an address and port",
    ClamdAddress: "where clamd listens",
    RspamdAddress: "a URL or a Unix socket",
    SpamdAddress: "a Unix socket, or a host and port",
    IcapUrl: "an ICAP service",
    Source: "a source",
    HopText: "a next hop",
    Patterns: "a domain, or a list of them",
    Interfaces: "`all`, `external`, or a list",
    When: "a table of conditions",
    Day: "a day",
    Span: "hours of the week",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the file: its header as it is written, what it is, and its own settings."""

    header: str
    doc: str
    settings: tuple[Setting, ...]
    beneath: tuple[str, ...]
    """Names of the sections in it."""
    kind: type


def sections() -> Iterator[Section]:
    """All sections, in the order in which the file usually has them. One kind may come under several headers."""
    yield from _beneath(Node, "node", "[node]")
    yield from _beneath(Console, "console", "[console]")
    yield from _beneath(Portal, "portal", "[portal]")
    for one in settings_of(Policy):
        yield from _inner(one, "")


def reference() -> str:
    """The reference as Markdown."""
    headers: dict[type, str] = {}
    lines: list[str] = []
    for section in sections():
        first = headers.setdefault(section.kind, section.header)
        lines += _shown(section) if first == section.header else _as_there(section, first)
    return "\n".join(lines)


def toml(value: object) -> str:
    """A value as the file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Enum):
        return toml(value.value)
    if isinstance(value, Percent):
        return str(value.value)
    if isinstance(value, tuple):
        return f"[{', '.join(toml(one) for one in value)}]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{text}"'


def _beneath(kind: type, path: str, header: str) -> Iterator[Section]:
    known = settings_of(kind)
    plain = tuple(one for one in known if not is_section(element_of(one.kind) or one.kind))
    beneath = tuple(one.name for one in known if one not in plain)
    yield Section(header, getdoc(kind) or "", plain, beneath, kind)
    for one in known:
        yield from _inner(one, path)


def _inner(one: Setting, path: str) -> Iterator[Section]:
    kind = element_of(one.kind) or one.kind
    if not is_section(kind):
        return
    below = f"{path}.{one.name}" if path else one.name
    if one.spec.keyed:
        yield from _beneath(kind, f"{below}.NAME", f"[{below}.NAME]")
    else:
        yield from _beneath(kind, below, f"[[{below}]]" if element_of(one.kind) else f"[{below}]")


def _shown(section: Section) -> Iterator[str]:
    rows = [_row(one) for one in section.settings if not (one.name == "name" and section.header.endswith("NAME]"))]
    yield f"## `{section.header}`"
    yield ""
    yield section.doc
    yield ""
    if rows:
        yield "| setting | takes | default | |"
        yield "|---|---|---|---|"
        yield from rows
        yield ""
    if section.beneath:
        yield f"Sections in it: {', '.join(f'`{name}`' for name in section.beneath)}."
        yield ""


def _as_there(section: Section, first: str) -> Iterator[str]:
    yield f"## `{section.header}`"
    yield ""
    yield f"{section.doc} Its settings are those of `{first}`."
    yield ""


def _row(one: Setting) -> str:
    return f"| `{one.name}` | {_cell(takes(one))} | {_cell(_default(one))} | {_cell(one.spec.doc)} |"


def choices(one: Setting) -> tuple[str, ...]:
    """The values of a setting that has only a few, as the file writes them."""
    kind = element_of(one.kind) or one.kind
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        return ()
    return tuple(toml(member.value) for member in kind if member.value not in one.spec.later)


def takes(one: Setting) -> str:
    """What may be written, in words."""
    kind = one.kind
    if isinstance(kind, UnionType):
        kind = next(option for option in get_args(kind) if option is not NoneType)
    element = element_of(kind)
    if element is not None:
        return f"a list of: {_words(element, one)}"
    return _words(kind, one)


def _words(kind: Any, one: Setting) -> str:
    if kind is bool and one.spec.later:
        return "`false`"
    if choices(one):
        return ", ".join(f"`{value}`" for value in choices(one))
    words = _WORDS[kind]
    if one.spec.minimum is not None and one.spec.maximum is not None:
        return f"{words}, {one.spec.minimum:,.0f} to {one.spec.maximum:,.0f}"
    return words


def _default(one: Setting) -> str:
    if one.is_required:
        return "must be given"
    if one.spec.shown_default:
        return one.spec.shown_default
    if one.default is None:
        return "none"
    return f"`{toml(one.default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(reference())

"""How a setting is declared: a field of a frozen dataclass, with its default and the sentence that documents it.

`read` turns a table of the file into the dataclass, `reference` turns the dataclass into docs/settings.md; both know
only what stands in a `Spec`. A section is a field whose type is such a dataclass; its docstring is its documentation.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from dataclasses import Field as DataclassField
from dataclasses import fields as dataclass_fields
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")
_SPEC = "mailock"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What is known of a setting besides its name, type and default."""

    doc: str = ""
    parse: Callable[[str], str] | None = None
    """Brings a text to its one spelling; raises ValueError with what is wrong and the mend."""
    minimum: float | None = None
    maximum: float | None = None
    later: Mapping[str, str] = field(default_factory=dict)
    """Values that are documented and not part of this version, each with the sentence that refuses it."""
    keyed: bool = False
    """A table of named tables, `[object.NAME]`; the name becomes the field `name` of each."""
    shown_default: str = ""
    """How the reference writes a default that the model cannot say."""
    example: str = ""
    """A value in TOML, for a setting that has none by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One field of a section, taken apart."""

    name: str
    attribute: str
    """The name of its field, which differs where Python keeps a word to itself: `except_`."""
    kind: Any
    """Its type, as `typing` has it."""
    default: Any
    is_required: bool
    spec: Spec


def setting(
    default: T,
    doc: str = "",
    *,
    parse: Callable[[str], str] | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    later: Mapping[str, str] = _NOTHING,
    keyed: bool = False,
    shown_default: str = "",
    example: str = "",
) -> T:
    """A setting with a default, or a section (without `doc`: its class says what it is)."""
    spec = Spec(
        doc=doc,
        parse=parse,
        minimum=minimum,
        maximum=maximum,
        later=later,
        keyed=keyed,
        shown_default=shown_default,
        example=example,
    )
    return field(default=default, metadata={_SPEC: spec})


def required(doc: str, *, parse: Callable[[str], str] | None = None, example: str = "") -> Any:
    """A setting that the file must give."""
    return field(metadata={_SPEC: Spec(doc=doc, parse=parse, example=example)})


def settings_of(section: Any) -> tuple[Setting, ...]:
    """The settings of a section, in the order in which it declares them."""
    return _taken_apart(section)


@cache
def _taken_apart(section: Any) -> tuple[Setting, ...]:
    hints = get_type_hints(section)
    return tuple(_setting(declared, hints[declared.name]) for declared in dataclass_fields(section))


def is_section(kind: object) -> bool:
    """Whether a type is a section: a dataclass whose fields were declared as settings."""
    declared: dict[str, DataclassField[Any]] = getattr(kind, "__dataclass_fields__", {})
    return isinstance(kind, type) and bool(declared) and all(_SPEC in f.metadata for f in declared.values())


def _setting(declared: "DataclassField[Any]", kind: Any) -> Setting:
    return Setting(
        name=declared.name.rstrip("_"),
        attribute=declared.name,
        kind=kind,
        default=None if declared.default is MISSING else declared.default,
        is_required=declared.default is MISSING,
        spec=declared.metadata[_SPEC],
    )

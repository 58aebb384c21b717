"""Environment variables: `MAILOCK_NODE__HOSTNAME=mx1.example.com` overrides [node], [console] and [portal] alone.

The policy is the same on every node and has revisions, so a variable that would reach into it is a mistake.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Final, TypeVar

from mailock.config.lines import Path
from mailock.config.mistakes import Mistake
from mailock.config.read import Reader, element_of
from mailock.config.setting import Setting, is_section, settings_of

T = TypeVar("T")
_VARIABLE: Final = re.compile(r"MAILOCK_([A-Z0-9]+(?:_[A-Z0-9]+)*)__([A-Z0-9_]+)")


def overrides(environment: Mapping[str, str]) -> dict[str, tuple[str, str, str]]:
    """The variables that are meant for settings: name → section, key, text."""
    matches = ((name, _VARIABLE.fullmatch(name), text) for name, text in sorted(environment.items()))
    return {name: (match[1].lower(), match[2].lower(), text) for name, match, text in matches if match}


def misplaced(environment: Mapping[str, str], sections: tuple[str, ...]) -> list[Mistake]:
    """A mistake for each variable that is meant for a section which the environment does not reach."""
    return [
        _mistake(
            name, "the environment reaches [node], [console] and [portal] only: write it into the file and install it"
        )
        for name, (section, _, _) in overrides(environment).items()
        if section not in sections
    ]


def overridden(current: T, section: str, environment: Mapping[str, str], mistakes: list[Mistake]) -> T:
    """A section with what the environment says of it; what is wrong is added to `mistakes`."""
    known = {setting.name: setting for setting in settings_of(type(current)) if not is_section(setting.kind)}
    changes: dict[str, object] = {}
    for name, (meant, key, text) in overrides(environment).items():
        if meant != section:
            continue
        if key not in known:
            close = get_close_matches(key, known, n=1)
            mend = f"did you mean MAILOCK_{section.upper()}__{close[0].upper()}?" if close else "unset it"
            mistakes.append(_mistake(name, f"there is no such setting: {mend}"))
            continue
        try:
            changes[key] = _value(known[key], text)
        except ValueError as wrong:
            mistakes.append(_mistake(name, str(wrong)))
    return replace(current, **changes) if changes else current  # type: ignore[type-var]  # every section is a dataclass


def _value(setting: Setting, text: str) -> object:
    """What a text means: itself, or what it would mean in the file without quotes, or a list divided by commas."""
    readings: list[object] = [text]
    if element_of(setting.kind) is not None:
        readings = [[part.strip() for part in text.split(",") if part.strip()]]
    try:
        readings.insert(0, tomllib.loads(f"value = {text}")["value"])
    except (ValueError, RecursionError):
        pass  # Not TOML, so the text stands for itself.
    first: ValueError | None = None
    for reading in readings:
        try:
            return _read(setting, reading)
        except ValueError as wrong:
            first = first or wrong
    raise first or ValueError("cannot be read")


def _read(setting: Setting, raw: object) -> object:
    complaints: list[str] = []

    def complain(_path: Path, text: str) -> None:
        complaints.append(text)

    value = Reader(complain).value(setting, raw, ())
    if complaints:
        raise ValueError(complaints[0])
    return value


def _mistake(name: str, text: str) -> Mistake:
    return Mistake(file=name, line=0, section="", key="", text=text)

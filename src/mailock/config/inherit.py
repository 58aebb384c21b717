"""What a profile leaves out is as at the top of the file: the raw tables are joined before they are read.

So there is one reading for both, and no setting has to have a value that means "as above".
"""

from collections.abc import Callable, Mapping

from mailock.config.judgement import INHERITED
from mailock.config.lines import Path


def inherited(table: Mapping[str, object]) -> dict[str, object]:
    """The tables of a file, with each profile complete."""
    profiles = table.get("profile")
    if not isinstance(profiles, dict):
        return dict(table)
    completed = {name: _completed(profile, table) for name, profile in profiles.items()}
    return {**table, "profile": completed}


def only_own(complain: Callable[[Path, str], None], table: Mapping[str, object]) -> Callable[[Path, str], None]:
    """A taker of mistakes that leaves out what a profile inherited: it was told at the top already."""

    def told(path: Path, text: str) -> None:
        if path[:1] != ("profile",) or len(path) < 4 or _has(table, path) or not _has(table, path[2:]):
            complain(path, text)

    return told


def _completed(profile: object, table: Mapping[str, object]) -> object:
    if not isinstance(profile, dict):
        return profile
    return {**profile, **{name: _joined(table.get(name), profile.get(name)) for name in INHERITED if name in table}}


def _joined(above: object, own: object) -> object:
    """The profile's own table over that at the top, section by section."""
    if own is None:
        return above
    if not isinstance(above, dict) or not isinstance(own, dict):
        return own
    return {**above, **{key: _joined(above.get(key), value) for key, value in own.items()}}


def _has(table: object, path: Path) -> bool:
    for part in path:
        if isinstance(part, int):
            if not isinstance(table, list) or part >= len(table):
                return False
            table = table[part]
        elif isinstance(table, dict) and part in table:
            table = table[part]
        else:
            return False
    return True

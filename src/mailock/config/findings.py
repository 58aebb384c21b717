"""Collects what is wrong with one file while it is read, and gives everything its place."""

from collections.abc import Callable

from mailock.config.lines import Path
from mailock.config.mistakes import Mistake, Mistakes


class Findings:
    """Mistakes and warnings of one file. `table` is what its TOML said; `line_of` finds the line of a path."""

    def __init__(self, name: str, table: dict[str, object], line_of: Callable[[Path], int]) -> None:
        self._name = name
        self._table = table
        self._line_of = line_of
        self._wrong: list[Path] = []
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []

    def complain(self, path: Path, text: str) -> None:
        """Takes a mistake."""
        self._wrong.append(path)
        self.mistakes.append(self._placed(path, text))

    def warn(self, path: Path, text: str) -> None:
        """Takes a warning."""
        self.warnings.append(self._placed(path, text))

    def is_sound(self, path: Path) -> bool:
        """Whether nothing was wrong with a section or setting, or inside it: only then do conclusions from it hold."""
        return not any(wrong[: len(path)] == path for wrong in self._wrong)

    def has(self, path: Path) -> bool:
        """Whether the file itself sets this."""
        return self._at(path) is not None

    def raise_mistakes(self) -> None:
        """Raises Mistakes where there is one."""
        if self.mistakes:
            raise Mistakes(self.mistakes, self.warnings)

    def _placed(self, path: Path, text: str) -> Mistake:
        section, key = self._section_and_key(path)
        return Mistake(file=self._name, line=self._line_of(path), section=section, key=key, text=text)

    def _section_and_key(self, path: Path) -> tuple[str, str]:
        """The header that a path stands beneath, and the key in it; no key where the section itself is meant."""
        while path and isinstance(path[-1], int) and not isinstance(self._at(path), dict):
            path = path[:-1]
        key = ""
        if path and not _is_table(self._at(path)):
            path, key = path[:-1], str(path[-1])
        dotted = ".".join(part for part in path if isinstance(part, str))
        if not dotted:
            return "", key
        is_array = isinstance(path[-1], int) or isinstance(self._at(path), list)
        return (f"[[{dotted}]]" if is_array else f"[{dotted}]"), key

    def _at(self, path: Path) -> object:
        value: object = self._table
        for part in path:
            try:
                value = value[part]  # type: ignore[index]  # what is neither a table nor a list says so itself
            except (KeyError, IndexError, TypeError):
                return None
        return value


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))

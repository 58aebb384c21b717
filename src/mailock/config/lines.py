"""Where things stand in a TOML file. The standard library's reader gives values without places; this gives the places.

It scans text that `tomllib` has read already, so it needs to find where a token ends and never whether it is legal. A
place has a path: keys as text, and positions in arrays (of tables or of values) as numbers, both from the root:
`("mta", "forwarding", 1, "next_hop")`. Lines count from 1.
"""

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

Path = tuple[str | int, ...]

_BLANK: Final = re.compile(r"[ \t]*")
_FILLING: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")
_STRINGS: Final = {
    '"""': re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    "'''": re.compile(r"'''(?:[^']|'(?!''))*'{3,5}"),
    '"': re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    "'": re.compile(r"'[^'\n]*'"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A header or a key with its value, at the top of the grammar: what it is about, and the lines that it takes."""

    path: Path
    first: int
    last: int
    is_header: bool


class Lines:
    """The places of a file. `statements` stand in the file's order."""

    def __init__(self, text: str) -> None:
        """Scans the text, which must be legal TOML. Raises RecursionError where values are nested absurdly deep."""
        self._text = text.replace("\r\n", "\n")
        self._starts = [0, *(match.end() for match in re.finditer("\n", self._text))]
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self.statements: list[Statement] = []
        self._scan()

    def at(self, path: Path) -> int:
        """The line where a path is set, or where the nearest thing that holds it is; 1 where there is none."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1

    def _scan(self) -> None:
        at, table = self._fill(0), Path()
        while at < len(self._text):
            start = at
            is_header = self._text[at] == "["
            if is_header:
                at, path = self._header(at)
                table = path
            else:
                at, path = self._pair(at, table)
            self.statements.append(Statement(path, self._line(start), self._line(at), is_header))
            at = self._fill(at)

    def _header(self, at: int) -> tuple[int, Path]:
        line = self._line(at)
        is_array = self._text.startswith("[[", at)
        at, keys = self._key(at + (2 if is_array else 1))
        path = self._resolve(keys[:-1], line)
        path = (*path, keys[-1])
        if is_array:
            self._counts[path] = self._counts.get(path, -1) + 1
            self._lines.setdefault(path, line)
            path = (*path, self._counts[path])
        self._lines[path] = line
        return at + (2 if is_array else 1), path

    def _resolve(self, keys: list[str], line: int) -> Path:
        """The path that a header's leading keys mean: into the last element of every array of tables on the way."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            self._lines.setdefault(path, line)
            if path in self._counts:
                path = (*path, self._counts[path])
        return path

    def _pair(self, at: int, table: Path) -> tuple[int, Path]:
        line = self._line(at)
        at, keys = self._key(at)
        path = table
        for key in keys:
            path = (*path, key)
            self._lines.setdefault(path, line)
        return self._value(self._blank(at + 1), path), path

    def _key(self, at: int) -> tuple[int, list[str]]:
        """A dotted key, and the position of what ends it."""
        keys: list[str] = []
        while True:
            at = self._blank(at)
            opening = self._text[at]
            pattern = _STRINGS.get(opening, _BARE_KEY)
            match = pattern.match(self._text, at)
            if match is None:
                raise ValueError(f"line {self._line(at)} was read as TOML, and yet holds no key")
            keys.append(tomllib.loads(f"key = {match[0]}")["key"] if opening in _STRINGS else match[0])
            at = self._blank(match.end())
            if self._text[at : at + 1] != ".":
                return at, keys
            at += 1

    def _value(self, at: int, path: Path) -> int:
        """Steps over a value, noting the places inside it; returns where it ends."""
        opening = self._text[at : at + 1]
        if opening == "[":
            return self._array(at + 1, path)
        if opening == "{":
            return self._inline_table(at + 1, path)
        quotes = self._text[at : at + 3]
        pattern = _STRINGS.get(quotes) or _STRINGS.get(opening) or _SCALAR
        match = pattern.match(self._text, at)
        if match is None:
            raise ValueError(f"line {self._line(at)} was read as TOML, and yet holds no value")
        return match.end()

    def _array(self, at: int, path: Path) -> int:
        index = 0
        while self._text[at := self._fill(at)] != "]":
            element = (*path, index)
            self._lines[element] = self._line(at)
            at = self._fill(self._value(at, element))
            index += 1
            if self._text[at] == ",":
                at += 1
        return at + 1

    def _inline_table(self, at: int, path: Path) -> int:
        while self._text[at := self._fill(at)] != "}":
            at, _ = self._pair(at, path)
            at = self._fill(at)
            if self._text[at] == ",":
                at += 1
        return at + 1

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at)

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return match.end() if match else at

    def _fill(self, at: int) -> int:
        match = _FILLING.match(self._text, at)
        return match.end() if match else at

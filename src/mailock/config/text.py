"""The policy file as text, and as the tables that TOML makes of it. What is wrong already there has its sentence."""

import re
import tomllib
from pathlib import Path as FilePath
from typing import Final

from mailock.config.lines import Lines
from mailock.config.mistakes import Mistake, Mistakes

_LARGEST: Final = 4 << 20
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def content(path: FilePath) -> str:
    """The text of a file. A mark at its beginning, which some editors write, is forgiven. Raises Mistakes."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        raise _alone(str(path), 0, f"cannot be read ({why}): check its name and its permissions") from None
    if len(content) > _LARGEST:
        raise _alone(str(path), 0, "is larger than 4 MiB: this cannot be a policy file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise _alone(str(path), line, "is not UTF-8: save the file in that encoding") from None


def parse(text: str, name: str) -> tuple[dict[str, object], Lines]:
    """The tables of a text, and on which line each stands. Raises Mistakes, with the line, for what is not TOML."""
    try:
        text.encode("utf-8")
        return tomllib.loads(text), Lines(text)
    except UnicodeEncodeError as wrong:
        line = text.count("\n", 0, wrong.start) + 1
        raise _alone(name, line, "holds half of a character (a surrogate): write the character itself") from None
    except tomllib.TOMLDecodeError as wrong:
        raise _alone(name, *_syntax(str(wrong), text)) from None
    except RecursionError:
        raise _alone(name, 1, "has lists or tables inside each other, far too deep: write them flat") from None
    except ValueError as wrong:
        # A number with thousands of digits, a date that no calendar has: tomllib lets these through as they come.
        raise _alone(name, 0, f"holds a value that cannot be read ({wrong}): write a smaller number") from None


def _syntax(message: str, text: str) -> tuple[int, str]:
    """Line and sentence from what tomllib says, which has the place at its end."""
    place = _PLACE.search(message)
    line = int(place[1]) if place and place[1] else text.rstrip("\n").count("\n") + 1
    what = _PLACE.sub("", message)
    return line, f"is not TOML: {what[:1].lower()}{what[1:]}{_MENDS.get(what, '')}"


_MENDS: Final = {
    "Invalid value": ': put text in quotes, as in key = "value"',
    "Invalid statement": ": a line is `key = value`, `[section]` or a # comment",
    "Expected '=' after a key in a key/value pair": ": a line is `key = value`, `[section]` or a # comment",
    "Cannot overwrite a value": ": the key stands twice in its section; remove one",
    "Unclosed array": ": close it with ]",
}


def _alone(name: str, line: int, text: str) -> Mistakes:
    return Mistakes([Mistake(file=name, line=line, section="", key="", text=text)])

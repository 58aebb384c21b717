"""Lists of recipients that exist: one address a line, `#` starts a comment."""

from pathlib import Path
from typing import Final

from mailock.config.mistakes import Mistake, Mistakes
from mailock.config.names import address

_LARGEST: Final = 256 << 20


def read_recipients(path: Path) -> frozenset[str]:
    """The addresses of a file, in one spelling and in lower case. Raises Mistakes: every line that holds none."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as fault:
        raise _alone(path, 0, f"cannot be read ({fault.strerror}): check recipients_file and its permissions") from None
    if len(content) > _LARGEST:
        raise _alone(path, 0, "is larger than 256 MiB: this cannot be a list of recipients")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise _alone(path, line, "is not UTF-8: save the file in that encoding") from None
    found: set[str] = set()
    mistakes: list[Mistake] = []
    for number, row in enumerate(text.splitlines(), 1):
        entry = row.partition("#")[0].strip()
        if not entry:
            continue
        try:
            found.add(address(entry).casefold())
        except ValueError as wrong:
            mistakes.append(Mistake(file=str(path), line=number, section="", key="", text=str(wrong)))
    if mistakes:
        raise Mistakes(mistakes)
    return frozenset(found)


def _alone(path: Path, line: int, text: str) -> Mistakes:
    return Mistakes([Mistake(file=str(path), line=line, section="", key="", text=text)])

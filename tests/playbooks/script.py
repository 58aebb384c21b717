"""How a playbook is written, and read.

One file is one story of one connection. Empty lines, and lines that begin with `#`, are for the reader. Head lines set
the stage; the first other line begins the play::

    side: server                    or client
    settings: size_limit=100        fields of the settings; a word alone means True
    limits: errors=2                fields of Limits
    extensions: -CHUNKING           extensions that are not offered

    C: EHLO client                  what the client says, with its CRLF; S: what the server says
    C! MAIL FROM:<a@b>\\n            raw, with Python's escapes and no CRLF of ours
    @tls                            what the shell does: @tls @eof @stop @timeout; as client also
                                    @send @body @end @quit @starttls @reset (with arguments)
    ? rcpt <b@x>                    a question, where the story wants to show it; others are answered with 250
    A: 550 5.1.1 No                 the answer to it
    * close quit                    an effect, or a notice

Input lines that follow each other are one write. All that happens until the next input must be written down: what is
said in its order, and the rest in its order; how the two interleave depends on how the input was cut.
"""

from ast import literal_eval
from dataclasses import dataclass, field
from pathlib import Path

HEADS = ("side", "settings", "limits", "extensions")


@dataclass(frozen=True, slots=True)
class Turn:
    """Some input or act, and everything that must follow from it."""

    kind: str
    """`octets` or `act`."""
    octets: bytes
    act: str
    shown: tuple[str, ...]
    """The input as it stands in the file."""
    expected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Playbook:
    """One file."""

    name: str
    side: str
    settings: dict[str, object] = field(default_factory=dict)
    limits: dict[str, object] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    """What must follow from the connection alone."""
    turns: tuple[Turn, ...] = ()


def read(path: Path) -> Playbook:
    """The playbook in this file. Raises ValueError, with its line, for one that is not written as above."""
    heads, lines = _split(path)
    side = heads.get("side", "server")
    mine = "C" if side == "server" else "S"
    opening: list[str] = []
    turns: list[Turn] = []
    while lines and not _is_input(lines[0][1], mine):
        opening.append(lines.pop(0)[1])
    while lines:
        turns.append(_turn(lines, mine, path))
    return Playbook(
        name=path.stem,
        side=side,
        settings=_fields(heads.get("settings", "")),
        limits=_fields(heads.get("limits", "")),
        without=tuple(word[1:] for word in heads.get("extensions", "").split()),
        opening=tuple(opening),
        turns=tuple(turns),
    )


def _split(path: Path) -> tuple[dict[str, str], list[tuple[int, str]]]:
    heads: dict[str, str] = {}
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        key, colon, value = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if colon and key in HEADS and not lines:
            heads[key] = value.strip()
        elif line[:1] in "@?*" or line[:2] in ("C:", "S:", "C!", "S!", "A:"):
            lines.append((number, line.rstrip()))
        else:
            raise ValueError(f"{path.name}:{number}: {line!r} is no line of a playbook")
    return heads, lines


def _is_input(line: str, mine: str) -> bool:
    return line.startswith(("@", mine + ":", mine + "!"))


def _turn(lines: list[tuple[int, str]], mine: str, path: Path) -> Turn:
    number, first = lines.pop(0)
    octets, shown = b"", [first]
    if first.startswith("@"):
        kind = "act"
    else:
        kind = "octets"
        octets = _octets(first, f"{path.name}:{number}")
        while lines and lines[0][1].startswith((mine + ":", mine + "!")):
            number, line = lines.pop(0)
            shown.append(line)
            octets += _octets(line, f"{path.name}:{number}")
    expected: list[str] = []
    while lines and not _is_input(lines[0][1], mine):
        expected.append(lines.pop(0)[1])
    return Turn(kind, octets, first[1:].strip(), tuple(shown), tuple(expected))


def _octets(line: str, where: str) -> bytes:
    text = line[2:].removeprefix(" ")
    if line[1] == ":":
        return text.encode("utf-8") + b"\r\n"
    try:
        octets = literal_eval("b'" + text.replace("'", "\\'") + "'")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from error
    assert isinstance(octets, bytes)
    return octets


def _fields(text: str) -> dict[str, object]:
    fields: dict[str, object] = {}
    for word in text.split():
        name, equals, value = word.partition("=")
        fields[name] = literal_eval(value) if equals else True
    return fields

"""Reads `mailock.toml`, or the text of a revision, into `Settings`, or raises all that is wrong with it, in one go.

Warnings are kept apart from mistakes: a file with warnings works, and somebody should look at it.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Final, TypeVar

from mailock.config.checks import check, countries
from mailock.config.elsewhere import elsewhere
from mailock.config.environment import misplaced, overridden
from mailock.config.findings import Findings
from mailock.config.inherit import inherited, only_own
from mailock.config.ldap import check_ldap
from mailock.config.lines import Lines
from mailock.config.mistakes import Mistake, Mistakes
from mailock.config.model import Policy, Settings
from mailock.config.node import Console, Node
from mailock.config.policytext import NOT_POLICY, without_node
from mailock.config.read import Reader

T = TypeVar("T")
_LARGEST: Final = 4 << 20
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A file that can be used. `policy_text` is what a revision holds: its words without [node] and [console]."""

    settings: Settings
    warnings: tuple[Mistake, ...]
    policy_text: str


def load(source: FilePath | str, *, environment: Mapping[str, str] | None = None, name: str = "mailock.toml") -> Loaded:
    """Reads a file (a Path) or a text (a str, which messages call `name`).

    Raises Mistakes and nothing else, also for a file that cannot be read. Relative paths in [node] start at the file's
    folder.
    """
    folder = None
    if isinstance(source, FilePath):
        name, folder = str(source), source.absolute().parent
        source = _content(source)
    table, lines = _parse(source, name)
    findings = Findings(name, table, lines.at)
    reader = Reader(only_own(findings.complain, table), elsewhere)
    node = _overridable(reader, Node(), "node", table, environment, findings)
    console = _overridable(reader, Console(), "console", table, environment, findings)
    findings.mistakes += misplaced(environment or {}, NOT_POLICY)
    ours = {key: value for key, value in inherited(table).items() if key not in NOT_POLICY}
    policy = reader.section(Policy, ours, ())
    if policy is None:
        raise TypeError("the model demands a setting at the top of the file")
    check(policy, findings)
    check_ldap(console.ldap, findings)
    if folder is not None and node.geoip is None:
        countries(policy, findings)
    findings.raise_mistakes()
    return Loaded(
        settings=Settings(node=_rooted(node, folder), console=console, policy=policy),
        warnings=tuple(sorted(findings.warnings, key=lambda warning: warning.line)),
        policy_text=without_node(source, lines),
    )


def load_node(path: FilePath, *, environment: Mapping[str, str] | None = None) -> Node:
    """Only [node] of a file: for commands that have to find the data folder, whatever is wrong with the policy.

    Raises Mistakes about that section, and for a file that cannot be read.
    """
    return _rooted(_alone_of(path, Node(), "node", environment), path.absolute().parent)


def load_console(path: FilePath, *, environment: Mapping[str, str] | None = None) -> Console:
    """Only [console] of a file. Raises Mistakes about that section, and for a file that cannot be read."""
    return _alone_of(path, Console(), "console", environment)


def _alone_of(path: FilePath, default: T, section: str, environment: Mapping[str, str] | None) -> T:
    text = _content(path)
    table, lines = _parse(text, str(path))
    findings = Findings(str(path), table, lines.at)
    read = _overridable(Reader(findings.complain, elsewhere), default, section, table, environment, findings)
    if isinstance(read, Console):
        check_ldap(read.ldap, findings)
    findings.raise_mistakes()
    return read


def _content(path: FilePath) -> str:
    """The text of a file. A mark at its beginning, which some editors write, is forgiven."""
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


def _parse(text: str, name: str) -> tuple[dict[str, object], Lines]:
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


def _overridable(
    reader: Reader,
    default: T,
    section: str,
    table: Mapping[str, object],
    environment: Mapping[str, str] | None,
    findings: Findings,
) -> T:
    read = reader.section(type(default), table.get(section, {}), (section,))
    return overridden(read or default, section, environment or {}, findings.mistakes)


def _rooted(node: Node, folder: FilePath | None) -> Node:
    """The node's paths from the root, where the file's folder is known."""
    if folder is None:
        return node
    authorities = str(folder / node.authorities) if node.authorities else None
    geoip = str(folder / node.geoip) if node.geoip else None
    scripts = str(folder / node.scripts) if node.scripts else None
    return replace(node, data=str(folder / node.data), authorities=authorities, geoip=geoip, scripts=scripts)


def _alone(name: str, line: int, text: str) -> Mistakes:
    return Mistakes([Mistake(file=name, line=line, section="", key="", text=text)])

"""`mailock learn`: teaches a virtual system which mail is wanted and which is not. The gateway knows at once."""

import asyncio
import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import CouldNot, WrongUse
from mailock.cli.output import print_json
from mailock.cli.place import USUAL, Config, Data, data_folder
from mailock.config.load import load
from mailock.config.machine import load_node
from mailock.config.mistakes import Mistakes
from mailock.config.node import Node
from mailock.core.classify.learning import Came, Taught
from mailock.core.classify.seen import Seen
from mailock.core.evidence.report import Unfinished
from mailock.core.mail.message import DEFAULT_SYSTEM
from mailock.core.mail.shown import cleaned
from mailock.ports.jail import NoJail
from mailock.processes.means import Means, means_of
from mailock.processes.offline import as_sent
from mailock.processes.reading import read_octets, reading_jail
from mailock.processes.teaching import learn as taught_by
from mailock.storage.lessons import FileLessons
from mailock.storage.revisions import FileRevisions

SAID = {
    Came.LEARNT: "learnt",
    Came.KNOWN: "known already, so nothing was changed",
    Came.TURNED: "learnt; what it taught before was taken back",
    Came.FORGOTTEN: "forgotten",
    Came.UNKNOWN: "was never taught, so nothing was changed",
}
_LARGEST = 64 << 20
"""Octets of a message that teaches."""


class Lesson(Enum):
    """What is to be done with the messages."""

    SPAM = "spam"
    HAM = "ham"
    FORGET = "forget"


def learn(
    lesson: Annotated[Lesson, typer.Argument(metavar="spam|ham|forget", help="Unwanted, wanted, or take it back.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Messages (RFC 5322), or folders of them.")],
    system: Annotated[str, typer.Option("--system", help="The virtual system that learns.")] = DEFAULT_SYSTEM,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line a message.")] = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Teach anti-spam by messages: those that are unwanted, those that are wanted, or those whose lesson was wrong."""
    messages = [message for file in files for message in _messages(file)]
    means, folder = _means(config, data), data_folder(config, data) / "lessons"
    if not folder.parent.is_dir():
        raise WrongUse(f"{folder.parent} is not there: give the data directory with --data, or start Mailock first")
    _check_system(system, config, folder.parent)
    taught = None if lesson is Lesson.FORGET else Taught(lesson.value)
    try:
        read = asyncio.run(_read(messages, means))
        found = [seen for seen in read if isinstance(seen, Seen)]
        came = iter(taught_by(FileLessons(folder), system, found, taught) if found else ())
    except (OSError, NoJail) as fault:
        raise CouldNot(f"nothing was learnt: {fault}") from None
    unread = 0
    for message, seen in zip(messages, read, strict=True):
        if isinstance(seen, Seen):
            one = next(came)
            outcome, text = one.value, SAID[one]
        else:
            unread += 1
            outcome, text = "unread", seen
        if as_json:
            print_json({"file": str(message), "system": system, "outcome": outcome, "text": text})
        else:
            typer.echo(f"{cleaned(str(message))}: {text}")
    if unread:
        raise CouldNot(f"{unread} of {len(messages)} could not be read; the others were learnt")


def _check_system(system: str, config: Path, data: Path) -> None:
    """Raises WrongUse for a system that neither the installed policy has nor, where none is, that of the file."""
    if system == DEFAULT_SYSTEM:
        return
    try:
        current = FileRevisions(data / "policy").current()
        if current is None:
            name, policy = str(config), load(config, environment=os.environ).settings.policy
        else:
            name = f"revision {current.number}"
            policy = load(current.text, name=name).settings.policy
    except (Mistakes, OSError) as fault:
        raise WrongUse(f"whether there is a virtual system {system!r} cannot be said: {fault}") from None
    names = [DEFAULT_SYSTEM, *(one.name for one in policy.virtual_system)]
    if system not in names:
        raise WrongUse(
            f"there is no virtual system {cleaned(system)!r} in {name}: name one of {', '.join(map(cleaned, names))}"
        )


def _messages(path: Path) -> Iterator[Path]:
    """The files of a folder, or the file. Raises WrongUse."""
    if path.is_dir():
        yield from sorted(one for one in path.rglob("*") if one.is_file())
        return
    if not path.is_file():
        raise WrongUse(f"{path} is no file: name messages, or folders of them")
    yield path


def _means(config: Path, data: Path | None) -> Means:
    """What the jail may use."""
    if data is not None and not config.exists():
        return means_of(Node())
    try:
        return means_of(load_node(config, environment=os.environ))
    except Mistakes as mistakes:
        raise WrongUse(str(mistakes)) from None


async def _read(files: list[Path], means: Means) -> list[Seen | str]:
    """How each message reads, or why that cannot be said."""
    found: list[Seen | str] = []
    async with reading_jail(means) as jail:
        for file in files:
            if file.stat().st_size > _LARGEST:
                found.append(f"it is larger than {_LARGEST >> 20} MiB")
                continue
            try:
                found.append(await read_octets(jail, as_sent(file.read_bytes())))
            except Unfinished as fault:
                found.append(fault.detail or fault.why.value)
    return found

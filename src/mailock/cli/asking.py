"""Asks for a command: of the running mailflow, or, while it is down, of the queue itself (DECISIONS 5)."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from mailock.cli.control import call, is_running, person
from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse

T = TypeVar("T")
Ask = Callable[[str, Mapping[str, object]], object]


def asker(folder: Path) -> Ask:
    """What asks for commands over this data folder."""
    if is_running(folder):
        return lambda command, arguments: call(folder, command, dict(arguments))
    return lambda command, arguments: _directly(folder, command, arguments)


def understood(answer: object, kind: type[T]) -> T:
    """An answer as a typed value. Raises CouldNot for one of another version."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as fault:
        raise CouldNot(f"mailflow answered what this version does not know ({fault}): restart Mailock") from None


def _directly(folder: Path, command: str, arguments: Mapping[str, object]) -> object:
    # Imported only here: the whole store would double the time of a command that asks a running mailflow.
    import asyncio

    import apsw

    from mailock.ports.commands import Absent, Refused
    from mailock.ports.queue import StoreFailed
    from mailock.processes.control import speaker_for
    from mailock.processes.direct import directly
    from mailock.storage.sqlite.place import NetworkFileSystem
    from mailock.storage.sqlite.schema import NewerSchema

    speaker = speaker_for(os.geteuid(), person())
    try:
        return asyncio.run(directly(folder, command, arguments, speaker))
    except Absent as why:
        raise AnswerIsNo(str(why)) from None
    except Refused as why:
        raise CouldNot(str(why)) from None
    except ValueError as why:
        raise WrongUse(str(why)) from None
    except PermissionError:
        raise CouldNot(f"{folder} may only be used by root and Mailock's own user: use sudo") from None
    except (OSError, apsw.Error, StoreFailed, NetworkFileSystem, NewerSchema) as fault:
        raise CouldNot(str(fault)) from None

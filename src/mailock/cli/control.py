"""Asks the running mailflow, over its control socket."""

import os
import socket
from pathlib import Path

from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.console import mailflow
from mailock.ports.commands import Absent, Refused

SECONDS = mailflow.SECONDS


def is_running(directory: Path) -> bool:
    """Whether a mailflow answers for this data directory."""
    with socket.socket(socket.AF_UNIX) as link:
        try:
            link.connect(str(directory / mailflow.SOCKET_NAME))
        except OSError:
            return False
    return True


def call(directory: Path, command: str, arguments: dict[str, object] | None = None, seconds: float = SECONDS) -> object:
    """The result of one command.

    Raises AnswerIsNo for what is not there, CouldNot where mailflow is down or refuses, WrongUse where it finds the
    arguments wrong.
    """
    try:
        return mailflow.call(directory, command, arguments or {}, person=person(), seconds=seconds)
    except Absent as why:
        raise AnswerIsNo(str(why)) from None
    except (mailflow.Down, Refused, PermissionError) as why:
        raise CouldNot(str(why)) from None
    except ValueError as why:
        raise WrongUse(str(why)) from None


def person() -> str:
    """Who called root, where sudo says so; otherwise the account that the kernel knows speaks for itself."""
    return os.environ.get("SUDO_USER", "") if os.geteuid() == 0 else ""

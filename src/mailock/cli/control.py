"""Asks the running mailflow, over its control socket."""

import json
import os
import socket
from pathlib import Path

from mailock.cli.ending import CouldNot, WrongUse

SOCKET_NAME = "control.sock"
SECONDS = 60.0


def is_running(directory: Path) -> bool:
    """Whether a mailflow answers for this data directory."""
    with socket.socket(socket.AF_UNIX) as link:
        try:
            link.connect(str(directory / SOCKET_NAME))
        except OSError:
            return False
    return True


def call(directory: Path, command: str, arguments: dict[str, object] | None = None, seconds: float = SECONDS) -> object:
    """The result of one command.

    Raises CouldNot where mailflow is down or refuses, WrongUse where it finds the arguments wrong.
    """
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(seconds)
        try:
            link.connect(str(directory / SOCKET_NAME))
        except PermissionError:
            raise CouldNot(f"{directory} may only be read by root and Mailock's own user: use sudo") from None
        except OSError:
            raise CouldNot(f"mailflow is not running over {directory}: start it with `mailock run`") from None
        request = {"command": command, "arguments": arguments or {}, "person": person()}
        link.sendall(json.dumps(request).encode() + b"\n")
        with link.makefile("rb") as answer:
            line = answer.readline()
    if not line:
        raise CouldNot(f"mailflow ended while it worked on {command}; look with `mailock doctor`")
    answered = json.loads(line)
    if "wrong" in answered:
        raise WrongUse(answered["wrong"])
    if "refused" in answered:
        raise CouldNot(answered["refused"])
    return answered["result"]


def person() -> str:
    """Who called root, where sudo says so; otherwise the account that the kernel knows speaks for itself."""
    return os.environ.get("SUDO_USER", "") if os.geteuid() == 0 else ""

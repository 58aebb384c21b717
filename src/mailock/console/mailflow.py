"""Asks the running mailflow over its control socket, for a person (DECISIONS 5)."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mailock.ports.commands import Absent, Refused

SOCKET_NAME: Final = "control.sock"
SECONDS: Final = 60.0


class Down(Exception):
    """Mailflow does not run, or does not answer; the text is a sentence with the mend."""


def call(
    folder: Path,
    command: str,
    arguments: Mapping[str, object],
    *,
    person: str = "",
    is_administrator: bool = False,
    seconds: float = SECONDS,
) -> object:
    """The result of one command. Blocks.

    Raises Down, Refused where the answer is no (Absent where the thing is not there), ValueError where the arguments
    are wrong, PermissionError where the socket is not for this account.
    """
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(seconds)
        try:
            link.connect(str(folder / SOCKET_NAME))
        except PermissionError:
            raise PermissionError(f"{folder} may only be read by root and Mailock's own user: use sudo") from None
        except OSError:
            raise Down(f"mailflow is not running over {folder}: start it with `mailock run`") from None
        request = {"command": command, "arguments": dict(arguments), "person": person}
        try:
            link.sendall(json.dumps(request | ({"administrator": True} if is_administrator else {})).encode() + b"\n")
            with link.makefile("rb") as answer:
                line = answer.readline()
        except TimeoutError:
            raise Down(f"mailflow did not answer {command} within {seconds:.0f} s; it may still do it") from None
        except OSError:
            line = b""
    if not line:
        raise Down(f"mailflow ended while it worked on {command}; look with `mailock doctor`")
    answered = json.loads(line)
    if "wrong" in answered:
        raise ValueError(answered["wrong"])
    if "refused" in answered:
        raise (Absent if answered.get("absent") else Refused)(answered["refused"])
    return answered["result"]

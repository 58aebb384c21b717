"""`mailock drain`, `disable` and `enable`: whether mail is taken, and how the gateway leaves service losing none."""

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from mailock.cli.asking import understood
from mailock.cli.control import call
from mailock.cli.ending import AnswerIsNo
from mailock.cli.output import print_json
from mailock.cli.place import USUAL, Config, Data, data_folder

POLL_SECONDS = 1.0
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object: the step, and what it waits for.")]


class Standing(msgspec.Struct):
    """How things stand, as mailflow answers."""

    step: str
    takes_mail: bool
    by: str
    since: str | None
    to_off: bool
    forced: bool
    awaited: list[str]
    risk: str
    pointing: list[str]
    unknown: list[str]
    moving: int
    kept: int
    empty: bool


def drain(
    wait: Annotated[bool, typer.Option("--wait", help="Return once it is empty.")] = False,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Take no more mail (421), and deliver what is here. Exit 1 where it is not empty yet."""
    folder = data_folder(config, data)
    standing = _ask(folder, "drain")
    while wait and not standing.empty:
        time.sleep(POLL_SECONDS)
        standing = _ask(folder, "doors")
        if standing.takes_mail:
            raise AnswerIsNo("mail is taken again: somebody said `mailock enable`")
    _print(standing, as_json=as_json)
    if not standing.empty:
        raise AnswerIsNo("it is not empty yet: ask again, or use --wait")


def disable(
    force: Annotated[
        bool, typer.Option("--force", help="Shut the doors now, whoever sends mail here. It says what that risks.")
    ] = False,
    upstream: Annotated[
        list[str] | None,
        typer.Option("--upstream", help="The address of a relay that hands mail to this gateway. May be repeated."),
    ] = None,
    quiet: Annotated[
        float, typer.Option("--quiet", min=1, help="Minutes for which the relays must have sent nothing.")
    ] = 30,
    status: Annotated[bool, typer.Option("--status", help="Only say how things stand.")] = False,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Take the gateway out of service: when no MX points here for a day it drains, and then it is off.

    Exit 0 once it is off, 1 while it is on its way. It goes on by itself, across restarts; ask with --status.
    """
    folder = data_folder(config, data)
    if status:
        standing = _ask(folder, "doors")
    else:
        standing = _ask(folder, "disable", {"force": force, "upstream": upstream or [], "quiet": quiet})
    _print(standing, as_json=as_json)
    if standing.step != "off":
        raise AnswerIsNo("it is in service" if standing.step == "open" else "it is not off yet: it goes on by itself")


def enable(as_json: JsonOption = False, config: Config = USUAL, data: Data = None) -> None:
    """Take mail again, whatever was ordered before."""
    _print(_ask(data_folder(config, data), "enable"), as_json=as_json)


def _ask(folder: Path, command: str, arguments: dict[str, object] | None = None) -> Standing:
    return understood(call(folder, command, arguments), Standing)


def _print(standing: Standing, *, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.structs.asdict(standing))
        return
    typer.echo(_headline(standing))
    for sentence in standing.awaited:
        typer.echo(f"  waits: {sentence}")
    if standing.risk:
        typer.echo(f"  risk: {standing.risk}")
    if standing.kept:
        typer.echo(f"  kept: {standing.kept} held, shunted or in quarantine: a person decides about them")


def _headline(standing: Standing) -> str:
    order = f" by order of {standing.by} of {standing.since}" if standing.by else ""
    match standing.step:
        case "open":
            return "in service: mail is taken"
        case "leaving":
            return f"on its way out of service{order}: mail is taken until nobody sends it here any more"
        case "draining":
            state = "empty" if standing.empty else f"not empty, {standing.moving} on the way"
            return f"drained{order}: no mail is taken; {state}"
        case _:
            return f"off{order}: no mail is taken, and none is on the way"

"""`mailock doctor`: is everything in order on which mail hangs, and if not, what is the mend?"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from mailock.cli.control import call, is_running
from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.output import print_json
from mailock.cli.place import USUAL, Config
from mailock.config.names import address
from mailock.core.mail.address import Address
from mailock.core.mail.shown import cleaned
from mailock.operations.doctor import Check, Level, failed
from mailock.processes.directory import look_at_directory
from mailock.processes.doctor import examine
from mailock.processes.patient import read_patient

FOREIGN = "relay-probe@example.com"
"""A domain that the RFCs keep for examples: nobody is bothered (RFC 2606)."""


def doctor(
    foreign: Annotated[
        str, typer.Option("--foreign", help="Whom to ask next hops about, to see whether they relay for strangers.")
    ] = FOREIGN,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: every check, with its mend.")] = False,
    config: Config = USUAL,
) -> None:
    """Look at settings, disk, DNS, certificates, listeners and next hops; each trouble comes with its mend.

    Next hops are spoken to up to RCPT, never further: no mail is sent. Exit 1 where something is an error.
    """
    try:
        local, _, domain = address(foreign).rpartition("@")
    except ValueError as why:
        raise WrongUse(f"--foreign: {why}") from None
    patient, checks = read_patient(config, _status)
    if patient is not None:
        checks += asyncio.run(examine(patient, Address(local, domain), _say))
        checks += look_at_directory(config)
    if as_json:
        print_json({"ok": not failed(checks), "checks": [check.table() for check in checks]})
    else:
        _print(checks)
    if failed(checks):
        errors = sum(check.level is Level.ERROR for check in checks)
        raise AnswerIsNo(f"{errors} thing{'s are' if errors != 1 else ' is'} wrong")


def _status(data: Path) -> Mapping[str, Any] | None:
    if data.exists() and not os.access(data, os.R_OK | os.X_OK):
        raise CouldNot(f"{data} may only be read by root and Mailock's own user: use sudo")
    return cast("Mapping[str, Any]", call(data, "status")) if is_running(data) else None


def _say(what: str) -> None:
    if sys.stderr.isatty():
        print(f"looking at {what} …", file=sys.stderr)


def _print(checks: Sequence[Check]) -> None:
    """The worst last, where the eye is when it has run through."""
    order = (Level.OK, Level.WARNING, Level.ERROR)
    colour = {Level.OK: typer.colors.GREEN, Level.WARNING: typer.colors.YELLOW, Level.ERROR: typer.colors.RED}
    for check in sorted(checks, key=lambda check: order.index(check.level)):
        word = typer.style(f"{check.level.value:<8}", fg=colour[check.level])
        typer.echo(f"{word}{check.area}: {cleaned(check.text)}")
        if check.mend:
            typer.echo(f"        mend: {check.mend}")

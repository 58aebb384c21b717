"""`mailock`: finds the command that was typed, imports its module alone, and runs it.

Exit codes: 0 done, 1 the answer is no, 2 wrong use or bad input, 3 could not (and nothing was lost).
"""

import importlib
import sys
from collections.abc import Iterable
from typing import Annotated

import typer

import mailock
from mailock.cli.catalogue import COMMANDS
from mailock.cli.ending import Ending

VERSION = "--version"


def print_version(wanted: bool) -> None:
    """Answers `--version`, which needs no command."""
    if wanted:
        typer.echo(f"mailock {mailock.__version__}")
        raise typer.Exit


def build(names: Iterable[str]) -> typer.Typer:
    """The application with these commands."""
    app = typer.Typer(
        name="mailock",
        help="An airlock for mail: takes it in at once, keeps it safe, examines it behind the closed door, relays it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def top(
        version: Annotated[
            bool, typer.Option(VERSION, help="Print the version and exit.", is_eager=True, callback=print_version)
        ] = False,
    ) -> None:
        """Takes what stands before the command."""

    for name in names:
        entry = COMMANDS[name]
        found = getattr(importlib.import_module(entry.module), entry.attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """The console script."""
    typed = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        build([typed] if typed in COMMANDS else [] if typed == VERSION else COMMANDS)()
    except Ending as ending:
        print(f"mailock: {ending}", file=sys.stderr)
        sys.exit(ending.code)
    except BrokenPipeError:
        # The reader of our output (`head`, a pager) went away; that is no fault of ours.
        sys.stderr.close()
        sys.exit(0)

"""`mailock`: finds the command that was typed, imports its module alone, and runs it.

Exit codes: 0 done, 1 the answer is no, 2 wrong use or bad input, 3 could not (and nothing was lost).
"""

import importlib
import sys
from collections.abc import Iterable
from typing import Annotated

import typer
from typer._click.exceptions import (  # Typer carries its own Click, and no other name for these
    ClickException,
    NoArgsIsHelpError,
)

import mailock
from mailock.cli.catalogue import COMMANDS
from mailock.cli.ending import AnswerIsNo, Ending

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
        # Brackets in help are sections of the policy file; markup would take them for its own and leave them out.
        rich_markup_mode=None,
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
        names = [typed] if typed in COMMANDS else [] if typed == VERSION else COMMANDS
        sys.exit(build(names)(prog_name="mailock", standalone_mode=False))
    except Ending as ending:
        print(f"mailock: {ending}", file=sys.stderr)
        sys.exit(ending.code)
    except NoArgsIsHelpError as help_:
        print(help_.format_message(), file=sys.stderr)
        sys.exit(help_.exit_code)
    except ClickException as wrong:
        print(f"mailock: {_sentence(wrong)}", file=sys.stderr)
        sys.exit(wrong.exit_code)
    except typer.Abort:
        print("mailock: nothing more was done", file=sys.stderr)
        sys.exit(AnswerIsNo.code)
    except BrokenPipeError:
        # The reader of our output (`head`, a pager) went away; that is no fault of ours.
        sys.stderr.close()
        sys.exit(0)


def _sentence(wrong: ClickException) -> str:
    """A wrong use as one line: what, and where its right use stands."""
    said = " ".join(wrong.format_message().split()).rstrip(".")
    ctx = getattr(wrong, "ctx", None)
    path = ctx.command_path if ctx is not None else "mailock"
    return f"{said[:1].lower()}{said[1:]}: see `{path} --help`"

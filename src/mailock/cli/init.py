"""`mailock init`: writes a commented policy file to begin with."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import CouldNot, WrongUse
from mailock.config.sample import sample

NAME = "mailock.toml"


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to write it; made where it is missing.")
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write a commented mailock.toml. A file that is there already is left alone."""
    path = directory / NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(sample())
    except FileExistsError:
        raise WrongUse(f"{path} is there already: remove it first, or name another folder") from None
    except OSError as fault:
        raise CouldNot(f"{path} cannot be written ({fault.strerror}): choose a folder that you may write to") from None
    if as_json:
        typer.echo(json.dumps({"written": str(path)}))
        return
    typer.echo(f"wrote {path}")
    typer.echo("Next: write your domain and your mail server into its first [[mta.forwarding]] rule, then")
    typer.echo(f"  mailock policy check -c {path}")
    typer.echo(f"  mailock run -c {path}")

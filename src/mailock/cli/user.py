"""`mailock user`: accounts of those who submit mail by AUTH."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import WrongUse
from mailock.storage.users import make_hash

app = typer.Typer(help="Accounts of those who submit mail by AUTH.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps `hash` a command of the group, though it is the only one."""


@app.command("hash")
def hash_(
    name: Annotated[str, typer.Argument(help="The name that the user signs in with.")],
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the password; else it is asked for, or read from standard input.")
    ] = None,
) -> None:
    """Print the line `name:hash` for [mta.submission] users_file. The password is never an argument."""
    if not name or name != name.strip() or name.startswith("#") or not name.isprintable():
        raise WrongUse(
            f"{name!r} is no name for an account: it may not be empty, begin with # or have spaces around it"
        )
    password = _password(password_file)
    if not password:
        raise WrongUse("an empty password is none: give one")
    print(f"{name}:{make_hash(password)}")


def _password(path: Path | None) -> str:
    if path is not None:
        try:
            return path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            why = getattr(fault, "strerror", None) or "it is not UTF-8"
            raise WrongUse(f"{path} cannot be read: {why}") from None
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise WrongUse("the two passwords differ: try again")
    return password

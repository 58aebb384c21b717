"""`mailock user`: people of the console, and accounts of those who submit mail by AUTH."""

import getpass
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.log import local_time
from mailock.cli.output import print_json, print_table
from mailock.cli.place import USUAL, Config, Data, data_folder
from mailock.config.machine import load_console
from mailock.config.mistakes import Mistakes
from mailock.ports.people import Person, Role
from mailock.storage.people import ONCE_SECONDS, People, check_name
from mailock.storage.users import make_hash

app = typer.Typer(help="People of the console, and accounts of those who submit mail by AUTH.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name that the person signs in with.")]
Systems = Annotated[
    list[str] | None, typer.Option("--system", help="A virtual system whose mail it may see; without any, all.")
]
Content = Annotated[
    bool, typer.Option("--reads-content", help="May read the content of mail; each time leaves a trace.")
]
RoleOption = Annotated[Role, typer.Option("--role", help="What the person may do: docs/console.md says it.")]
PasswordFile = Annotated[
    Path | None, typer.Option(help="A file with the password; else it is asked for, or read from standard input.")
]


@app.command()
def add(
    name: Name,
    role: RoleOption,
    system: Systems = None,
    reads_content: Content = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Make an account of the console, and print the link with which its owner signs in the first time."""
    with _people(config, data) as people:
        try:
            people.add(
                Person(
                    name=check_name(name),
                    role=role,
                    systems=tuple(system or ()),
                    reads_content=reads_content,
                    created=time.time(),
                )
            )
        except ValueError as wrong:
            raise WrongUse(str(wrong)) from None
        _note(people, "person.add", name, f"made, as {role.value}")
        _invite(people, config, name)


@app.command()
def link(
    name: Name,
    no_code: Annotated[bool, typer.Option("--no-code", help="Remove code and passkeys, where they were lost.")] = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Print a link with which a person signs in once: the first time, or where the password was lost."""
    with _people(config, data) as people:
        _known(people, name)
        if no_code:
            people.set_totp(name, None)
            people.passkeys.remove_all(name)
        _note(people, "person.link", name, "a one-time link was made")
        _invite(people, config, name)


@app.command()
def password(name: Name, password_file: PasswordFile = None, config: Config = USUAL, data: Data = None) -> None:
    """Set the password of a person of the console. All its sessions end. The password is never an argument."""
    with _people(config, data) as people:
        _known(people, name)
        try:
            people.set_password(name, _password(password_file))
        except ValueError as wrong:
            raise WrongUse(str(wrong)) from None
        _note(people, "password", name, "set; all sessions ended")


@app.command()
def change(
    name: Name,
    role: Annotated[Role | None, typer.Option("--role", help="Another role.")] = None,
    system: Systems = None,
    all_systems: Annotated[bool, typer.Option("--all-systems", help="May see the mail of all systems.")] = False,
    disabled: Annotated[bool | None, typer.Option("--disabled/--enabled", help="Whether it may sign in.")] = None,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Give a person of the console another role or other systems, or disable it. All its sessions end."""
    with _people(config, data) as people:
        person = _known(people, name)
        if role is not None:
            person = replace(person, role=role)
        if system or all_systems:
            person = replace(person, systems=tuple(system or ()))
        if disabled is not None:
            person = replace(person, disabled=disabled)
        people.change(person)
        _note(people, "person.change", name, f"{person.role.value}{', disabled' if person.disabled else ''}")


@app.command()
def remove(name: Name, config: Config = USUAL, data: Data = None) -> None:
    """Remove a person of the console; the audit log keeps its name."""
    with _people(config, data) as people:
        people.remove(_known(people, name).name)
        _note(people, "person.remove", name, "removed")


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a person a line.")] = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """List the people of the console."""
    with _people(config, data) as people:
        everybody = people.everybody()
    if as_json:
        for one in everybody:
            print_json(
                {"name": one.name, "role": one.role.value, "systems": list(one.systems), "disabled": one.disabled}
            )
        return
    rows = [
        (
            one.name,
            one.role.value,
            ", ".join(one.systems) or "all",
            one.signs_in_with,
            local_time(one.signed_in) if one.signed_in else "never",
            "disabled" if one.disabled else "",
        )
        for one in everybody
    ]
    heads = ("name", "role", "systems", "signs in with", "last", "")
    print_table(heads, rows, nothing="There is nobody yet: `mailock user add NAME --role administrator`.")


@app.command("hash")
def hash_(
    name: Annotated[str, typer.Argument(help="The name that the user signs in with.")],
    password_file: PasswordFile = None,
) -> None:
    """Print the line `name:hash` for [mta.submission] users_file. The password is never an argument."""
    if not name or name != name.strip() or name.startswith("#") or not name.isprintable():
        raise WrongUse(
            f"{name!r} is no name for an account: it may not be empty, begin with # or have spaces around it"
        )
    print(f"{name}:{make_hash(_password(password_file))}")


@contextmanager
def _people(config: Path, data: Path | None) -> Iterator[People]:
    """The store, in the data folder. Raises CouldNot."""
    folder = data_folder(config, data)
    try:
        people = People(folder)
    except OSError as fault:
        raise CouldNot(f"{fault}; the data folder belongs to root and Mailock's own user") from None
    try:
        yield people
    finally:
        people.close()


def _known(people: People, name: str) -> Person:
    found = people.person(name)
    if found is None:
        raise AnswerIsNo(f"there is no person {name!r}: `mailock user list` shows who there is")
    return found


def _invite(people: People, config: Path, name: str) -> None:
    try:
        console = load_console(config, environment=os.environ)
        address = console.address
    except Mistakes:
        address = ""  # With --data alone nothing says where the console listens.
    try:
        secret = people.make_once(name, time.time())
    except ValueError as wrong:
        raise AnswerIsNo(str(wrong)) from None
    typer.echo(f"{address}/sign-in/once/{secret}")
    print(f"It signs {name} in once, within {ONCE_SECONDS / 60:.0f} minutes.", file=sys.stderr)


def _note(people: People, act: str, about: str, outcome: str) -> None:
    who = os.environ.get("SUDO_USER") or getpass.getuser()
    people.write_down(at=time.time(), person=f"{who} (command line)", ip="", act=act, about=about, outcome=outcome)


def _password(path: Path | None) -> str:
    password = _typed(path)
    if not password:
        raise WrongUse("an empty password is none: give one")
    return password


def _typed(path: Path | None) -> str:
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

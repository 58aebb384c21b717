"""`mailock certificate`: what the gateway proves itself with to those who come to it."""

import getpass
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from mailock.cli.control import call, is_running
from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.place import USUAL, Config, Data
from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.net.certificates import Certificates, Stored
from mailock.net.identity import Material, NeedsPassword, Unusable, read_material

app = typer.Typer(help="Certificates: what the gateway proves itself with.", no_args_is_help=True)
T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="JSON instead of words.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="PKCS#12, or PEM with certificate and chain, in any order.")],
    key: Annotated[Path | None, typer.Option(help="A PEM file with the key, where FILE does not hold it.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="A file with the password of the key.")] = None,
    host: Annotated[
        str | None, typer.Option(help="The host name that it must be for; else [node] hostname of the policy file.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it; else it is called after its first host.")] = None,
    as_json: Json = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Check a certificate with its key, store it, and take it into use. Where something is wrong, the old one stays."""
    place = _place(config, data)
    material = _read(file, key, password_file)
    host = host or place.hostname
    try:
        stored, notes = place.store.put(str(file), material, now=datetime.now(UTC), host=host, name=name)
    except Unusable as why:
        other = " (where it is meant for another name, say --host NAME)" if "not for" in str(why) else ""
        raise WrongUse(f"{why}{other}") from None
    except OSError as why:
        raise CouldNot(f"{file} was not imported, and what was there stays: {why}") from None
    if host is None:
        notes.append("it was not checked against a host name: give --host, or set [node] hostname")
    in_use = _reload(place, f"{stored.name} is stored")
    if as_json:
        print(json.dumps(_facts(stored) | {"notes": notes, "in_use": in_use}))
        return
    print(_line(stored))
    for note in notes:
        print(f"note: {note}")
    print("in use from now on" if in_use else "in use from the next start of the gateway on")


@app.command("list")
def list_(as_json: Json = False, config: Config = USUAL, data: Data = None) -> None:
    """List the stored certificates, with the names that they are for and their last day. Exit 1 where there is none."""
    stored, broken = _reachable(_place(config, data).store.stored)
    for one in stored:
        print(json.dumps(_facts(one)) if as_json else _line(one))
    for bad in broken:
        print(
            json.dumps({"name": bad.name, "broken": bad.why}) if as_json else f"{bad.name}  cannot be used: {bad.why}"
        )
    if not stored and not broken:
        raise AnswerIsNo("no certificate is stored: `mailock certificate import FILE` imports one")


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The name, as `list` shows it.")],
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Remove a certificate and its key. Connections that stand keep it."""
    place = _place(config, data)
    if not _reachable(lambda: place.store.remove(name)):
        raise WrongUse(f"there is no certificate {name!r}: `mailock certificate list` shows their names")
    _reload(place, f"{name} is removed")
    print(f"{name} is removed")


class _Place:
    """Where certificates are stored, and for which host."""

    def __init__(self, data: Path, folder: Path, hostname: str | None) -> None:
        self.data = data
        self.store = Certificates(folder)
        self.hostname = hostname


def _place(config: Path, data: Path | None) -> _Place:
    if data is not None and not config.exists():
        return _Place(data, data / "certificates", None)
    try:
        settings = load(config, environment=os.environ).settings
    except Mistakes as mistakes:
        raise WrongUse(f"{mistakes}\nWithout the policy file, give --data and the data folder") from None
    folder = data or Path(settings.node.data)
    configured = settings.policy.mta.tls.certificates
    return _Place(folder, Path(configured) if configured else folder / "certificates", settings.node.hostname)


def _read(file: Path, key: Path | None, password_file: Path | None) -> Material:
    content, key_content = _content(file), None if key is None else _content(key)
    password = None if password_file is None else _content(password_file).rstrip(b"\r\n")
    try:
        try:
            return read_material(str(file), content, key=key_content, password=password)
        except NeedsPassword:
            if not sys.stdin.isatty():
                raise
            asked = getpass.getpass(f"Password of {key or file}: ").encode()
            return read_material(str(file), content, key=key_content, password=asked)
    except Unusable as why:
        raise WrongUse(str(why)) from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as why:
        raise WrongUse(f"{path} cannot be read: {why.strerror}") from None


def _reachable(work: Callable[[], T]) -> T:
    try:
        return work()
    except PermissionError as why:
        raise CouldNot(f"{why.filename} may only be read by root and Mailock's own user: use sudo") from None
    except OSError as why:
        raise CouldNot(str(why)) from None


def _reload(place: _Place, done: str) -> bool:
    """Has the running gateway take what is stored; whether one runs."""
    if not is_running(place.data):
        return False
    try:
        call(place.data, "certificate.reload")
    except (CouldNot, WrongUse) as why:
        raise CouldNot(f"{done}, but the running gateway goes on with what it has: {why}") from None
    return True


def _facts(one: Stored) -> dict[str, object]:
    return {
        "name": one.name,
        "names": one.names,
        "not_before": one.not_before.isoformat(),
        "not_after": one.not_after.isoformat(),
        "days_left": round(one.days_left(datetime.now(UTC)), 1),
        "issuer": one.issuer,
        "key": one.key,
        "sha256": one.sha256,
    }


def _line(one: Stored) -> str:
    days = one.days_left(datetime.now(UTC))
    when = f"until {one.not_after:%Y-%m-%d} ({days:.0f} days)" if days > 0 else f"EXPIRED on {one.not_after:%Y-%m-%d}"
    return f"{one.name}  {when}  {one.key}  for {', '.join(one.names)}"

"""`mailock key`: what signs mail that leaves (DKIM), and seals mail that was changed (ARC)."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.output import print_json
from mailock.cli.place import USUAL, Config, Data, data_folder, resolvers
from mailock.core.authentication.questions import KeyType
from mailock.core.smtp.domain import read_domain
from mailock.engines.authentication.keys import (
    BITS,
    RETIRED_SECONDS,
    Keyring,
    State,
    StoredKey,
    UnusableKey,
    new_key,
)
from mailock.net.dns import DnsResolver
from mailock.ports.resolver import LookupFailed

app = typer.Typer(help="Keys: what signs and seals mail.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="JSON instead of words.")]
Algorithm = Annotated[KeyType, typer.Option(help="RSA is understood everywhere; Ed25519 is smaller, as a second one.")]
DOMAIN = Annotated[str, typer.Argument(help="Who signs: example.com.")]


@app.command()
def generate(
    domain: DOMAIN,
    selector: Annotated[str, typer.Option(help="The key's name; else it is called after the day.")] = "",
    algorithm: Algorithm = KeyType.RSA,
    bits: Annotated[int, typer.Option(min=1024, max=4096, help="Of an RSA key.")] = BITS,
    as_json: Json = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Make a key, and print the record to publish. It signs once the record is there: `mailock key rotate`."""
    keyring = _keyring(config, data)
    key = _made(keyring, _domain(domain), selector, algorithm, bits)
    _tell(key, "publish this record, then run `mailock key rotate`", as_json=as_json)


@app.command("list")
def list_(as_json: Json = False, config: Config = USUAL, data: Data = None) -> None:
    """List the keys. Exit 1 where there is none."""
    keys = _keys(_keyring(config, data))
    for key in keys:
        print_json(_facts(key)) if as_json else typer.echo(
            f"{key.public.domain}\t{key.public.selector}\t{key.public.algorithm}\t{key.state.value}"
        )
    if not keys:
        raise AnswerIsNo("there is no key: `mailock key generate DOMAIN` makes one")


@app.command()
def rotate(
    domain: DOMAIN,
    algorithm: Algorithm = KeyType.RSA,
    force: Annotated[bool, typer.Option("--force", help="Do not look for the record in the DNS.")] = False,
    as_json: Json = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Take the waiting key into use, once its record is published; make one where none waits.

    Run it twice: the first makes the next key and prints its record, the second changes over. The old key signs no
    more then; its record has to stay for a week. Exit 1 where the record is not published yet.
    """
    keyring, name, now = _keyring(config, data), _domain(domain), time.time()
    of_type = [key for key in _keys(keyring) if (key.public.domain, key.public.key_type) == (name, algorithm)]
    waiting = [key for key in of_type if key.state is State.WAITING]
    if not waiting:
        key = _made(keyring, name, "", algorithm, BITS)
        _tell(key, "publish this record, then run `mailock key rotate` once more", as_json=as_json)
        return
    key = waiting[-1]
    if not force and not asyncio.run(_is_published(key, resolvers(config))):
        _tell(key, "this record is not published yet", as_json=as_json)
        raise typer.Exit(1)
    gone = []
    for old in of_type:
        if old.state is State.ACTIVE:
            keyring.move(old, State.RETIRED, now=now)
        elif old.state is State.RETIRED and now - old.since > RETIRED_SECONDS:
            keyring.remove(old)
            gone.append(old.name)
    _tell(keyring.move(key, State.ACTIVE, now=now), "it signs from now on", as_json=as_json)
    if gone and not as_json:
        typer.echo(f"records that may be taken away: {', '.join(gone)}")


def _made(keyring: Keyring, domain: str, selector: str, algorithm: KeyType, bits: int) -> StoredKey:
    taken = {key.public.selector for key in _keys(keyring) if key.public.domain == domain}
    if selector and (read_domain(selector) != selector or selector in taken):
        raise WrongUse(f"--selector {selector!r} is in use, or is no label: take another, such as s2")
    day = time.strftime("m%Y%m%d") + ("e" if algorithm is KeyType.ED25519 else "")
    free = (day if not number else f"{day}-{number}" for number in range(len(taken) + 1))
    chosen = selector or next(name for name in free if name not in taken)
    key = new_key(domain, chosen, algorithm, now=time.time(), bits=bits)
    try:
        keyring.put(key)
    except OSError as why:
        raise CouldNot(f"the key was not stored: {why}") from None
    return key


async def _is_published(key: StoredKey, servers: Sequence[tuple[str, int]] | None) -> bool:
    resolver = DnsResolver(servers)
    try:
        return key.is_published((await resolver.txt(key.name)).records)
    except LookupFailed as why:
        raise CouldNot(f"whether the record is published could not be learnt, and nothing was changed: {why}") from None
    finally:
        await resolver.close()


def _keys(keyring: Keyring) -> list[StoredKey]:
    try:
        return keyring.stored()
    except (OSError, UnusableKey) as why:
        raise CouldNot(str(why)) from None


def _keyring(config: Path, data: Path | None) -> Keyring:
    return Keyring(data_folder(config, data) / "keys")


def _domain(text: str) -> str:
    name = read_domain(text)
    if name is None or "." not in name:
        raise WrongUse(f"{text!r} is no domain: write it as example.com")
    return name


def _facts(key: StoredKey) -> dict[str, object]:
    return {
        "domain": key.public.domain,
        "selector": key.public.selector,
        "algorithm": key.public.algorithm,
        "state": key.state.value,
        "since": key.since,
        "name": key.name,
        "record": key.record,
    }


def _tell(key: StoredKey, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_facts(key))
        return
    typer.echo(f"{key.public.domain}  {key.public.selector}  {key.public.algorithm}  {key.state.value}: {what}")
    typer.echo(key.zone_line)

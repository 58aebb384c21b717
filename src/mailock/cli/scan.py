"""`mailock scan`: what the gateway would see in a message, believe of it, and do with it. Nothing is sent."""

import asyncio
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

import typer

from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.output import print_json
from mailock.config.mistakes import Mistakes
from mailock.config.names import address
from mailock.core.authentication.authentication import as_document
from mailock.core.mail.address import Address
from mailock.core.mail.shown import cleaned
from mailock.operations.scanned import scanned
from mailock.operations.track import Json
from mailock.ports.jail import NoJail
from mailock.processes.offline import NOBODY, Offline, Told, as_sent, named_in, offline
from mailock.stations.examine.outside import Poison

AT_ONCE = 4
RECIPIENTS: Final = {
    "header": "for the recipients that its To and Cc name: --rcpt gives others",
    "nowhere": "for nobody in particular, as it names no recipient: --rcpt gives some",
}
"""Where the recipients come from, in words (DECISIONS 26: the output says so)."""


def scan(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Messages (RFC 5322); - is standard input.")],
    rcpt: Annotated[
        list[str] | None, typer.Option("--rcpt", help="A recipient; without it, To and Cc of the message.")
    ] = None,
    mail_from: Annotated[str, typer.Option("--mail-from", help="The envelope's sender.")] = "",
    client_ip: Annotated[str, typer.Option("--client-ip", help="Who brought it; without it SPF is not asked.")] = "",
    helo: Annotated[str, typer.Option("--helo", help="What the client called itself.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line a message.")] = False,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The policy file; without it, what is shipped.")
    ] = None,
) -> None:
    """Examine messages as the gateway would, and say what it would do. Exit 1 where one would not go on unchanged."""
    try:
        sender = _address(mail_from, "--mail-from") if mail_from.strip("<>") else None
        recipients = tuple(_address(one, "--rcpt") for one in rcpt or ())
        if client_ip:
            client_ip = _ip(client_ip)
        unclean = asyncio.run(_scan(files, sender, recipients, client_ip, helo, config, as_json=as_json))
    except Mistakes as mistakes:
        raise WrongUse(str(mistakes)) from None
    except (OSError, ValueError, NoJail) as fault:
        raise CouldNot(str(fault)) from None
    if unclean:
        raise AnswerIsNo(f"{unclean} of {len(files)} would not go on unchanged")


async def _scan(
    files: list[Path],
    sender: Address | None,
    recipients: tuple[Address, ...],
    client_ip: str,
    helo: str,
    config: Path | None,
    *,
    as_json: bool,
) -> int:
    unclean = 0
    room = asyncio.Semaphore(AT_ONCE)
    async with offline(config) as bench:

        async def one(file: Path) -> dict[str, Json]:
            async with room:
                octets = _read(file)
                given = recipients or named_in(octets)
                told = Told(sender=sender, recipients=given or (NOBODY,), client_ip=client_ip, helo=helo)
                found = await _outcome(bench, file, octets, told)
                return found | {"recipients_from": "option" if recipients else "header" if given else "nowhere"}

        working = [asyncio.ensure_future(one(file)) for file in files]
        try:
            for each in working:
                found = await each
                unclean += found["disposition"] != "deliver"
                print_json(found) if as_json else typer.echo("\n".join(text_of(found)))
        finally:
            for each in working:
                each.cancel()
    return unclean


async def _outcome(bench: Offline, file: Path, octets: bytes, told: Told) -> dict[str, Json]:
    try:
        outcome = await bench.examine(octets, told)
    except Poison as poison:
        # The gateway would keep it whole and tell a person (DECISIONS 1): it shows as hold.
        return {"file": str(file), "verdict": "unknown", "disposition": "hold", "because": [str(poison)]}
    sent = outcome.examination.authentication
    sender = as_document(sent) if sent is not None else None
    found = scanned(outcome.message, outcome.examination, outcome.judgement, sender)
    return {"file": str(file), **found, "milliseconds": outcome.milliseconds}


def _read(file: Path) -> bytes:
    try:
        return as_sent(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except OSError as fault:
        raise WrongUse(f"{file} cannot be read: {fault.strerror}") from None


def _ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise WrongUse(f"--client-ip {text!r} is no address: write 192.0.2.1 or 2001:db8::1") from None


def _address(text: str, option: str) -> Address:
    try:
        return Address(*address(text.strip("<>")).rpartition("@")[::2])
    except ValueError as why:
        raise WrongUse(f"{option}: {why}") from None


def text_of(found: dict[str, Json]) -> Iterator[str]:
    """What is printed of a message, for people."""
    rule = f", by rule {found['rule']}" if "rule" in found else ""
    yield f"{cleaned(str(found['file']))}: {found['disposition']}, {found['verdict']}{rule}"
    if (whose := RECIPIENTS.get(str(found.get("recipients_from")))) is not None:
        yield f"    {whose}"
    because = found["because"]
    for sentence in because if isinstance(because, list) else ():
        yield f"    {sentence}"
    recipients = [one for one in _each(found.get("recipients")) if isinstance(one, dict)]
    if len({(str(one["disposition"]), str(one["rule"])) for one in recipients}) < 2:
        return
    # They are not treated alike: what stands above is the strictest.
    for one in recipients:
        yield f"    for {one['address']}: {one['disposition']}, by rule {one['rule']}"
        yield from (f"        {sentence}" for sentence in _each(one["because"]))


def _each(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []

"""`mailock auth`: who sent a message, as the gateway would see it."""

import asyncio
import ipaddress
import os
import platform
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import CouldNot, WrongUse
from mailock.cli.output import print_facts, print_json
from mailock.config.machine import load_node
from mailock.config.mistakes import Mistakes
from mailock.config.node import Node
from mailock.core.authentication import results, zone
from mailock.core.authentication.authentication import Authentication, as_document
from mailock.core.authentication.dmarc import DmarcResult
from mailock.core.authentication.documents import Evidence
from mailock.core.authentication.fields import as_crlf
from mailock.core.mail.shown import cleaned
from mailock.engines.authentication.answers import FromDns, FromZone
from mailock.engines.authentication.online import AuthenticationEngine, Source
from mailock.net.dns import DnsResolver
from mailock.ports.jail import NoJail
from mailock.processes.means import means_of
from mailock.processes.sender import Unreadable, evidence_of

LARGEST = 256 << 20
"""Octets of a file."""
NO = frozenset({DmarcResult.FAIL, DmarcResult.PERMERROR, DmarcResult.TEMPERROR})


def auth(
    file: Annotated[Path, typer.Argument(help="A message; `-` reads standard input. LF line ends are read as CRLF.")],
    client_ip: Annotated[str, typer.Option(help="The address that brought it.")],
    helo: Annotated[str, typer.Option(help="What that client said it is.")] = "",
    mail_from: Annotated[str, typer.Option(help="The reverse-path; empty or <> for the null one.")] = "",
    zone_file: Annotated[
        Path | None,
        typer.Option("--zone", help="YAML: name to [[type, value], …]. It answers for the DNS, and nothing leaves."),
    ] = None,
    receiver: Annotated[
        str, typer.Option(help="Our host name, for the field and for macros; else this machine's.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The policy file, for what [node] says of the jail.")
    ] = None,
) -> None:
    """Check SPF, DKIM, ARC and DMARC of one message. Exit 1 where nobody stands behind the author that it shows."""
    message, mixed = as_crlf(_content(file))
    try:
        ipaddress.ip_address(client_ip)
    except ValueError:
        raise WrongUse(f"--client-ip {client_ip!r} is no address: write 192.0.2.1 or 2001:db8::1") from None
    name = receiver or platform.node() or "localhost"
    source = Source(ip=client_ip, untrusted_helo=helo, untrusted_sender=_path(mail_from))
    names = _zone(zone_file) if zone_file is not None else None
    found = asyncio.run(_judge(source, _evidence(message, name, config), name, names))
    header = f"{results.NAME}: {results.text(found, name)}"
    defects = ["mixed-line-ends"] if mixed else []
    if as_json:
        print_json(as_document(found) | {"authentication_results": header, "defects": defects})
    else:
        _print(found, header, defects)
    if found.dmarc.result in NO:
        raise typer.Exit(1)


def _evidence(message: bytes, receiver: str, config: Path | None) -> Evidence:
    """What the message says, read in the jail."""
    try:
        node = Node() if config is None else load_node(config, environment=os.environ)
        return asyncio.run(evidence_of(message, receiver, means_of(node)))
    except Mistakes as mistakes:
        raise WrongUse(str(mistakes)) from None
    except (NoJail, Unreadable, OSError) as fault:
        raise CouldNot(str(fault)) from None


async def _judge(source: Source, evidence: Evidence, receiver: str, names: zone.Zone | None) -> Authentication:
    if names is not None:
        return await AuthenticationEngine(FromZone(names), receiver=receiver, now=time.time).judge(source, evidence)
    resolver = DnsResolver()
    try:
        return await AuthenticationEngine(FromDns(resolver), receiver=receiver, now=time.time).judge(source, evidence)
    finally:
        await resolver.close()


def _zone(path: Path) -> zone.Zone:
    # Imported here, for only this option needs it.
    import yaml

    try:
        return zone.read(yaml.safe_load(path.read_bytes()))
    except OSError as why:
        raise WrongUse(f"{path} cannot be read: {why.strerror}") from None
    except (yaml.YAMLError, zone.BadZone, RecursionError) as why:
        raise WrongUse(f"{path} is no zone: {' '.join(str(why).split())}") from None


def _content(path: Path) -> bytes:
    try:
        content = sys.stdin.buffer.read(LARGEST + 1) if str(path) == "-" else _read(path)
    except OSError as why:
        raise WrongUse(f"{path} cannot be read: {why.strerror}") from None
    if len(content) > LARGEST:
        raise CouldNot(f"{path} has more than {LARGEST} octets")
    return content


def _read(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(LARGEST + 1)


def _path(text: str) -> str:
    return text[1:-1] if text.startswith("<") and text.endswith(">") else text


def _print(found: Authentication, header: str, defects: list[str]) -> None:
    spf, dmarc = found.spf, found.dmarc
    print_facts(
        [
            ("from", cleaned(", ".join(found.author.addresses)) or "nobody"),
            ("spf", cleaned(f"{spf.result.value}: {spf.reason}") if spf is not None else ""),
            *(
                ("dkim", cleaned(f"{one.result.value}: {one.domain} ({one.selector}): {one.reason}"))
                for one in found.dkim
            ),
            ("arc", cleaned(f"{found.arc.result.value}: {found.arc.reason}")),
            ("dmarc", cleaned(f"{dmarc.result.value}: {dmarc.reason}")),
            ("policy", dmarc.policy.word if dmarc.policy is not None else ""),
            ("iprev", found.iprev.result.value if found.iprev is not None else ""),
            ("defects", ", ".join(defects)),
            ("field", cleaned(header)),
        ]
    )

"""The ways that alerts leave by, as a policy and this machine's settings say."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from mailock.alerts.mail import MailChannel, Submit
from mailock.alerts.notice import Channel
from mailock.alerts.script import ScriptChannel
from mailock.alerts.snmp import Community, SnmpChannel, User
from mailock.alerts.syslog import SyslogChannel
from mailock.alerts.webhook import WebhookChannel
from mailock.config.outward import Alerts, Snmp, SnmpVersion
from mailock.net.syslogwire import SyslogWire, collector

_TRAPS: Final = 162
_SHORTEST: Final = 8
"""Octets of an SNMP password (RFC 3414, appendix A.2, and section 11.2)."""


async def channels(
    settings: Alerts, submit: Submit, *, node: str, authorities: Path | None, scripts: Path | None
) -> list[Channel]:
    """Makes them. Raises OSError or ValueError, with sentences, where a secret or a program cannot be had."""
    made: list[Channel] = []
    if settings.mail_to:
        made.append(MailChannel(submit, settings.mail_to))
    if settings.webhook is not None:
        made.append(WebhookChannel(await asyncio.to_thread(settings.webhook.fetch, os.environ)))
    if settings.syslog is not None:
        made.append(SyslogChannel(SyslogWire(collector(settings.syslog), authorities=authorities).send))
    if settings.snmp.to is not None:
        made.append(await asyncio.to_thread(_snmp, settings.snmp, settings.snmp.to, node, os.environ))
    if settings.script:
        made.append(ScriptChannel(await asyncio.to_thread(_command, settings.script, scripts)))
    return made


def _snmp(settings: Snmp, to: str, node: str, environment: Mapping[str, str]) -> SnmpChannel:
    place = urlsplit(f"//{to}")
    who: Community | User
    if settings.version is SnmpVersion.V2C:
        who = Community(word=settings.community.fetch(environment) if settings.community else "public")
    else:
        secrets = {"authentication": settings.authentication, "privacy": settings.privacy}
        words = {key: "" if secret is None else secret.fetch(environment) for key, secret in secrets.items()}
        for key, word in words.items():
            if len(word.encode()) < _SHORTEST:
                raise ValueError(f"[alerts.snmp] {key}: the password is shorter than eight characters: choose another")
        who = User(name=settings.user or "", **words)
    return SnmpChannel(place.hostname or "", place.port or _TRAPS, who, node=node)


def _command(command: tuple[str, ...], scripts: Path | None) -> tuple[str, ...]:
    name, *arguments = command
    if scripts is None:
        raise ValueError(f"[alerts] script: {name} cannot be run: set `scripts` in [node] to the folder that it is in")
    path = scripts / name
    if not path.is_file() or not os.access(path, os.X_OK):
        raise ValueError(f"[alerts] script: {path} is no program that can be run: check its name and its permissions")
    return str(path), *arguments

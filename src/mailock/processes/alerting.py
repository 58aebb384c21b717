"""The alerts of the process: where they go is part of the policy, so an install may change it while mail flows."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from mailock.alerts.desk import AlertDesk
from mailock.alerts.mail import MailChannel, Submit
from mailock.alerts.webhook import WebhookChannel
from mailock.config.model import AlertKind, Policy
from mailock.config.units import Secret
from mailock.ports.alerts import Alert
from mailock.ports.clock import Clock

FLUSH_SECONDS = 2.0


class Alerting:
    """A Participant of installs, and the Alerts of everybody in the process."""

    name = "the alerts"

    def __init__(self, node: str, clock: Clock, submit: Submit) -> None:
        self._node = node
        self._clock = clock
        self._submit = submit
        self._desk = AlertDesk((), clock, node=node, repeat=3600.0)
        self._next = self._desk
        self._before = self._desk
        self._changed = asyncio.Event()

    def tell(self, alert: Alert) -> None:
        """Takes an alert."""
        self._desk.tell(alert)

    async def run(self) -> None:
        """Sends until cancelled, by the desk of the moment."""
        while True:
            self._changed.clear()
            sending = asyncio.create_task(self._desk.run())
            try:
                await self._changed.wait()
            finally:
                sending.cancel()

    async def flush(self) -> None:
        """Sends what waits."""
        await self._desk.flush(seconds=FLUSH_SECONDS)

    async def test(self) -> dict[str, str]:
        """Sends one alert by every channel; returns what came of each."""
        return await self._desk.test()

    async def prepare(self, policy: Policy) -> None:
        """Reads where alerts go. Raises ValueError or OSError (sentences) where a secret cannot be had."""
        self._before = self._desk
        settings = policy.alerts
        channels: list[MailChannel | WebhookChannel] = []
        if settings.mail_to:
            channels.append(MailChannel(self._submit, settings.mail_to))
        if settings.webhook is not None:
            channels.append(WebhookChannel(_secret(settings.webhook)))
        self._next = AlertDesk(
            channels,
            self._clock,
            node=self._node,
            repeat=settings.repeat.seconds,
            kinds=_kinds(settings.kinds),
            to_log=settings.log,
        )

    async def switch(self, revision: int) -> None:
        """Alerts go there from now on."""
        self._desk = self._next
        self._changed.set()

    async def undo(self) -> None:
        """Goes back."""
        self._desk = self._before
        self._changed.set()


def _kinds(kinds: Sequence[AlertKind]) -> frozenset[str] | None:
    return None if AlertKind.ALL in kinds else frozenset(kind.value for kind in kinds)


def _secret(secret: Secret) -> str:
    kind, _, name = secret.reference.partition(":")
    if kind == "file":
        try:
            return Path(name).read_text("utf-8").strip()
        except OSError as fault:
            raise OSError(f"the secret in {name} cannot be read ({fault.strerror}): check its name and owner") from None
    value = os.environ.get(name)
    if value is None:
        raise ValueError(f"the environment has no variable {name}, which [alerts] webhook names: set it")
    return value

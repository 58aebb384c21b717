"""The alerts of the process: where they go is part of the policy, so an install may change it while mail flows."""

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from mailock.alerts.desk import AlertDesk
from mailock.alerts.mail import Submit
from mailock.alerts.notice import Notice
from mailock.alerts.webhook import body
from mailock.config.model import Policy
from mailock.config.outward import AlertKind
from mailock.core.mail.shown import cleaned
from mailock.operations.filtering import read_arguments
from mailock.ports.alerts import Alert
from mailock.ports.clock import Clock
from mailock.ports.commands import Arguments, Command, Speaker
from mailock.processes.channels import channels

FLUSH_SECONDS: Final = 2.0
_BOARD: Final = 200
"""Alerts that the console shows."""


class DirectoryDown(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `alert.directory`, by which the console tells that its directory does not answer."""

    url: Annotated[str, Meta(max_length=300)]
    text: Annotated[str, Meta(max_length=1000)]


class Alerting:
    """A Participant of installs, and the Alerts of everybody in the process."""

    name = "the alerts"

    def __init__(
        self, node: str, clock: Clock, submit: Submit, authorities: Path | None = None, scripts: Path | None = None
    ) -> None:
        """`authorities`: whom servers over TLS have to be known by; `scripts`: the folder of programs for alerts."""
        self._node = node
        self._authorities, self._scripts = authorities, scripts
        self._board: deque[Notice] = deque(maxlen=_BOARD)
        self._clock = clock
        self._submit = submit
        self._desk = AlertDesk((), clock, node=node, repeat=3600.0, board=self._board.append)
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

    def commands(self) -> dict[str, Command]:
        """What people ask for: the alerts since the start, newest first, as far as they are remembered; and a test."""

        async def listed(arguments: Arguments, speaker: Speaker) -> object:
            return [body(notice) for notice in reversed(self._board)]

        async def test(arguments: Arguments, speaker: Speaker) -> object:
            return await self._desk.test()

        async def directory(arguments: Arguments, speaker: Speaker) -> object:
            given = read_arguments(arguments, DirectoryDown)
            kind, now = AlertKind.DIRECTORY.value, self._clock.now()
            self.tell(Alert(kind=kind, about=cleaned(given.url), text=cleaned(given.text), at=now))
            return {}

        return {"alert.list": listed, "alert.test": test, "alert.directory": directory}

    async def prepare(self, policy: Policy) -> None:
        """Reads where alerts go. Raises ValueError or OSError (sentences) where a secret cannot be had."""
        self._before = self._desk
        settings = policy.alerts
        ways = await channels(
            settings, self._submit, node=self._node, authorities=self._authorities, scripts=self._scripts
        )
        self._next = AlertDesk(
            ways,
            self._clock,
            node=self._node,
            repeat=settings.repeat.seconds,
            kinds=_kinds(settings.kinds),
            to_log=settings.log,
            board=self._board.append,
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

"""The certificates of the process: loaded at start, and again on install, SIGHUP or import, under running listeners."""

import asyncio
import logging
import os
import ssl
from datetime import UTC, datetime
from pathlib import Path

from mailock.config.model import Policy
from mailock.config.mta import TlsVersion
from mailock.net.certificates import Certificates
from mailock.net.selfsigned import self_signed
from mailock.net.tls import Identity, ServerTls
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.clock import Clock

WARN_DAYS = 21.0
WARN_EVERY = 86_400.0
MINIMUM = {TlsVersion.TLS_1_2: ssl.TLSVersion.TLSv1_2, TlsVersion.TLS_1_3: ssl.TLSVersion.TLSv1_3}
log = logging.getLogger(__name__)


class Encryption:
    """What we prove ourselves with to those who come to us. A Participant of installs.

    Until a certificate is imported it is one that we signed ourselves: it proves nothing, and keeps listeners out.
    """

    name = "the certificates"

    def __init__(self, folder: Path, hostname: str, policy: Policy) -> None:
        self._folder = folder
        self._stopgap = folder / "self-signed.pem"
        self._hostname = hostname
        self._store, self._minimum = self._wanted(policy)
        self._next = self._before = (self._store, self._minimum)
        self.tls = ServerTls(self._identities(), minimum=self._minimum)

    async def prepare(self, policy: Policy) -> None:
        """Notes what is wanted."""
        self._before = (self._store, self._minimum)
        self._next = self._wanted(policy)

    async def switch(self, revision: int) -> None:
        """Uses it for every handshake from now on. Raises OSError or ValueError, and all stays as it was."""
        self._use(self._next)

    async def undo(self) -> None:
        """Goes back."""
        self._use(self._before)

    def _wanted(self, policy: Policy) -> tuple[Certificates, ssl.TLSVersion]:
        configured = policy.mta.tls.certificates
        folder = Path(configured) if configured else self._folder / "certificates"
        return Certificates(folder), MINIMUM[policy.mta.tls.minimum_version]

    def _use(self, wanted: tuple[Certificates, ssl.TLSVersion]) -> None:
        self._store, self._minimum = wanted
        self.tls.replace(self._identities(), minimum=self._minimum)

    def load(self) -> list[str]:
        """Takes the stored certificates into use, and returns their names. What cannot be used is told of."""
        self.tls.replace(self._identities())
        stored, broken = self._store.stored()
        for one in broken:
            log.error("the certificate %s cannot be used: %s", one.name, one.why)
        return [one.name for one in stored]

    def _identities(self) -> list[Identity]:
        stored = self._store.identities(self._hostname)
        if stored:
            return stored
        if not self._stopgap.exists():
            descriptor = os.open(self._stopgap, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(self_signed([self._hostname], now=datetime.now(UTC), days=3650).pem())
        return [Identity(chain=self._stopgap, key=self._stopgap)]

    def warn(self, alerts: Alerts, clock: Clock) -> None:
        """Alerts for what expires soon."""
        now = datetime.now(UTC)
        for one in self._store.expiring(now, WARN_DAYS):
            days = one.days_left(now)
            when = f"expires in {days:.0f} days" if days > 0 else "has expired"
            text = f"the certificate {one.name} {when}: import a new one with `mailock certificate import`"
            alerts.tell(Alert(kind="certificate", about=one.name, at=clock.now(), text=text))

    async def mind(self, alerts: Alerts, clock: Clock) -> None:
        """Alerts for what expires soon, once a day."""
        while True:
            self.warn(alerts, clock)
            await asyncio.sleep(WARN_EVERY)

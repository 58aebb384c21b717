"""Alerts by syslog (RFC 5424)."""

import asyncio
from collections.abc import Callable

from mailock.alerts.notice import Notice, NotSent
from mailock.core.notices.syslog import Severity, syslog_line


class SyslogChannel:
    """Hands alerts to a way that takes one message at a time, and blocks."""

    name = "syslog"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        """`send` raises OSError or ValueError with a sentence."""
        self._send = send
        self._one_at_a_time = asyncio.Lock()

    async def send(self, notice: Notice) -> None:
        """Sends one notice. Raises NotSent."""
        try:
            async with self._one_at_a_time:
                await asyncio.to_thread(self._send, line(notice))
        except (OSError, ValueError) as fault:
            raise NotSent(str(fault)) from fault


def line(notice: Notice) -> bytes:
    """A notice as a message of its own kind, with its facts beside the sentence."""
    facts = {"kind": notice.kind, "about": notice.about, "repeated": str(notice.repeated)}
    return syslog_line(
        severity=Severity.ALERT,
        at=notice.at,
        node=notice.node,
        kind="alert",
        text=notice.sentence,
        facts=facts,
    )

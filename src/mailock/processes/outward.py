"""The ways out of the log: in the log's own process, a thread for each collector (telemetry/forward.py)."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import mailock
from mailock.config.outward import LogFormat
from mailock.core.lifecycle.events import Event, Noted
from mailock.core.mail.message import QueueId
from mailock.net.syslogwire import SyslogWire, collector
from mailock.operations.logformats import exported, lost_line
from mailock.telemetry.forward import Forwarder
from mailock.telemetry.search import TrackReader
from mailock.telemetry.track import subject_of

CLOSING_SECONDS: Final = 2.0


class Outward:
    """Every way out, as the policy says at the moment."""

    def __init__(self, log: Path) -> None:
        """`log`: the file that the records are in."""
        self._log = log
        self._forwarders: list[Forwarder] = []

    def go(self, node: str, authorities: str | None, to: Sequence[tuple[str, str]]) -> None:
        """Records go there from now on; what waited for the ways before is sent, as far as that is quick."""
        self.close()
        file = Path(authorities) if authorities else None
        self._forwarders = [_forwarder(self._log, node, file, address, LogFormat(name)) for address, name in to]

    def changed(self, batches: Sequence[tuple[int, Sequence[Event]]]) -> None:
        """The log has these events."""
        if self._forwarders:
            # What was only noted changes no status.
            ids = {subject_of(one): None for _, events in batches for one in events if not isinstance(one, Noted)}
            for forwarder in self._forwarders:
                forwarder.offer(ids)

    def troubles(self) -> list[tuple[str, str, int]]:
        """How each does: its address, what is wrong, and how many records it lost."""
        troubles = [forwarder.trouble for forwarder in self._forwarders]
        return [(one.to, one.why, one.lost) for one in troubles]

    def close(self) -> None:
        """Ends them; what could not be sent is said, and lost."""
        for forwarder in self._forwarders:
            left = forwarder.close(seconds=CLOSING_SECONDS)
            if left:
                where = forwarder.trouble.to
                print(f"mailock: {left} records of the log did not reach {where} and are lost there", file=sys.stderr)
        self._forwarders = []


def _forwarder(log: Path, node: str, authorities: Path | None, address: str, format: LogFormat) -> Forwarder:
    to = collector(address)
    wire = SyslogWire(to, authorities=authorities)
    readers: list[TrackReader] = []

    def line(queue_id: int) -> bytes | None:
        # Opened here, by the thread that uses it.
        if not readers:
            readers.append(TrackReader(log))
        found = readers[0].show(QueueId(queue_id))
        return None if found is None else exported(found[0], format, node=node, version=mailock.__version__)

    def hang_up() -> None:
        wire.close()
        for reader in readers:
            reader.close()

    return Forwarder(
        str(to),
        line=line,
        lost_line=lambda count: lost_line(count, at=time.time(), node=node),
        send=wire.send,
        hang_up=hang_up,
    )

"""Which domains mail went out to lately, as the log has it: whose servers the doctor tries, where `mx:` names none."""

import time
from pathlib import Path
from typing import Final

import apsw

from mailock.core.mail.envelope import Direction
from mailock.operations.track import asked
from mailock.telemetry.search import TooSlow, TrackReader

MOST_RECORDS: Final = 1000
"""Records that are looked through, the newest."""
SINCE: Final = "30d"


def written_to(log: Path) -> tuple[str, ...]:
    """The domains of recipients of outgoing mail, the latest first; none where there is no log, or none to be read,
    which the doctor says by itself. Blocks.
    """
    query = asked("", since=SINCE, status=None, now=time.time())
    try:
        with TrackReader(log) as reader:
            records = reader.find(query, limit=MOST_RECORDS)
    except (OSError, TooSlow, apsw.Error):
        return ()
    outgoing = (one for record in records for one in record.recipients if one.direction is Direction.OUTGOING)
    domains = (one.address.rpartition("@")[2] for one in outgoing)
    return tuple(dict.fromkeys(domain for domain in domains if domain and not domain.startswith("[")))

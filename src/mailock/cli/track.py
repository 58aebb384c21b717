"""`mailock track`: the newest messages that match."""

import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.log import Config, Data, local_time, open_log
from mailock.core.lifecycle.query import BadQuery, Query
from mailock.core.lifecycle.record import Record
from mailock.core.mail.message import show_id
from mailock.core.mail.shown import cleaned, header
from mailock.operations.track import LIMIT, asked, record_json, search
from mailock.telemetry.search import TooSlow, TrackReader

QUERY_HELP = (
    "Words, found by their beginnings in subject, addresses and message id; or from: to: subject: status: verdict: "
    "class: finding: rule: ip: size> size< since: until: id: session: hop: reason: system: followed by what to find."
)
SINCE_HELP = "Only what arrived since then: 30m, 2d, 2026-11-24."
STATUS_HELP = "Only messages with a recipient of this status; several with commas."
HEADINGS = ("arrived", "id", "status", "from", "to", "subject")


def track(
    query: Annotated[list[str] | None, typer.Argument(help=QUERY_HELP)] = None,
    since: Annotated[str | None, typer.Option(help=SINCE_HELP)] = None,
    status: Annotated[str | None, typer.Option(help=STATUS_HELP)] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = LIMIT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a message a line (docs/log.md).")] = False,
    config: Config = Path("mailock.toml"),
    data: Data = None,
) -> None:
    """Find messages in the log, the newest first. Exit 1 where nothing matches."""
    try:
        meant = asked(" ".join(query or []), since=since, status=status, now=time.time())
    except BadQuery as error:
        raise WrongUse(str(error)) from None
    with open_log(config, data) as reader:
        try:
            records = search(reader, meant, limit=limit)
        except (OSError, TooSlow) as error:
            raise CouldNot(str(error)) from None
        for gap in gaps(reader, meant):
            print(gap, file=sys.stderr)
    for line in json_lines(records) if as_json else table(records, width(sys.stdout.isatty())):
        print(line)
    if not records:
        raise AnswerIsNo("nothing in the log matches")


def json_lines(records: Sequence[Record]) -> list[str]:
    """Records, each as a line of JSON."""
    return [json.dumps(record_json(record), ensure_ascii=False) for record in records]


def table(records: Sequence[Record], columns: int | None) -> list[str]:
    """Records as lines for people, cut to a terminal's columns where there is one."""
    rows = [HEADINGS, *(row(record) for record in records)] if records else []
    widths = [max(len(cells[n]) for cells in rows) for n in range(len(HEADINGS) - 1)] if rows else []
    caps = (19, 13, 12, 34, 34) if columns is not None else tuple(widths)
    lines = []
    for cells in rows:
        cut = [cell[:cap].ljust(min(width, cap)) for cell, width, cap in zip(cells, widths, caps, strict=False)]
        line = "  ".join([*cut, cells[-1]]).rstrip()
        lines.append(line if columns is None else line[:columns])
    return lines


def row(record: Record) -> tuple[str, ...]:
    """What the table says of a record."""
    first, others = record.least, len(record.recipients) - 1
    to = cleaned(first.address) if first is not None else ""
    what = f"({record.refused.count} refused) {cleaned(record.refused.why)}" if record.refused is not None else ""
    return (
        local_time(record.arrival),
        show_id(record.queue_id),
        record.status.value,
        cleaned(record.sender) or record.source_ip,
        f"{to} +{others}" if others > 0 else to,
        what or header(record.glimpse.subject),
    )


def gaps(reader: TrackReader, query: Query) -> list[str]:
    """A sentence for each gap that the log has in the time that is asked for."""
    return [
        f"Beware: the log lost {events} events between {local_time(since)} and {local_time(at)}, while it was broken."
        for since, at, events in reader.gaps()
        if (query.since is None or at >= query.since) and (query.until is None or since <= query.until)
    ]


def width(is_terminal: bool) -> int | None:
    """The columns of the terminal; None in a pipe, where nothing is cut."""
    return shutil.get_terminal_size().columns if is_terminal else None

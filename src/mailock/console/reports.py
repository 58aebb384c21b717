"""Reports by mail: a view as a file, sent by mailflow to people who were named, every day, week or month.

A report shows what its owner may see at that moment: who lost the right or the account sends nothing any more. What was
due while nobody could send it (the console or mailflow was down) is sent once when it can be, not as often as it was
missed. Were the console killed between sending one and writing that down, it would be sent once more.
"""

import asyncio
import base64
import contextlib
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Final

import msgspec

from mailock.config.names import address
from mailock.console.counts import Counts
from mailock.console.frames import FRAMES, frame_of
from mailock.console.mailflow import Down
from mailock.console.means import Means, NotThere, Visitor
from mailock.console.shelf import FORMS, drawn_whole, filed, view_of
from mailock.console.wording import when
from mailock.operations.reports import LARGEST, MOST_RECIPIENTS
from mailock.ports.commands import Refused
from mailock.ports.people import Right
from mailock.storage.reports import StoredReport
from mailock.telemetry.search import TooSlow

LOOK_SECONDS: Final = 30.0
AGAIN_SECONDS: Final = 300.0
"""After which one is tried again that could not be sent."""
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST_DAY: Final = 28
"""The last day of the month that every month has."""
_AT: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
log: Final = logging.getLogger(__name__)


class Every(Enum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Report(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What is sent, to whom and when. `on` is the day of the week (1 is Monday) or of the month; of no use daily.

    `at` is a time of day by the clock of this machine: `07:00`. Without a `frame` it is that of the view.
    """

    view: Annotated[str, msgspec.Meta(max_length=64)]
    form: Annotated[str, msgspec.Meta(max_length=8)] = "pdf"
    frame: Annotated[str, msgspec.Meta(max_length=16)] = ""
    to: Annotated[list[Annotated[str, msgspec.Meta(max_length=320)]], msgspec.Meta(max_length=MOST_RECIPIENTS)]
    every: Every = Every.DAY
    on: Annotated[int, msgspec.Meta(ge=1, le=31)] = 1
    at: Annotated[str, msgspec.Meta(max_length=5)] = "07:00"


def checked(means: Means, person: str, report: Report) -> Report:
    """The report, fit to be kept. Raises ValueError with a sentence, and NotThere."""
    view_of(means, person, report.view)
    if report.form not in FORMS:
        raise ValueError(f"there is no export {report.form!r}: there are {', '.join(FORMS)}")
    if report.frame and report.frame not in FRAMES:
        raise ValueError(f"there is no frame {report.frame!r}: there are {', '.join(FRAMES)}")
    if _AT.fullmatch(report.at) is None:
        raise ValueError(f"{report.at!r} is no time of day: write one such as 07:00")
    most = {Every.DAY: 31, Every.WEEK: len(WEEKDAYS), Every.MONTH: LAST_DAY}[report.every]
    if report.on > most:
        raise ValueError(f"a {report.every.value} has no day {report.on} each time: the last one is {most}")
    to = list(dict.fromkeys(address(one) for one in report.to))
    if not to:
        raise ValueError("a report goes to one address at least")
    return msgspec.structs.replace(report, to=to)


def next_due(report: Report, after: float) -> float:
    """The first moment of the schedule after another one, by the clock of this machine. Unix time."""
    hour, minute = (int(one) for one in report.at.split(":"))
    day = datetime.fromtimestamp(after, UTC).astimezone().date()
    while True:
        # A time of day that the clocks leave out is the moment at which they go on.
        moment = datetime(day.year, day.month, day.day, hour, minute).astimezone().timestamp()
        if moment > after and _falls_on(report, day.isoweekday(), day.day):
            return moment
        day += timedelta(days=1)


def _falls_on(report: Report, weekday: int, day: int) -> bool:
    return report.every is Every.DAY or report.on == (weekday if report.every is Every.WEEK else day)


def schedule(report: Report) -> str:
    """When it is sent, in words."""
    match report.every:
        case Every.DAY:
            return f"every day at {report.at}"
        case Every.WEEK:
            return f"every {WEEKDAYS[report.on - 1]} at {report.at}"
        case Every.MONTH:
            return f"on day {report.on} of every month at {report.at}"


def read(kept: StoredReport) -> Report:
    """A report that was kept. Raises ValueError for what is none."""
    return msgspec.json.decode(kept.document, type=Report)


def seen_by(means: Means, visitor: Visitor) -> Sequence[tuple[StoredReport, Report]]:
    """One's own; everybody's for whoever manages people."""
    is_all, name = Right.MANAGE_PEOPLE in visitor.rights, visitor.person.name.lower()
    found = [one for one in means.people.reports.all() if is_all or one.owner.lower() == name]
    return [(one, read(one)) for one in found]


def one_of(means: Means, visitor: Visitor, number: int) -> tuple[StoredReport, Report]:
    """One of these. Raises NotThere."""
    found = next((one for one in seen_by(means, visitor) if one[0].number == number), None)
    if found is None:
        raise NotThere(f"there is no report {number}")
    return found


def order(means: Means, visitor: Visitor, report: Report) -> tuple[int, int]:
    """Keeps a report. Returns its number, and that of the line in the audit log. Raises as `checked`."""
    report = checked(means, visitor.person.name, report)
    due, document = next_due(report, means.clock.now()), msgspec.json.encode(report)
    about = f"{report.view} to {', '.join(report.to)}"
    return means.act(
        visitor,
        "report.order",
        about[:500],
        lambda: means.people.reports.add(visitor.person.name, document, due),
        lambda number: f"report {number}, {schedule(report)}",
    )


def cancel(means: Means, visitor: Visitor, number: int) -> int:
    """Removes a report; returns the number of the line in the audit log. Raises NotThere."""
    kept, report = one_of(means, visitor, number)
    about = f"{number}, {report.view} of {kept.owner}"
    _, line = means.act(
        visitor, "report.remove", about, lambda: means.people.reports.remove(number), lambda was: "removed"
    )
    return line


def send(means: Means, counts: Counts, kept: StoredReport, by: Visitor | None = None) -> tuple[str, int]:
    """Sends a report now, as what its owner may see. Returns a sentence, and the number of the line in the audit log.

    `by` is who had it sent out of its time. Blocks. Raises NotThere where the owner may not any more, and as drawing
    and mailflow's commands do.
    """
    owner, report = means.people.person(kept.owner), read(kept)
    if owner is None or owner.disabled or Right.VIEWS not in owner.rights:
        raise NotThere(f"{kept.owner} may not see views any more")
    visitor = by or Visitor(person=owner, rights=owner.rights, ip="")
    view = view_of(means, owner.name, report.view)
    frame = frame_of(report.frame or view.frame, "", "", means.clock.now())
    found = drawn_whole(means, view, frame, owner.systems, counts, wait=True)
    content, media = filed(report.form, found, means)
    if len(content) > LARGEST:
        raise ValueError(f"the file has {len(content)} octets, more than {LARGEST}: take a shorter time")
    span = f"{when(frame.since)[:16]} to {when(frame.until)[:16]}"
    told: dict[str, object] = {
        "to": report.to,
        "subject": f"{view.title}, {means.hostname}",
        "text": f"{view.title} of {means.hostname}, {span}.\n\nSent {schedule(report)}, as {owner.name} ordered it. "
        "Whoever keeps the console can end that, on its page Reports.\n",
        "name": f"mailock-{report.view}.{report.form}",
        "media": media.partition(";")[0],
        "content": base64.b64encode(content).decode("ascii"),
    }
    about = f"{kept.number}, {report.view} to {', '.join(report.to)}"
    answer, line = means.act(
        visitor, "report.send", about[:500], lambda: _sent(means, visitor, told), lambda name: f"sent as {name}"
    )
    return f"sent as {answer}", line


def _sent(means: Means, visitor: Visitor, told: dict[str, object]) -> str:
    answer: Any = means.ask(visitor, "report.send", told)
    return str(answer["id"])


def send_due(means: Means, counts: Counts) -> None:
    """Sends what is due, and writes down what came of it. Blocks."""
    for kept in means.people.reports.due(means.clock.now()):
        now = means.clock.now()
        try:
            regular = next_due(read(kept), now)
            outcome, _ = send(means, counts, kept)
            due, sent = regular, now
        except (Down, TooSlow, TimeoutError, OSError) as fault:
            due, outcome, sent = now + AGAIN_SECONDS, f"{fault}; it is tried again", None
        except (NotThere, Refused, ValueError) as fault:
            due, outcome, sent = regular, f"not sent: {fault}", None
        means.people.reports.settle(kept.number, due=due, outcome=outcome[:500], sent=sent)


class Clockwork:
    """Looks every now and then for reports that are due."""

    def __init__(self, means: Means, counts: Counts) -> None:
        self._means, self._counts = means, counts
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to look."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.to_thread(send_due, self._means, self._counts)
            except Exception:
                # A bug in one report must not end those of everybody until the next start.
                log.exception("reports could not be sent")

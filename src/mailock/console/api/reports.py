"""Reports by mail, for programs."""

from typing import Any, Final

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from mailock.console import reports
from mailock.console.pages.paper import Asked, means
from mailock.console.reports import Report
from mailock.console.threads import in_thread
from mailock.operations.track import moment
from mailock.storage.reports import StoredReport


class Reports(msgspec.Struct):
    """Reports that are ordered: one's own, or everybody's for administrators."""

    reports: list[dict[str, Any]]


class Ordered(msgspec.Struct):
    """The number of a report."""

    number: int


@get("/api/v1/reports")
@in_thread
def listed(request: Asked) -> Reports:
    """What is sent to whom, when it is due next, and what came of it last."""
    return Reports([_table(kept, one) for kept, one in reports.seen_by(means(request), request.user)])


@post("/api/v1/reports", status_code=201)
@in_thread
def ordered(request: Asked, data: JSONBody[Report]) -> Ordered:
    """Orders a report: a view as a file, by mail, every day, week or month."""
    number, _ = reports.order(means(request), request.user, data)
    return Ordered(number)


@delete("/api/v1/reports/{number:int}")
@in_thread
def removed(request: Asked, number: FromPath[int]) -> None:
    """Ends a report."""
    reports.cancel(means(request), request.user, number)


def _table(kept: StoredReport, report: Report) -> dict[str, Any]:
    sent = None if kept.sent is None else moment(kept.sent)
    told: dict[str, Any] = msgspec.to_builtins(report)
    return {"number": kept.number, "owner": kept.owner, **told} | {
        "due": moment(kept.due),
        "sent": sent,
        "outcome": kept.outcome,
    }


ROUTES: Final = [listed, ordered, removed]

"""Reports by mail: ordered, due by the clock of the machine, sent as their owners may see, and ended."""

import base64
import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from msgspec.json import encode

from mailock.console import reports
from mailock.console.counts import Counts
from mailock.console.means import NotThere
from mailock.console.reports import Every, Report, next_due, send_due
from mailock.ports.people import Person, Right, Role
from tests.parts.desk import Desk, desk

TO = "boss@dest.test"


def local(text: str) -> float:
    """A moment by the clock on the wall."""
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        ({"at": "07:00"}, "2026-11-24T06:59:59", "2026-11-24T07:00"),
        ({"at": "07:00"}, "2026-11-24T07:00:00", "2026-11-25T07:00"),
        ({"at": "00:00"}, "2026-12-31T12:00", "2027-01-01T00:00"),
        ({"every": Every.WEEK, "on": 1, "at": "08:30"}, "2026-11-24T09:00", "2026-11-30T08:30"),
        ({"every": Every.WEEK, "on": 2, "at": "08:30"}, "2026-11-24T08:00", "2026-11-24T08:30"),
        ({"every": Every.MONTH, "on": 28, "at": "23:59"}, "2027-02-28T23:59", "2027-03-28T23:59"),
        ({"every": Every.MONTH, "on": 1, "at": "07:00"}, "2026-11-24T09:00", "2026-12-01T07:00"),
    ],
)
def test_it_is_due_by_the_clock_on_the_wall(schedule: dict[str, object], after: str, due: str) -> None:
    report = Report(view="overview", to=[TO], **schedule)  # type: ignore[arg-type]  # one of several kinds of values
    assert next_due(report, local(after)) == local(due)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"to": ["nobody"]}, "is not a mail address"),
        ({"to": []}, "one address at least"),
        ({"form": "docx"}, "there is no export"),
        ({"frame": "9d"}, "there is no frame"),
        ({"at": "7:00"}, "no time of day"),
        ({"at": "24:00"}, "no time of day"),
        ({"every": "week", "on": 8}, "has no day 8"),
        ({"every": "month", "on": 29}, "has no day 29"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(console: Desk, more: dict[str, object], sentence: str) -> None:
    console.person("anna", Role.OPERATOR)
    with console.program("anna") as program:
        answer = program.post("/api/v1/reports", json={"view": "overview", "to": [TO], **more})
        assert (answer.status_code, sentence in answer.json()["error"]) == (400, True), answer.text
        assert program.post("/api/v1/reports", json={"view": "own-9", "to": [TO]}).status_code == 404
        assert program.get("/api/v1/reports").json() == {"reports": []}


def test_it_is_ordered_on_the_page_sent_when_it_is_due_and_ended(console: Desk) -> None:
    console.person("anna", Role.OPERATOR, systems=("ours",))
    counts = Counts()
    with console.browser("anna") as browser:
        fields = {"view": "overview", "form": "xlsx", "frame": "24h", "to": f"{TO}, second@dest.test"}
        assert browser.post("/reports", **fields, every="week", weekday="2", at="06:30").status_code == 303
        page = browser.get("/reports").text
        assert "every Tuesday at 06:30" in page and TO in page
    send_due(console.means, counts)
    assert sent(console) == []
    console.clock.time = console.means.people.reports.all()[0].due
    send_due(console.means, counts)
    send_due(console.means, counts)
    (order,) = sent(console)
    kept = console.means.people.reports.all()[0]
    assert kept.due == console.clock.time + 7 * 86_400
    assert (kept.sent, kept.outcome[:8]) == (console.clock.time, "sent as ")
    assert order["to"] == [TO, "second@dest.test"]
    assert order["name"] == "mailock-overview.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(str(order["content"]))))
    assert len(book.sheetnames) > 3
    with console.browser("anna") as browser:
        assert browser.post("/reports/send", number="1").status_code == 303
        assert len(sent(console)) == 2
        assert browser.post("/reports/remove", number="1").status_code == 303
        assert "No reports yet." in browser.get("/reports").text
    acts = [entry.act for entry in console.means.people.entries(limit=9) if entry.act.startswith("report.")]
    assert acts == ["report.remove", "report.send", "report.send", "report.order"]
    counts.close()


def test_who_lost_the_right_sends_nothing_any_more(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    console.means.people.reports.add("anna", encode(Report(view="overview", to=[TO])), 1.0)
    console.means.people.change(Person(name="anna", role=Role.HELP_DESK, created=0))
    counts = Counts()
    send_due(console.means, counts)
    assert sent(console) == []
    (kept,) = console.means.people.reports.all()
    assert "not sent: anna may not see views any more" in kept.outcome
    assert (kept.sent, kept.due > console.clock.time) == (None, True)


def test_while_mailflow_is_down_it_is_tried_again(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        made.person("anna", Role.OPERATOR)
        made.means.people.reports.add("anna", encode(Report(view="overview", to=[TO], form="csv")), 1.0)
        (tmp_path / "control.sock").rename(tmp_path / "away.sock")
        counts = Counts()
        send_due(made.means, counts)
        (kept,) = made.means.people.reports.all()
        assert kept.outcome.endswith("; it is tried again")
        assert kept.due == made.clock.time + reports.AGAIN_SECONDS
        (tmp_path / "away.sock").rename(tmp_path / "control.sock")
        made.clock.time = kept.due
        send_due(made.means, counts)
        assert len(sent(made)) == 1


def test_others_reports_are_an_administrators_only(console: Desk) -> None:
    for name, role in (("anna", Role.OPERATOR), ("oliver", Role.OPERATOR), ("root", Role.ADMINISTRATOR)):
        console.person(name, role)
    with console.program("anna") as program:
        assert program.post("/api/v1/reports", json={"view": "live", "to": [TO]}).json() == {"number": 1}
        (mine,) = program.get("/api/v1/reports").json()["reports"]
        assert (mine["owner"], mine["every"], mine["sent"]) == ("anna", "day", None)
    with console.program("oliver") as program:
        assert program.get("/api/v1/reports").json() == {"reports": []}
        assert program.delete("/api/v1/reports/1").status_code == 404
    with console.program("root", Right.VIEWS) as program:
        assert program.delete("/api/v1/reports/1").status_code == 404
    with console.program("root") as program:
        assert program.delete("/api/v1/reports/1").status_code == 204
    assert console.means.people.reports.all() == []


def test_who_is_removed_takes_his_reports_along(console: Desk) -> None:
    for name in ("anna", "oliver"):
        console.person(name, Role.OPERATOR)
        console.means.people.reports.add(name, encode(Report(view="overview", to=[TO])), 1.0)
    console.means.people.remove("anna")
    assert [one.owner for one in console.means.people.reports.all()] == ["oliver"]


def test_a_view_that_is_gone_is_told(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    number = console.means.people.reports.add("anna", encode(Report(view="own-5", to=[TO])), 1.0)
    (kept,) = console.means.people.reports.all()
    assert kept.number == number
    with pytest.raises(NotThere, match="no view own-5"):
        reports.send(console.means, Counts(), kept)


def sent(console: Desk) -> list[dict[str, object]]:
    """What mailflow was told to send."""
    return [dict(arguments) for name, arguments, _ in console.orders if name == "report.send"]

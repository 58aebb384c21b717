"""Views: numbers that the messages behind them confirm, for every frame, system and export."""

import contextlib
import csv
import io
import re
import zipfile
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
from selectolax.lexbor import LexborHTMLParser

from mailock.console.frames import FRAMES, frame_of
from mailock.console.measures import LOOKS
from mailock.console.printed import pictured
from mailock.console.shipped import VIEWS
from mailock.core.lifecycle.measures import Measure
from mailock.operations.track import moment
from mailock.ports.people import Role
from tests.parts.desk import Desk
from tests.parts.stories import NOON


def test_every_measure_of_the_log_can_be_shown() -> None:
    assert set(LOOKS) == set(Measure)


@pytest.mark.parametrize("name", list(VIEWS))
def test_every_number_leads_to_the_messages_that_it_counts(console: Desk, name: str) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    followed = 0
    with console.browser("anna") as browser, console.program("anna") as program:
        view = program.get(f"/api/v1/views/{name}", params={"frame": "24h"}).json()
        for widget in view["widgets"]:
            for value in widget.get("values", []):
                if not value["query"]:
                    continue
                answer = program.get("/api/v1/messages", params={"q": value["query"]})
                assert answer.status_code == 200, value
                if widget["name"] not in ("why_refused", "who_refused"):
                    assert len(answer.json()["messages"]) == value["count"], (widget["title"], value)
                followed += 1
        page = LexborHTMLParser(browser.get(f"/views/{name}?frame=24h").text)
        links = [node.attributes["href"] or "" for node in page.css('#widgets a[href^="/messages?"]')]
        for link in set(links):
            assert browser.get(link).status_code == 200
            assert "since:" in parse_qs(urlsplit(link).query)["q"][0]
    assert followed > 0 or name == "live"
    assert links


def test_numbers_are_those_of_the_messages(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.program("anna") as program:
        widgets = {one["name"]: one for one in program.get("/api/v1/views/overview?frame=24h").json()["widgets"]}
    counts = {name: {one["label"]: one["count"] for one in widgets[name]["values"]} for name in widgets}
    assert counts["volume"] == {"delivered": 2, "rejected": 1, "quarantined": 1, "deferred": 1}
    assert counts["messages"] == {"Messages": 4}
    assert counts["verdicts"] == {"benign": 3, "malicious": 1}
    assert counts["recipients"] == {"bob@dest.test": 4}
    assert sum(map(sum, widgets["volume"]["series"].values())) == 5
    assert widgets["traffic"]["amount"] == 4 * 4321


def test_a_number_says_what_it_was_before(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        later = f"from={moment(NOON + 60)}&to={moment(NOON + 180)}"
        page = LexborHTMLParser(browser.get(f"/views/overview?{later}").text)
        assert [node.text() for node in page.css("#w-messages .before")] == ["▼ 100 % less than before"]
        assert browser.get("/views/overview?frame=24h").text.count('class="before"') == 0


def test_a_view_is_a_picture_too(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        answer = browser.get("/views/overview/export/png?frame=24h")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG\r\n")


def test_who_belongs_to_a_system_is_shown_its_numbers(console: Desk) -> None:
    console.person("anna", Role.OPERATOR, systems=("theirs",))
    with console.program("anna") as program:
        widgets = {one["name"]: one for one in program.get("/api/v1/views/overview?frame=24h").json()["widgets"]}
        assert [one["count"] for one in widgets["messages"]["values"]] == [1]
        assert [one["label"] for one in widgets["senders"]["values"]] == ["secret@theirs.test"]
        live = {one["name"]: one for one in program.get("/api/v1/views/live?frame=24h").json()["widgets"]}
        assert live["kept"]["values"] == []
        assert [row["subject"] for row in live["newest"]["rows"]] == ["Theirs alone"]


@pytest.mark.parametrize("frame", [*FRAMES, "custom"])
def test_every_frame_can_be_chosen(console: Desk, frame: str) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    path = (
        "/views/overview?from=2026-09-01&to=2026-09-30T12:00" if frame == "custom" else f"/views/overview?frame={frame}"
    )
    with console.browser("anna") as browser:
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "NaN" not in answer.text
        assert re.search(r"figure-number[^>]*>4<", answer.text)


@pytest.mark.parametrize(
    ("since", "until"), [("2026-02-30", ""), ("2026-09-02", "2026-09-01"), ("1990-01-01", ""), ("x", "y")]
)
def test_a_frame_that_cannot_be_is_told_of(since: str, until: str) -> None:
    with pytest.raises(ValueError, match=r"write dates|the frame has to"):
        frame_of("", since, until, NOON)


def test_a_view_becomes_a_workbook_with_charts_and_a_table(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        content = browser.get("/views/overview/export/xlsx?frame=24h").content
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        assert len([name for name in names if name.startswith("xl/charts/")]) > 8
        book = openpyxl.load_workbook(io.BytesIO(content))
        summary = {line[0].value: line[1] for line in book["Summary"].iter_rows(max_col=2) if line[0].value}
        assert (summary["Messages"].value, summary["Messages"].data_type) == (4, "n")
        assert summary["From"].is_date
        rows = list(csv.reader(io.StringIO(browser.get("/views/overview/export/csv?frame=24h").text)))
        assert ["Verdicts", "malicious", "", "1"] in rows
        assert browser.get("/views/overview/export/exe").status_code == 404


def test_a_view_becomes_pages_that_hold_its_numbers(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        for name, view in VIEWS.items():
            answer = browser.get(f"/views/{name}/export/pdf?frame=24h")
            assert answer.headers["content-type"] == "application/pdf"
            with contextlib.closing(pypdfium2.PdfDocument(answer.content)) as document:
                text = "".join(page.get_textpage().get_text_bounded() for page in document)
            assert view.title in text
            assert "mx.gateway.test" in text
        assert pictured(answer.content).startswith(b"\x89PNG")


async def test_watchers_hear_of_a_change_and_a_page_weighs_little(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    pulse = console.app.state.pulse
    await pulse.start()
    try:
        stream = pulse.watch()
        assert (await anext(stream)).startswith("event: changed")
        await stream.aclose()
    finally:
        await pulse.stop()
    with console.browser("anna") as browser:
        page = browser.get("/views/overview")
        weight = len(page.content)
        for path in re.findall(r'(?:href|src)="(/static/[^"#]+)"', page.text):
            weight += len(browser.get(path).content)
        assert weight < 600_000

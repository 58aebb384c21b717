"""Views of one's own: made, changed, shared, and never overwritten unseen; widgets over any field of the log."""

import re
import time
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from mailock.core.lifecycle.query import parse_query
from mailock.operations.track import record_json
from mailock.ports.people import Role
from mailock.telemetry.counting import Count, Order, counted
from mailock.telemetry.fields import FIELDS
from mailock.telemetry.search import TrackReader
from tests.parts.desk import Browser, Desk, desk
from tests.parts.stories import NOON


def edit(browser: Browser, revision: int, act: str, **more: str) -> int:
    return browser.post("/views/own-1/edit", revision=str(revision), act=act, **more).status_code


def titles(browser: Browser) -> list[str]:
    return re.findall(r'data-widget="(\w+)"', browser.get("/views/own-1/edit").text)


def whole(browser: Browser, path: str) -> str:
    """The page, once nothing on it is being counted."""
    for _ in range(200):
        text = browser.get(path).text
        if "data-counting" not in text:
            return text
        time.sleep(0.1)
    raise AssertionError(text)


def test_a_view_is_made_changed_and_counted(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    with console.browser("anna") as browser:
        assert browser.post("/views", title="Mine <b>").headers["location"] == "/views/own-1/edit"
        assert edit(browser, 1, "add", of="listener", kind="bar", only="status:delivered", unit="count") == 303
        assert edit(browser, 2, "add", of="subject", kind="series", title="Subjects", unit="count") == 303
        assert edit(browser, 3, "add", of="sum:verdict", kind="pie", unit="count") == 303
        assert titles(browser) == ["w1", "w2", "w3"]
        assert edit(browser, 4, "back", widget="w3") == 303
        assert edit(browser, 5, "move", widget="w1", to="2") == 303
        assert titles(browser) == ["w3", "w2", "w1"]
        assert edit(browser, 6, "wider", widget="w1") == 303
        assert "3 of 4 columns wide" in browser.get("/views/own-1/edit").text
        text = whole(browser, "/views/own-1?frame=24h")
        assert "1 Ours alone" in text and "main: 2" in text and "Counted up to" in text
        assert "Mine &lt;b&gt;" in text and "Mine <b>" not in text
        sheet = browser.get("/views/own-1/export/csv?frame=24h")
        assert sheet.status_code == 200 and "Ours alone" in sheet.text
        assert edit(browser, 7, "remove", widget="w2") == 303
        assert titles(browser) == ["w3", "w1"]


def test_a_change_that_was_made_from_an_older_revision_is_refused(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    with console.browser("anna") as browser:
        browser.post("/views", base="overview")
        before = titles(browser)
        assert edit(browser, 1, "remove", widget=before[0]) == 303
        assert edit(browser, 1, "remove", widget=before[1]) == 409
        assert titles(browser) == before[1:]


def test_others_see_what_is_shared_and_change_nothing_of_it(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    console.person("bea", Role.AUDITOR)
    with console.browser("anna") as anna, console.browser("bea") as bea:
        anna.post("/views", base="overview")
        assert bea.get("/views/own-1").status_code == 404
        assert edit(anna, 1, "title", title="Ours", frame="7d", shared="yes") == 303
        assert bea.get("/views/own-1").status_code == 200
        assert "Ours" in bea.get("/views").text
        assert edit(bea, 2, "remove", widget="messages") == 403
        assert bea.post("/views", base="own-1").headers["location"] == "/views/own-2/edit"
    assert [entry.act for entry in console.means.people.entries(limit=5)] == ["view.share"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"of": "nonsense", "kind": "bar"}, "the log has no field"),
        ({"of": "listener", "kind": "newest"}, "there is no kind"),
        ({"of": "sum:verdict", "kind": "flow"}, "choose the sum Status"),
        ({"of": "listener", "kind": "bar", "only": "nofield:x"}, "there is no field nofield:"),
        ({"of": "sum:status", "kind": "bar", "only": "from:a"}, "choose a field"),
    ],
)
def test_what_cannot_be_built_is_said_in_a_sentence(console: Desk, fields: dict[str, str], said: str) -> None:
    console.person("anna", Role.OPERATOR)
    with console.browser("anna") as browser:
        browser.post("/views", title="Mine")
        answer = browser.post("/views/own-1/edit", revision="1", act="add", **fields)
        assert answer.status_code == 400 and said in answer.text


def test_the_hours_of_each_day_a_flow_and_a_table_are_drawn_and_lead_to_their_messages(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    with console.browser("anna") as browser:
        browser.post("/views", title="Mine")
        for revision, (of, kind) in enumerate(
            (("sum:status", "heat"), ("listener", "heat"), ("sum:status", "flow"), ("subject", "table")), 1
        ):
            assert edit(browser, revision, "add", of=of, kind=kind, unit="count") == 303
        page = LexborHTMLParser(whole(browser, "/views/own-1?frame=24h"))
        for heat in page.css("#w-w1, #w-w2"):
            told = {node.text().partition("\n")[0] for node in heat.css("a title")}
            assert len(told) == 1 and {text[-1] for text in told} == {"5"}, told
        assert next(node.text() for node in page.css("#w-w3 text")) == "came 5"
        assert {node.text() for node in page.css("#w-w3 a title")} >= {"delivered: 2 (40%)", "rejected: 1 (20%)"}
        assert any("Ours alone" in node.text() for node in page.css("#w-w4 table td"))
        for link in page.css("#widgets a[href^='/messages?']"):
            assert browser.get(str(link.attributes["href"])).status_code == 200


def test_two_views_of_the_same_title_show_each_its_own(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    with console.browser("anna") as browser:
        for number, of in enumerate(("status", "verdict"), 1):
            browser.post("/views", title="Mine")
            data = {"revision": "1", "act": "add", "of": f"sum:{of}", "kind": "bar", "unit": "count", "title": of}
            browser.post(f"/views/own-{number}/edit", **data)
        first, second = (browser.get(f"/views/own-{number}?frame=24h").text for number in (1, 2))
    assert "quarantined" in first and "malicious" not in first
    assert "malicious" in second


def test_an_edge_that_is_dragged_makes_whole_columns(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    with console.browser("anna") as browser:
        browser.post("/views", base="overview")
        assert edit(browser, 1, "size", widget="verdicts", wide="3") == 303
        assert edit(browser, 2, "size", widget="messages", wide="9") == 303
        text = browser.get("/views/own-1/edit").text
    assert "Verdicts, place 6 of 23, 3 of 4 columns wide" in text and "Messages, place 1 of 23, 4 of 4" in text


def test_who_belongs_to_a_system_counts_only_its_mail(console: Desk) -> None:
    console.person("anna", Role.OPERATOR, systems=("theirs",))
    with console.browser("anna") as browser:
        browser.post("/views", title="Mine")
        edit(browser, 1, "add", of="subject", kind="bar", unit="count")
        text = whole(browser, "/views/own-1?frame=24h")
    assert "Theirs alone" in text and "Ours alone" not in text


def test_every_field_can_be_counted(tmp_path: Path) -> None:
    told: list[Count] = []
    with desk(tmp_path):
        for name in FIELDS:
            counted(Order(log=str(tmp_path / "track.db"), field=name, query="", since=0, until=4e9), told.append)
    assert {(count.done, count.read) for count in told} == {(True, 5)}
    empty = {"own", "parent", "authenticated_as", "proxy_ip", "tls_client"}
    empty |= {"confidence", "class", "score", "content", "attachments", "links", "detections", "unfinished"}
    empty |= {"files", "hashes", "urls"}
    assert {name for name, count in zip(FIELDS, told, strict=True) if not count.messages} == empty
    sums = dict(zip(FIELDS, told, strict=True))
    assert sums["status"].messages == {"delivered": 2, "quarantined": 1, "deferred": 1, "rejected": 1}
    assert sums["sender"].messages["secret@theirs.test"] == 1


def test_every_field_of_a_record_can_be_counted(tmp_path: Path) -> None:
    with desk(tmp_path), TrackReader(tmp_path / "track.db") as reader:
        (record,) = reader.find(parse_query("status:deferred", now=NOON), limit=1)
    # Moments are counted by day, hour and weekday; what is only known of all recipients together is not counted.
    left = {"arrival", "updated", "delivered", "scan_started", "scan_ended", "duplicate", "gap", "attempts", "reason"}
    assert set(record_json(record)) - left <= set(FIELDS)

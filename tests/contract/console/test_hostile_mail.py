"""Mail full of payloads visits every page and every export, and stays text."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
from selectolax.lexbor import LexborHTMLParser

from mailock.console.rights import ROUTES
from mailock.core.lifecycle.copies import Response
from mailock.core.lifecycle.events import Accepted, Event
from mailock.core.mail.message import show_id
from mailock.ports.people import Role
from tests.parts.desk import Browser, Desk, desk
from tests.parts.stories import NEVER, attempted, failed, judged, message

PAYLOADS = (
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% include 'base.html' %}",
    "' onmouseover='alert(1)",
    "</textarea></title><svg/onload=alert(1)>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1)",
    "\u202egnp.exe\u2066",
    "=?utf-8?q?=3Cscript=3Ealert(2)=3C/script=3E?=",
    "a\r\nSet-Cookie: x=1",
)
FIRST = 100


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Desk]:
    """A console over a log of such mail."""
    events: list[Event] = []
    for number, payload in enumerate(PAYLOADS, FIRST):
        of = message(
            number,
            subject=payload,
            from_=f"{payload} <a@source.test>",
            sender='"<script>x</script>"@source.test',
            message_id=payload,
            to=("bob@dest.test", '"<b>x</b>"@dest.test'),
        )
        events += [Accepted(message=of), judged(of, verdict="suspicious"), attempted(of, failed(0), failed(1))]
    assert isinstance(NEVER, Response)
    with desk(tmp_path, *events) as made:
        yield made


def strange(text: str) -> list[str]:
    """What of a page could run, or is not ours."""
    tree = LexborHTMLParser(text)
    found = [
        node.html or "" for node in tree.css("script") if not (node.attributes.get("src") or "").startswith("/static/")
    ]
    found += [node.html or "" for node in tree.css("img, iframe, object, embed, style, base, meta[http-equiv]")]
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            target = (value or "").strip().lower()
            if (
                name.startswith("on")
                or name == "style"
                or (name in ("href", "action") and target.startswith("javascript"))
            ):
                found.append(f"{node.tag} {name}={value}")
    return found


def pages() -> list[str]:
    """Every page and part that shows mail."""
    ids = [show_id(message(number).queue_id) for number in range(FIRST, FIRST + len(PAYLOADS))]
    fixed = [route.partition(" ")[2] for route, _ in ROUTES.items() if route.startswith("GET /") and "{" not in route]
    shown = [path for path in fixed if not path.startswith(("/api", "/sign-in")) and path != "/live"]
    shown += [f"/messages/{one}" for one in ids]
    shown += [f"/messages?q={quote(payload)}" for payload in PAYLOADS]
    return shown + [
        f"/views/{name}?frame={frame}" for name in ("overview", "live", "troubleshooting") for frame in ("24h",)
    ]


def own_views(browser: Browser) -> list[str]:
    """The pages of views that are made here, whose titles and widgets are payloads, as far as they are taken."""
    paths: list[str] = []
    for payload in PAYLOADS:
        made = browser.post("/views", title=payload)
        if made.status_code == 400:
            assert not payload.isprintable()
            continue
        edit = made.headers["location"]
        for revision, what in enumerate(
            ({"of": "subject", "kind": "bar"}, {"of": "sum:sender", "kind": "pie"}), start=1
        ):
            answer = browser.post(edit, revision=str(revision), act="add", title=payload, unit="count", **what)
            assert answer.status_code == 303, answer.text
        refused = browser.post(edit, revision="3", act="add", title=payload[::-1], of=payload, kind="bar", unit="count")
        assert refused.status_code == 400 and strange(refused.text) == []
        browser.post(edit, revision="3", act="title", title=payload, frame="24h", shared="yes")
        paths += [edit, edit.removesuffix("/edit") + "?frame=24h"]
    assert len(paths) >= 2 * (len(PAYLOADS) - 2)
    return paths


def test_every_page_shows_it_as_text(console: Desk) -> None:
    console.person('x"><script>', Role.ADMINISTRATOR)
    console.person("anna", Role.ADMINISTRATOR)
    seen = ""
    with console.browser("anna") as browser:
        for path in (*own_views(browser), *pages()):
            part = "widgets" if "/views/" in path else "rows"
            for headers in ({}, {"hx-target": part}) if "/m" in path or "/v" in path else ({},):
                answer = browser.client.get(path, headers=headers)
                assert answer.status_code in (200, 303), path
                assert strange(answer.text) == [], path
                assert not re.search("[\u202a-\u202e\u2066-\u2069]", answer.text), path
                assert "set-cookie" not in answer.headers
                seen += answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in seen
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in seen
    assert "{{ 7*7 }}" in seen


def test_no_export_holds_a_formula(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        rows = browser.get("/messages/export/csv").text
        assert "'=cmd|" in rows
        assert not re.search(r'(?:^|,)"?[=+@]', rows, re.MULTILINE)
        own = [path.replace("?", "/export/xlsx?") for path in own_views(browser) if "?" in path]
        for path in ("/messages/export/xlsx", "/views/overview/export/xlsx?frame=24h", *own):
            book = openpyxl.load_workbook(io.BytesIO(browser.get(path).content))
            kinds = {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line}
            assert kinds <= {"s", "n", "d"}
            charts = zipfile.ZipFile(io.BytesIO(browser.get(path).content))
            parts = [charts.read(one).decode() for one in charts.namelist() if one.startswith("xl/charts/chart")]
            referred = [html.unescape(one) for part in parts for one in re.findall("<c:f>(.*?)</c:f>", part)]
            sheets = {one for name in book.sheetnames for one in (name, "'" + name.replace("'", "''") + "'")}
            assert {one.rpartition("!")[0] for one in referred} <= sheets, path
        pdf = browser.get("/views/live/export/pdf?frame=24h").content
        assert not re.search(rb"/(?:URI|JavaScript|JS|Launch|OpenAction|AA)\b", pdf)
        sheet = openpyxl.load_workbook(io.BytesIO(browser.get("/messages/export/xlsx").content))["Messages"]
        heads = [cell.value for cell in sheet[1]]
        first = dict(zip(heads, sheet[2], strict=True))
        assert first["Arrived"].data_type == "d"
        assert first["Size"].data_type == "n"
        assert "=cmd|' /C calc'!A0" in [line[heads.index("Subject")].value for line in sheet.iter_rows(min_row=2)]


def test_the_api_gives_it_as_json(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.program("anna") as program:
        answer = program.get("/api/v1/messages", params={"limit": 50})
        assert answer.headers["content-type"].startswith("application/json")
        assert PAYLOADS[0] in [one["subject"] for one in answer.json()["messages"]]

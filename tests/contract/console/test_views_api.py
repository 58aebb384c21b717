"""Views of one's own over the API: made, read, changed from the revision that was read, shared and removed."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from mailock.console.shipped import VIEWS
from mailock.ports.people import Role
from tests.parts.desk import Desk

BARS = {"title": "By listener", "of": "listener", "kind": "bar", "only": "status:delivered"}
SUM = {"of": "sum:verdict", "kind": "pie"}


def make(program: TestClient[Litestar], **more: object) -> dict[str, object]:
    """A view of two widgets."""
    answer = program.post("/api/v1/views", json={"title": "Mine", "widgets": [BARS, SUM], **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_view_is_made_read_changed_and_removed(console: Desk) -> None:
    console.person("anna", Role.OPERATOR, systems=("ours",))
    with console.program("anna") as program:
        assert make(program) == {"name": "own-1", "revision": 1}
        assert program.get("/api/v1/views").json()["views"] == {
            **{name: view.title for name, view in VIEWS.items()},
            "own-1": "Mine",
        }
        told = program.get("/api/v1/views/own-1/definition").json()
        assert (told["owner"], told["shared"], told["revision"], told["frame"]) == ("anna", False, 1, "24h")
        assert [(one["name"], one["of"], one["wide"]) for one in told["widgets"]] == [
            ("w1", "listener", 2),
            ("w2", "sum:verdict", 2),
        ]
        first, second = program.get("/api/v1/views/own-1?frame=24h").json()["widgets"]
        assert [(one["label"], one["count"]) for one in first["values"]] == [("main", 1)]
        assert second["title"] == "verdict"
        # The second one comes first and is wider, the first is gone, and there is a new one.
        widgets = [{"name": "w2", "wide": 4, "title": "Verdicts"}, {"of": "subject", "kind": "number"}]
        change = {"title": "Changed", "frame": "7d", "revision": 1, "widgets": widgets}
        assert program.put("/api/v1/views/own-1", json=change).json() == {"name": "own-1", "revision": 2}
        told = program.get("/api/v1/views/own-1/definition").json()
        assert [(one["name"], one["title"], one["wide"]) for one in told["widgets"]] == [
            ("w2", "Verdicts", 4),
            ("w3", "Subject", 1),
        ]
        assert program.put("/api/v1/views/own-1", json=change).status_code == 409
        assert program.delete("/api/v1/views/own-1").status_code == 204
        assert program.get("/api/v1/views/own-1").status_code == 404


def test_what_a_definition_says_is_what_it_makes(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    with console.program("anna") as program:
        shipped = program.get("/api/v1/views/live/definition").json()
        names = [{"name": one["name"]} for one in shipped["widgets"]]
        copied = make(program, base="live", widgets=names)
        told = program.get(f"/api/v1/views/{copied['name']}/definition").json()
        assert told["widgets"] == shipped["widgets"]
        kinds = {one["kind"] for one in told["widgets"]}
        assert {"state", "newest"} <= kinds
        again = {"title": told["title"], "revision": 1, "widgets": [{"name": one["name"]} for one in told["widgets"]]}
        assert program.put(f"/api/v1/views/{copied['name']}", json=again).status_code == 200
        assert program.get("/api/v1/views/own-1/definition").json()["widgets"] == shipped["widgets"]


def test_others_see_what_is_shared_and_change_nothing(console: Desk) -> None:
    for name in ("anna", "oliver"):
        console.person(name, Role.OPERATOR)
    console.person("helen", Role.HELP_DESK)
    with console.program("anna") as program:
        assert make(program, shared=True) == {"name": "own-1", "revision": 2}
        make(program)
    with console.program("oliver") as program:
        assert program.get("/api/v1/views/own-1/definition").status_code == 200
        assert program.get("/api/v1/views/own-2").status_code == 404
        change = {"title": "Taken", "revision": 2}
        assert program.put("/api/v1/views/own-1", json=change).status_code == 403
        assert program.delete("/api/v1/views/own-1").status_code == 403
        assert program.put("/api/v1/views/own-2", json=change).status_code == 404
        assert program.put("/api/v1/views/overview", json=change).status_code == 404
        assert make(program, base="own-1", widgets=[{"name": "w1"}])["name"] == "own-3"
    with console.program("helen") as program:
        assert program.post("/api/v1/views", json={"title": "x"}).status_code == 403
        assert program.post("/api/v1/query", json=BARS).status_code == 403
    shares = [one.outcome for one in console.means.people.entries(limit=9) if one.act == "view.share"]
    assert shares == ["shared"]


def test_a_query_is_answered_without_being_kept(console: Desk) -> None:
    console.person("anna", Role.OPERATOR, systems=("theirs",))
    with console.program("anna") as program:
        told = program.post("/api/v1/query", json={"of": "subject", "frame": "24h"}).json()
        assert [(one["label"], one["count"]) for one in told["values"]] == [("Theirs alone", 1)]
        assert "subject:" in told["values"][0]["query"]
        columns = program.post("/api/v1/query", json={"of": "sum:status", "kind": "series", "frame": "1h"}).json()
        assert len(columns["times"]) == len(columns["series"]["delivered"])
        assert program.get("/api/v1/views").json()["views"].keys() == VIEWS.keys()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"title": " "}, "a title has"),
        ({"frame": "9d"}, "no frame"),
        ({"widgets": [{"name": "w9"}]}, "no widget 'w9'"),
        ({"widgets": [{"of": "nothing"}]}, "no field 'nothing'"),
        ({"widgets": [{"of": "sum:nothing"}]}, "nothing"),
        ({"widgets": [BARS | {"kind": "newest"}]}, "no kind 'newest'"),
        ({"widgets": [BARS | {"kind": "wrong"}]}, "wrong"),
        ({"widgets": [BARS | {"only": "since:never"}]}, "never"),
        ({"widgets": [SUM | {"only": "from:a"}]}, "a sum is of all messages"),
        ({"base": "overview", "widgets": [{"name": VIEWS["overview"].widgets[0].name}] * 2}, "once"),
        ({"unknown": 1}, "unknown"),
        ({"base": "own-7"}, "no view own-7"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(console: Desk, more: dict[str, object], sentence: str) -> None:
    console.person("anna", Role.OPERATOR)
    with console.program("anna") as program:
        answer = program.post("/api/v1/views", json={"title": "Mine", **more})
        assert answer.status_code in (400, 404), answer.text
        assert sentence in answer.json()["error"]
        assert program.get("/api/v1/views").json()["views"].keys() == VIEWS.keys()

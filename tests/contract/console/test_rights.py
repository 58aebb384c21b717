"""Who may what: every route, for every role, for people of all systems and of one, and for nobody."""

import re

import pytest
from litestar.testing import TestClient
from msgspec.json import encode

from mailock.console.app import routes
from mailock.console.desks import packed
from mailock.console.reports import Report
from mailock.console.rights import PUBLIC, ROUTES, NoRight, needed
from mailock.console.shipped import VIEWS
from mailock.core.mail.message import show_id
from mailock.ports.people import OF_THE_NODE, RIGHTS, Right, Role
from tests.parts.desk import KEPT, OURS, THEIRS, Desk
from tests.parts.stories import NOON, message

ID = show_id(message(OURS).queue_id)
PARTS = {"name": ID, "act": "release", "form": "csv", "number": "1", "secret": "none", "path": "none"}
PROTECTED = sorted(route for route, right in ROUTES.items() if right is not PUBLIC and not route.endswith(" /live"))
"""The stream of events never ends, so it has a test of its own."""


def path_of(route: str) -> tuple[str, str]:
    """Method and a real path."""
    method, _, template = route.partition(" ")
    if template.startswith("/shunt/"):
        template = template.replace("{act}", "retry")
    if template.startswith("/reports/"):
        template = template.replace("{act}", "send")
    if template.startswith(("/views/", "/api/v1/views/")):
        own = {"PUT": "own-1", "DELETE": "own-2"}.get(method, "overview")
        template = template.replace("{name}", "own-1" if template.endswith("/edit") else own)
    if method == "POST" and template.startswith(("/api/v1/queue/", "/api/v1/quarantine/", "/api/v1/shunt/")):
        template = template.replace("{name}", "retry" if "shunt" in template else "release")
    return method, re.sub(r"\{(\w+)\}", lambda found: PARTS[found[1]], template)


def test_every_route_is_in_the_table(console: Desk) -> None:
    assert routes(console.app) == set(ROUTES)
    with pytest.raises(NoRight):
        needed("GET", "/somewhere")


@pytest.mark.parametrize("systems", [(), ("ours",)])
@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_what_is_its_right_and_nothing_else(console: Desk, role: Role, systems: tuple[str, ...]) -> None:
    person = console.person("anna", role, systems=systems, reads=True)
    console.person("other", Role.USER)
    for _ in range(2):
        console.means.people.views.add("anna", packed(VIEWS["overview"]))
        console.means.people.reports.add("anna", encode(Report(view="overview", to=["a@dest.test"])), NOON)
    assert person.rights - {Right.READ_CONTENT} == RIGHTS[role] - (OF_THE_NODE if systems else set())
    wrong = []
    with console.browser("anna") as browser:
        for route in PROTECTED:
            method, path = path_of(route)
            if path == "/sign-out":
                continue
            fields = {"id": ID, "name": "other", "role": "user", "revision": 1, "number": 2}
            answer = browser.send(method, path, **fields)
            is_allowed = ROUTES[route] in person.rights
            if is_allowed == (answer.status_code == 403) or answer.status_code in (401, 404, 405, 500):
                wrong.append((route, is_allowed, answer.status_code, answer.text[:300]))
    expected = {"GET /api/v1/{path}"}
    assert [one for one in wrong if one[0] not in expected] == []


def test_the_api_describes_itself_whole(console: Desk) -> None:
    console.person("anna", Role.USER)
    with console.program("anna") as program:
        schema = program.get("/api/v1/openapi.json").json()
    described = {f"{method.upper()} {path}" for path, methods in schema["paths"].items() for method in methods}
    own = {"GET /api/v1", "GET /api/v1/{path}", "GET /api/v1/openapi.json"}
    assert described == {route for route in ROUTES if " /api/" in route} - own
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            assert told.get("description"), (method, path)


def test_nobody_reaches_anything(console: Desk) -> None:
    with TestClient(console.app, raise_server_exceptions=False) as client:
        client.follow_redirects = False
        for route in PROTECTED:
            method, path = path_of(route)
            answer = client.request(method, path)
            if path.startswith("/api/"):
                assert answer.status_code == 401, route
            else:
                assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), route
        for path in ("/live", "/nowhere", "/static/../app.py"):
            assert client.get(path).status_code in (303, 404)


def test_a_key_may_only_what_its_scopes_say(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.program("anna", Right.TRACK) as program:
        assert program.get("/api/v1/messages").status_code == 200
        for route in PROTECTED:
            method, path = path_of(route)
            if ROUTES[route] is not Right.TRACK:
                assert program.request(method, path, json={}).status_code == 403, route


def test_a_person_who_was_disabled_is_out_at_once(console: Desk) -> None:
    person = console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser, console.program("anna") as program:
        assert browser.get("/messages").status_code == program.get("/api/v1/messages").status_code == 200
        console.means.people.change(type(person)(name="anna", role=person.role, disabled=True, created=0))
        assert browser.get("/messages").status_code == 303
        assert program.get("/api/v1/messages").status_code == 401


def test_nothing_of_another_system_is_seen_on_any_route(console: Desk) -> None:
    console.person("anna", Role.OPERATOR, systems=("ours",), reads=True)
    theirs = show_id(message(THEIRS).queue_id)
    with console.browser("anna") as browser:
        seen = ""
        for route in PROTECTED:
            method, path = path_of(route)
            if method == "GET":
                seen += browser.get(path).text
        for query in ("theirs", "system:theirs", "from:secret@theirs.test", f"id:{theirs}", theirs):
            for path in ("/messages", "/messages/export/csv", "/api/v1/messages"):
                seen += browser.client.get(path, params={"q": query}).text.replace(query, "")
        for path in ("/messages/", "/api/v1/messages/", "/api/v1/queue/", "/api/v1/quarantine/"):
            assert browser.get(path + theirs).status_code == 404
        assert "Ours alone" in seen
        assert "Theirs alone" not in seen
        assert "secret@theirs.test" not in seen


@pytest.mark.parametrize("act", ["queue/delete", "quarantine/release", "shunt/delete"])
def test_nothing_is_done_to_mail_of_another_system(console: Desk, act: str) -> None:
    console.person("anna", Role.OPERATOR, systems=("ours",))
    theirs, ours = (show_id(message(number).queue_id) for number in (THEIRS, KEPT))
    with console.browser("anna") as browser:
        assert browser.post(f"/{act}", id=[ours, theirs]).status_code == 404
        assert browser.post(f"/messages/{theirs}/content").status_code == 403
        command = act.replace("/", ".")
        assert command not in [name for name, _, _ in console.orders]
        assert browser.post(f"/{act}", id=ours).status_code == 303
        assert command in [name for name, _, _ in console.orders]


def test_only_administrators_are_told_to_mailflow_as_such(console: Desk) -> None:
    kept = show_id(message(KEPT).queue_id)
    for name, role in (("root", Role.ADMINISTRATOR), ("oliver", Role.OPERATOR)):
        console.person(name, role)
        with console.browser(name) as browser:
            assert browser.post("/quarantine/release", id=kept, reason="asked for").status_code == 303
    (_, _, first), (_, _, second) = [one for one in console.orders if one[0] == "quarantine.release"]
    assert (first.name.partition(" ")[0], first.is_administrator) == ("root", True)
    assert (second.name.partition(" ")[0], second.is_administrator) == ("oliver", False)


def test_content_is_a_right_of_its_own_and_leaves_a_trace(console: Desk) -> None:
    console.person("root", Role.ADMINISTRATOR)
    console.person("reader", Role.AUDITOR, reads=True)
    kept = show_id(message(KEPT).queue_id)
    with console.browser("root") as browser:
        assert browser.post(f"/messages/{kept}/content").status_code == 403
    with console.browser("reader") as browser:
        assert "Subject: Kept" in browser.post(f"/messages/{kept}/content").text
    entry = console.means.people.entries(limit=1)[0]
    assert (entry.person, entry.act, entry.about) == ("reader", "content.read", kept)

"""The policy at the console: the form writes what the file says, drafts are checked, and nobody overwrites another."""

import tomllib

import pytest
from selectolax.lexbor import LexborHTMLParser

from mailock.config.load import load
from mailock.console.form import changed, sections_of
from mailock.ports.people import Role
from mailock.ports.revisions import InstalledFrom
from tests.parts.desk import POLICY, Desk
from tests.parts.stories import NOON


def test_every_section_has_its_fields_with_their_documentation() -> None:
    shown = {one.path: one for one in sections_of(POLICY)}
    assert {"mta", "mta.forwarding", "mta.limits", "rule", "object", "profile", "alerts"} <= set(shown)
    # What belongs to this machine is in no revision, so no form can change it.
    assert not {"node", "console", "portal"} & {path.partition(".")[0] for path in shown}
    for section in shown.values():
        for group in section.groups:
            assert all(field.doc and field.takes for field in group.fields), section.path
    assert [group.title for group in shown["mta.forwarding"].groups] == ["1", "2", "Another one"]


@pytest.mark.parametrize(
    ("section", "told", "path", "value"),
    [
        ("mta.limits", {"recipients": "77"}, ("mta", "limits", "recipients"), 77),
        (
            "mta",
            {"internal_networks": "10.0.0.0/8\n192.0.2.0/24"},
            ("mta", "internal_networks"),
            ["10.0.0.0/8", "192.0.2.0/24"],
        ),
        ("mta.mail_settings", {"maximum_delay": "30m"}, ("mta", "mail_settings", "maximum_delay"), "30m"),
        ("mta.tls", {"enabled": "false"}, ("mta", "tls", "enabled"), False),
        (
            "object",
            {"new/name": "partner", "new/network": "192.0.2.0/24"},
            ("object", "partner", "network"),
            ["192.0.2.0/24"],
        ),
        (
            "rule",
            {
                "new/name": "r",
                "new/when": '{ recipient = "a@dest.test" }',
                "new/then.disposition": "quarantine",
                "new/because": "x",
            },
            ("rule", 0, "then", "disposition"),
            "quarantine",
        ),
    ],
)
def test_what_is_filled_in_stands_in_the_draft(
    section: str, told: dict[str, str], path: tuple[str | int, ...], value: object
) -> None:
    text = changed(POLICY, section, told)
    found: object = tomllib.loads(text)
    for key in path:
        found = found[key]  # type: ignore[index]  # a table or a list, as the path says
    assert found == value
    assert "# Where mail goes." in text
    load(text)


def test_what_is_emptied_or_removed_is_gone_and_the_rest_stays() -> None:
    text = changed(POLICY, "mta", {"internal_networks": ""})
    assert "internal_networks" not in text
    text = changed(POLICY, "mta.forwarding", {"1/!": "1"})
    assert [one["domain"] for one in tomllib.loads(text)["mta"]["forwarding"]] == ["dest.test"]
    assert changed(POLICY, "mta.limits", {}) == POLICY
    with pytest.raises(ValueError, match="there is no section"):
        changed(POLICY, "node", {"data": "/"})
    with pytest.raises(ValueError, match="change it as text"):
        changed("[[[", "mta.limits", {"recipients": "1"})


def test_a_draft_is_checked_compared_tried_and_installed(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        wrong = browser.post("/policy/draft", text='[mta]\nport = "x"\nwrong = 1\n', base="1", do="check").text
        assert "2 mistakes" in wrong
        assert 'data-line="2"' in wrong
        text = POLICY + "# more\n"
        assert "d-added" in browser.post("/policy/draft", text=text, base="1", do="diff").text
        assert "What it would have decided" in browser.post("/policy/draft", text=text, base="1", do="try").text
        assert "# more" in browser.get("/policy/draft").text
        answer = browser.post("/policy/draft", text=text, base="1", do="install", note="why")
        assert answer.status_code == 303
        name, arguments, speaker = console.orders[-1]
        assert (name, arguments["base"], arguments["origin"], arguments["text"]) == (
            "policy.install",
            1,
            "console",
            text,
        )
        assert speaker.name.startswith("anna")
        assert "revision 2 runs" in browser.get(answer.headers["location"]).text
        assert "# more" not in browser.get("/policy/draft").text


def test_what_is_wrong_stands_beside_its_field(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    fields = {"section": "mta.forwarding", "1/tls": "nonsense", "1/next_hop": "mx.test"}
    with console.browser("anna") as browser:
        answer = browser.post("/policy/settings", **fields)
        assert answer.status_code == 400
        page = LexborHTMLParser(answer.text)
        assert [node.attributes["for"] for node in page.css(".setting.wrong label")] == ["f-1/tls"]
        assert ["did you mean" in node.text() for node in page.css(".setting.wrong .under")] == [True]
        # It is in the draft, so it is said there too, and when the form is opened again.
        again = LexborHTMLParser(browser.get("/policy/settings?section=mta.forwarding").text)
        assert len(again.css(".setting.wrong")) == 1
        assert "nonsense" in browser.get("/policy/draft").text


def test_a_draft_that_was_overtaken_says_so_until_its_author_has_seen_it(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.browser("anna") as browser:
        browser.post("/policy/draft", text=POLICY + "# mine\n", base="1", do="save")
        console.means.revisions.install(
            POLICY + "# theirs\n", by="bob", at=NOON, note="", base=1, origin=InstalledFrom.CONSOLE
        )
        page = browser.get("/policy/draft").text
        assert "revision 2 runs meanwhile" in page
        seen = browser.post("/policy/draft", text=POLICY + "# mine\n", base="1", do="take").text
        assert "# theirs" in seen
        assert 'name="base" value="2"' in seen


def test_programs_do_the_same(console: Desk) -> None:
    console.person("anna", Role.ADMINISTRATOR)
    with console.program("anna") as program:
        assert program.get("/api/v1/policy").json()["text"] == POLICY
        checked = program.post("/api/v1/policy/check", json={"text": '[mta]\nport = "x"\n'}).json()
        assert (checked["ok"], checked["mistakes"][0]["line"]) == (False, 2)
        assert program.post("/api/v1/policy/what-if", json={"text": POLICY}).json()["messages"] == 4
        assert program.post("/api/v1/policy/install", json={"text": POLICY, "base": 1}).json()["outcome"] == "installed"
        assert program.post("/api/v1/policy/install", json={"text": POLICY}).status_code == 400
        assert program.get("/api/v1/policy/history/7").status_code == 404

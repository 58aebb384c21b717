"""The first steps: an untouched policy leads to them, they install one, and what is shown as done is."""

import tomllib
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from mailock.config.load import load
from mailock.config.sample import sample
from mailock.console.beginning import beginning, written
from mailock.core.mail.message import show_id
from mailock.ports.people import Role
from mailock.ports.revisions import InstalledFrom
from tests.parts.desk import OURS, POLICY, Desk, desk
from tests.parts.stories import NOON, message

TOLD = {"domain": "dest.test other.test", "next_hop": "mail.dest.test:25", "networks": "10.0.0.0/8", "mail_to": ""}


def untouched(made: Desk) -> None:
    """Installs the example."""
    made.means.revisions.install(sample(), by="root", at=NOON, note="", base=1, origin=InstalledFrom.FILE)


def test_the_example_is_untouched_until_it_has_a_domain() -> None:
    assert beginning(sample()).untouched
    text = written(sample(), TOLD | {"mail_to": "root@dest.test"})
    policy = load(text, name="x").settings.policy
    assert len(policy.mta.forwarding) == 2
    table = tomllib.loads(text)
    assert table["mta"]["forwarding"][0]["domain"] == ["dest.test", "other.test"]
    assert (table["mta"]["internal_networks"], table["alerts"]["mail_to"]) == (["10.0.0.0/8"], ["root@dest.test"])
    after = beginning(text)
    assert not after.untouched
    assert (after.domain, after.next_hop, after.mail_to) == (
        "dest.test, other.test",
        "mail.dest.test:25",
        "root@dest.test",
    )
    # Comments stay, and saying the same again changes nothing.
    assert "`mailock policy check` says whether" in text
    assert written(text, TOLD | {"mail_to": "root@dest.test"}) == text


def test_other_rules_stay_as_they_are() -> None:
    text = written(POLICY, {"domain": "new.test", "next_hop": "mx.new.test", "networks": "", "mail_to": ""})
    rules = tomllib.loads(text)["mta"]["forwarding"]
    assert [rule["domain"] for rule in rules] == ["new.test", "*"]
    assert "# Where mail goes." in text
    assert "internal_networks" not in tomllib.loads(text)["mta"]


def test_a_policy_without_rules_for_incoming_mail_gets_one() -> None:
    text = written('[mta]\n[[mta.forwarding]]\ndirection = "outgoing"\nnext_hop = "mx:"\n', TOLD)
    assert len(load(text, name="x").settings.policy.mta.forwarding) == 2


@pytest.mark.parametrize("gone", ["domain", "next_hop"])
def test_what_is_needed_is_asked_for(gone: str) -> None:
    with pytest.raises(ValueError, match="are needed"):
        written(sample(), TOLD | {gone: " "})


def test_an_administrator_is_led_there_and_nobody_else(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        made.person("root", Role.ADMINISTRATOR)
        made.person("oliver", Role.OPERATOR)
        with made.browser("root") as browser:
            assert browser.get("/").headers["location"] == "/views/overview"
        untouched(made)
        with made.browser("oliver") as browser:
            assert browser.get("/").headers["location"] == "/views/overview"
        with made.browser("root") as browser:
            assert browser.get("/").headers["location"] == "/start"
            assert "disabled" in browser.get("/start").text


def test_what_is_wrong_stands_beside_its_field(console: Desk) -> None:
    console.person("root", Role.ADMINISTRATOR)
    fields = {"domain": "dest.test", "next_hop": "no host!!", "networks": "10.0.0.0/99", "mail_to": ""}
    with console.browser("root") as browser:
        answer = browser.post("/start", **fields)
    assert answer.status_code == 400
    page = LexborHTMLParser(answer.text)
    assert [node.attributes["name"] for node in page.css("label:has(.under) input")] == ["next_hop", "networks"]
    assert not [name for name, _, _ in console.orders if name == "policy.install"]


def test_it_installs_and_sends_a_test_that_is_watched(console: Desk) -> None:
    console.person("root", Role.ADMINISTRATOR)
    with console.browser("root") as browser:
        assert 'value="mail.dest.test:25"' in browser.get("/start").text
        refused = browser.post("/start", **(TOLD | {"domain": ""}))
        assert (refused.status_code, "are needed" in refused.text) == (400, True)
        assert browser.post("/start", **TOLD).headers["location"].startswith("/start?done=")
        ((_, arguments, _),) = [one for one in console.orders if one[0] == "policy.install"]
        assert tomllib.loads(str(arguments["text"]))["mta"]["forwarding"][0]["domain"] == ["dest.test", "other.test"]
        assert (arguments["base"], arguments["note"]) == (1, "by the guide")
        on = browser.post("/start/test", to="bob@dest.test").headers["location"]
        name = show_id(message(7).queue_id)
        assert on == f"/start?test={name}#test"
        assert f'hx-get="/start/watch/{name}"' in browser.get(f"/start?test={name}").text
        # A message that has arrived is not asked for again.
        over = browser.get(f"/start/watch/{show_id(message(OURS).queue_id)}").text
        assert "It arrived" in over and "hx-get" not in over
        assert browser.get("/start/watch/%3Cb%3E").text.count("<b>") == 0

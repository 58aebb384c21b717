"""False positives and negatives are reported from the console, each for itself, and what came of it is said."""

from mailock.core.mail.message import show_id
from mailock.ports.people import Role
from tests.parts.desk import KEPT, OURS, THEIRS, Desk
from tests.parts.stories import message

OURS_ID, KEPT_ID, THEIRS_ID = (show_id(message(number).queue_id) for number in (OURS, KEPT, THEIRS))


def test_what_was_kept_wrongly_teaches_anti_spam(console: Desk) -> None:
    console.person("anna", Role.OPERATOR, systems=("ours",))
    with console.browser("anna") as browser:
        done = browser.post("/quarantine/wanted", id=KEPT_ID, back=f"/messages/{KEPT_ID}")
        assert done.status_code == 303
        assert "was reported as wanted: it is learnt" in browser.get(done.headers["location"]).text
        assert browser.post("/quarantine/unwanted", id=[KEPT_ID, OURS_ID]).status_code == 303
        assert browser.post("/quarantine/wanted", id=[KEPT_ID, THEIRS_ID]).status_code == 404
    told = [arguments for name, arguments, _ in console.orders if name == "quarantine.report"]
    assert told == [
        {"id": KEPT_ID, "taught": "ham"},
        {"id": KEPT_ID, "taught": "spam"},
        {"id": OURS_ID, "taught": "spam"},
    ]


def test_programs_report_too(console: Desk) -> None:
    console.person("anna", Role.OPERATOR)
    with console.program("anna") as program:
        answer = program.post("/api/v1/quarantine/unwanted", json={"ids": [KEPT_ID]})
    (result,) = answer.json()["results"]
    assert (result["id"], result["outcome"]) == (KEPT_ID, "done")
    assert "unwanted" in result["text"]

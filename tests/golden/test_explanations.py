"""What an administrator reads of a message: what `mailock scan` and `mailock show` print, and why in sentences.

`MAILOCK_WRITE_GOLDEN=1 pytest tests/golden` writes the files again; what changed is then read in the diff, as somebody
would read it who was woken for it.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailock.cli.scan import text_of
from mailock.cli.show import page
from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.report import Why
from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.copies import Disposition, Sent
from mailock.core.lifecycle.events import (
    Accepted,
    Discarded,
    Event,
    Held,
    Noted,
    Quarantined,
    Released,
    Remade,
    Returned,
)
from mailock.core.lifecycle.timeline import timeline
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import QueueId
from mailock.core.mime.defects import Defect
from mailock.core.policy.case import Case
from mailock.core.policy.decide import judge
from mailock.core.policy.rulebase import Rulebase
from mailock.operations.scanned import scanned
from tests.parts.evidence import case, examined, finding, found, looked, missed
from tests.parts.stories import NOON, OK, attempted, deferred, failed, judged, message, refused

FOLDER = Path(__file__).parent / "explanations"
MACRO = finding(evidence="a macro that runs when the document is opened reaches out to the network.")
EICAR = finding(Severity.MALICIOUS, kind="eicar", engine="yara", evidence="the test file of the industry.")
SPAM = finding(Severity.NOTE, kind="bayes.spam", engine="bayes", part="1.1", weight=8.0, evidence="it reads like spam.")
CASES: dict[str, Case] = {
    "clean": case(found()),
    "malicious": case(found(EICAR)),
    "malicious-and-suspicious": case(found(EICAR, MACRO)),
    "suspicious": case(found(MACRO)),
    "suspicious-unsure": case(found(replace(MACRO, confidence=Confidence.LOW))),
    "spam": case(found(SPAM, engine="bayes")),
    "scanner-down": case(examined(looked(), missed(Why.UNREACHABLE), looked("av", "1.2/zip:1"))),
    "encrypted": case(examined(looked(), missed(Why.ENCRYPTED), looked("av", "1.2/zip:1"))),
    "encrypted-outgoing": case(
        examined(looked(), missed(Why.ENCRYPTED), looked("av", "1.2/zip:1")), direction=Direction.OUTGOING
    ),
    "ambiguous": case(examined(looked(), defects=[("1", Defect.AMBIGUOUS)])),
    "piece-of-a-message": case(examined(looked(), defects=[("1", Defect.PARTIAL)])),
    "nothing-due": case(examined()),
    "two-recipients-one-monitored": case(found(EICAR), to=["bob@dest.test", "eve@scan.test"], monitoring=[1]),
}
OF = message(1, to=["bob@dest.test", "carol@dest.test"])
ID = QueueId(1)
STORIES: dict[str, list[Event]] = {
    "delivered": [Accepted(message=OF), judged(OF), attempted(OF)],
    "deferred-and-failed": [Accepted(message=OF), judged(OF), attempted(OF, deferred(0), failed(1))],
    "quarantined-then-released": [
        Accepted(message=OF),
        judged(OF, Disposition.QUARANTINE, verdict="malicious"),
        Released(queue_id=ID, at=NOON + 60, recipients=(0,), by="ann", why="ticket 4711"),
        Remade(
            queue_id=ID,
            at=NOON + 61,
            recipients=(0,),
            changes=('part 1.2 "a.zip" was taken out, and a text stands in its place',),
            sha256="cd" * 32,
            size=1234,
        ),
        attempted(OF, Sent(number=0, response=OK), after=62.0),
        Discarded(queue_id=ID, at=NOON + 90, recipients=(1,), by="expiry", why="kept for 30 days"),
    ],
    "late": [
        Accepted(message=OF),
        Noted(queue_id=ID, at=NOON + 600, text="It is under way for more than 10 minutes."),
        Quarantined(queue_id=ID, at=NOON + 3600, recipients=(), quarantine_class="late", why="it waited for an hour"),
    ],
    "held-then-returned": [
        Accepted(message=OF),
        judged(OF),
        Held(queue_id=ID, at=NOON + 5, recipients=(), by="ann", why="asked to wait"),
        Returned(queue_id=ID, at=NOON + 60, recipients=(), by="ann", why="not wanted any more"),
    ],
    "skipped": [Accepted(message=OF), judged(OF, verdict="unknown", skipped=True), attempted(OF)],
    "refused": [refused(), refused(count=17)],
    "beginning-lost": [judged(OF), attempted(OF)],
}


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown by the machine's clock, which is that of nowhere here."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def agreed(name: str, text: str) -> None:
    """Compares with the file, or writes it."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("MAILOCK_WRITE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", CASES)
def test_scan_says_what_was_agreed_on(name: str) -> None:
    one = CASES[name]
    shown = scanned(one.message, one.examination, judge(one, Rulebase()), None)
    agreed(f"scan-{name}", "\n".join(text_of({"file": "a.eml", **shown})) + "\n")


@pytest.mark.parametrize("name", STORIES)
def test_show_says_what_was_agreed_on(name: str) -> None:
    events = STORIES[name]
    agreed(f"show-{name}", "\n".join(page(fold(events), timeline(events), None)) + "\n")


def test_every_file_is_of_a_case() -> None:
    names = {f"scan-{name}.txt" for name in CASES} | {f"show-{name}.txt" for name in STORIES}
    assert {path.name for path in FOLDER.iterdir()} == names

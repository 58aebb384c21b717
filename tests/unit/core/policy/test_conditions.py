"""Every condition of a rule, as it is written, on mail that it means and on mail that it does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from mailock.config.askings import Names, Span
from mailock.config.conditions import ASKED, When, conditions_of
from mailock.config.units import Network
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.report import Why
from mailock.core.evidence.wording import Sought, Spotted, Wording
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import Message
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import PartPath
from mailock.core.policy.case import Case
from mailock.core.policy.conditions.condition import View, wildcard
from mailock.core.routing.pattern import read_pattern
from mailock.core.verdict.weigh import weigh
from tests.parts.evidence import (
    BODY,
    DOC,
    EXE,
    PROGRAM,
    ZIPPED,
    case,
    examined,
    file,
    finding,
    found,
    looked,
    missed,
)
from tests.parts.stories import NOON, message

NAMES = Names(
    groups={"board": (read_pattern("bob@dest.test"),)},
    networks={"partner": (Network.read("198.51.100.0/24"),)},
    # NOON is a Monday.
    times={"work": (Span.read("mo-fr 00:00-24:00"),)},
    systems=frozenset({"default", "branch"}),
)


def holds(when: Mapping[str, object], of: Case, *, must_be_proven: bool = False) -> bool:
    """Whether all of a `when` holds for the first recipient."""

    def complain(path: object, text: str) -> None:
        raise AssertionError(f"{path}: {text}")

    conditions = conditions_of(When.read(dict(when)), NAMES, complain)
    assert conditions
    view = View(case=of, party=of.parties[0], verdict=weigh(of.examination, of.duties), must_be_proven=must_be_proven)
    return all(condition.holds(view) for condition in conditions)


def mail(examination: Examination | None = None, **facts: object) -> Case:
    return case(examination or found(), **facts)  # type: ignore[arg-type]  # each test names facts that there are


def ours(**changes: object) -> Message:
    return message(**changes)  # type: ignore[arg-type]  # each test names facts that there are


@dataclass(frozen=True)
class Row:
    """A condition with its value, a case that it means and one that it does not."""

    name: str
    value: object
    yes: Callable[[], Case]
    no: Callable[[], Case]


def submitted(user: str, listener: str = "main") -> Case:
    of = ours()
    return mail(of=replace(of, origin=replace(of.origin, authenticated_as=user, listener=listener)))


SUSPECTED = finding(Severity.NOTE, kind="bayes.spam", engine="bayes", weight=6.0)
MACRO = finding(Severity.SUSPICIOUS, Confidence.MEDIUM)


def worded(place: str, word: str) -> Examination:
    """An examination that saw a word."""
    one = Sought(place, word)
    return replace(examined(), wording=Wording(sought=frozenset({one}), spotted=(Spotted(one, PartPath("1")),)))


ROWS = [
    Row("direction", "incoming", mail, lambda: mail(direction=Direction.OUTGOING)),
    Row("direction", ["outgoing", "internal"], lambda: mail(direction=Direction.INTERNAL), mail),
    Row("virtual_system", "branch", lambda: mail(of=ours(system="branch")), mail),
    Row("sender", "*@source.test", mail, lambda: mail(of=ours(sender="a@other.test", from_="b@other.test"))),
    Row(
        "sender",
        "alice@source.test",
        lambda: mail(of=ours(sender="x@y.test")),
        lambda: mail(of=ours(from_="", sender=None)),
    ),
    Row("sender", "<>", lambda: mail(of=ours(sender=None)), mail),
    Row("sender", "group:board", lambda: mail(of=ours(sender="Bob+x@dest.test")), mail),
    Row("authenticated", True, lambda: mail(proven=["source.test"]), lambda: mail(proven=["test"])),
    Row("authenticated", True, lambda: submitted("Alice@Source.test"), lambda: submitted("mallory@source.test")),
    Row("authenticated", False, mail, lambda: mail(proven=["source.test"])),
    Row("recipient", "bob@dest.test", lambda: mail(to=["BOB+news@dest.test"]), lambda: mail(to=["bobby@dest.test"])),
    Row("recipient", ["*.dest.test"], lambda: mail(to=["a@x.dest.test"]), mail),
    Row("group", "board", mail, lambda: mail(to=["eve@dest.test"])),
    Row("domain", "dest.test", mail, lambda: mail(to=["bob@x.dest.test"])),
    Row("source", "partner", mail, lambda: mail(of=ours(ip="203.0.113.9"))),
    Row("source", ["198.51.100.7", "2001:db8::/32"], mail, lambda: mail(of=ours(ip="2001:db9::1"))),
    Row("source", ["country:de"], lambda: replace(mail(), country="DE"), lambda: replace(mail(), country="FR")),
    Row("country", ["at", "DE"], lambda: replace(mail(), country="AT"), mail),
    Row("listener", "submission", lambda: submitted("a", "submission"), mail),
    Row("subject", ["INVOICE", "Rechnung"], mail, lambda: mail(of=ours(subject="Hello"))),
    Row("subject", "größe", lambda: mail(of=ours(subject="=?utf-8?q?Gr=C3=B6=C3=9Fe?=")), mail),
    Row("header.from", "alice", mail, lambda: mail(of=ours(from_="Bob <b@source.test>"))),
    Row("header.to", "bob@", mail, lambda: mail(to=["eve@dest.test"])),
    Row("header.cc", "carol", mail, lambda: mail(of=replace(ours(), glimpse=replace(ours().glimpse, cc="")))),
    Row("header.message-id", "a1.b2", mail, lambda: mail(of=ours(message_id="<other@x>"))),
    Row("size", "4KB", mail, lambda: mail(of=ours(size=3999))),
    Row("time", "work", mail, lambda: mail(now=NOON + 6 * 86_400)),
    Row("time", ["sa-su"], lambda: mail(now=NOON + 6 * 86_400), mail),
    Row("file.name", "*.ZIP", mail, lambda: mail(examined(looked(), files=[BODY]))),
    Row("file.type", ["exe"], mail, lambda: mail(examined(looked(), files=[BODY, ZIPPED]))),
    Row("file.type", ["executable"], mail, lambda: mail(examined(looked(), files=[BODY, ZIPPED]))),
    Row("file.hash", [ZIPPED.sha256[0].upper()], mail, lambda: mail(examined(looked(), files=[BODY]))),
    Row("file.inside", "archive", mail, lambda: mail(examined(looked(), files=[BODY, ZIPPED]))),
    Row("file.inside", "zip", mail, lambda: mail(examined(looked(), files=[BODY, ZIPPED]))),
    Row("verdict", "suspicious", lambda: mail(found(finding(Severity.MALICIOUS))), mail),
    Row("verdict", "unknown", lambda: mail(examined(missed())), mail),
    Row("verdict", "malicious", lambda: mail(found(finding(Severity.MALICIOUS))), lambda: mail(found(MACRO))),
    Row("confidence", "medium", lambda: mail(found(MACRO)), lambda: mail(found(finding(confidence=Confidence.LOW)))),
    Row("class", "suspected_spam", lambda: mail(found(SUSPECTED, SUSPECTED)), mail),
    Row("class", "spam", lambda: mail(found(finding(kind="phishing.form"))), lambda: mail(found(SUSPECTED))),
    Row("score", 6, lambda: mail(found(SUSPECTED)), lambda: mail(found(replace(SUSPECTED, weight=5.9)))),
    Row("coverage", "incomplete", lambda: mail(examined(missed())), lambda: mail(examined(missed(Why.NOT_CONFIGURED)))),
    Row("coverage", ["encrypted"], lambda: mail(examined(missed(Why.ENCRYPTED))), lambda: mail(examined(missed()))),
    Row("defect", "not-closed", lambda: mail(examined(looked(), defects=[("1", Defect.NOT_CLOSED)])), mail),
    Row("finding", ["office.macro"], lambda: mail(found(MACRO)), mail),
    Row("body", ["other", "  Lottery "], lambda: mail(worded("body", "lottery")), mail),
    Row("body", "lottery", lambda: mail(replace(examined(), wording=Wording(whole=False))), mail),
    Row("header.list-id", "news", lambda: mail(worded("list-id", "news")), lambda: mail(worded("body", "news"))),
    Row("engine", "av", lambda: mail(found(MACRO)), lambda: mail(found(finding(Severity.NOTE)))),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}={row.value}")
def test_it_holds_where_it_should_and_nowhere_else(row: Row) -> None:
    assert holds({row.name: row.value}, row.yes())
    assert not holds({row.name: row.value}, row.no())


def test_every_condition_has_a_row() -> None:
    assert {row.name for row in ROWS} == set(ASKED)


def test_all_conditions_have_to_hold() -> None:
    assert holds({"direction": "incoming", "subject": "invoice"}, mail())
    assert not holds({"direction": "incoming", "subject": "lottery"}, mail())


def test_what_is_asked_of_a_file_is_asked_of_one_file() -> None:
    """The program is not in the archive, and what is in the archive is no program."""
    text = file("1.2/zip:1", name="readme.txt", parent="1.2", provenance="zip")
    apart = mail(examined(looked(), files=[BODY, ZIPPED, text, file("1.3", EXE, name="run.exe")]))
    assert not holds({"file.type": "exe", "file.inside": "archive"}, apart)
    assert holds({"file": {"type": "exe", "inside": "archive"}}, mail())
    assert holds({"file.name": "run.*", "file.type": "exe", "file.inside": "zip"}, mail())
    assert not holds({"file.name": "readme.*", "file.type": "exe"}, mail())


def test_a_file_is_of_every_type_that_one_of_its_readings_is() -> None:
    two = replace(ZIPPED, types=(*ZIPPED.types, DOC))
    assert holds({"file.type": "doc"}, mail(examined(looked(), files=[two])))
    polyglot = FileType(family=Family.IMAGE, name="gif", media="image/gif", polyglot=("jar",))
    assert holds({"file.type": "jar"}, mail(examined(looked(), files=[replace(ZIPPED, types=(polyglot,))])))


def test_a_file_deep_inside_is_inside_every_container_around_it() -> None:
    inner = replace(PROGRAM, path=PartPath("1.2/zip:1/ole:1"), parent=PROGRAM.path, provenance="ole")
    outer = replace(PROGRAM, types=(DOC,))
    assert holds(
        {"file.name": "run.exe", "file.inside": "archive"}, mail(examined(looked(), files=[ZIPPED, outer, inner]))
    )


def test_parts_that_name_each_other_as_parents_end() -> None:
    loop = [replace(ZIPPED, parent=PROGRAM.path), PROGRAM]
    assert not holds({"file.inside": "pdf"}, mail(examined(looked(), files=loop)))


def test_confidence_and_verdict_are_about_one_finding() -> None:
    sure_suspicion, unsure_malice = finding(), finding(Severity.MALICIOUS, Confidence.LOW)
    asked = {"verdict": "malicious", "confidence": "high"}
    assert not holds(asked, mail(found(sure_suspicion, unsure_malice)))
    assert holds(asked, mail(found(finding(Severity.MALICIOUS))))


def test_where_a_sender_must_be_proven_nobody_else_counts() -> None:
    partner = {"sender": "*@source.test"}
    assert not holds(partner, mail(), must_be_proven=True)
    assert holds(partner, mail(proven=["source.test"]), must_be_proven=True)
    # The envelope proves nothing of the author, and two authors are proven only when both are.
    forged = ours(from_="Boss <boss@dest.test>")
    assert not holds(partner, mail(of=forged, proven=["source.test"]), must_be_proven=True)
    both = ours(from_="a@source.test, b@other.test")
    assert not holds(partner, mail(of=both, proven=["source.test"]), must_be_proven=True)
    assert not holds({"sender": "<>"}, mail(of=ours(sender=None)), must_be_proven=True)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.exe", ["a.exe", ".EXE", "a.exe.exe"], ["a.exe.txt", "exe"]),
        ("invoice*", ["Invoice", "invoice 7.pdf"], ["my invoice"]),
        ("*a*b*", ["ab", "xaybz", "aab"], ["ba", "a"]),
        ("a*a", ["aa", "aba"], ["a"]),
        ("plain", ["PLAIN"], ["plain2", ""]),
        ("*", ["", "x"], []),
        ("[a]?.txt", ["[a]?.txt"], ["ab.txt"]),
    ],
)
def test_a_star_stands_for_anything_and_nothing_else_is_special(pattern: str, yes: list[str], no: list[str]) -> None:
    assert all(wildcard(pattern)(text) for text in yes)
    assert not any(wildcard(pattern)(text) for text in no)

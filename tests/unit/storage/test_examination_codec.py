"""What was seen and decided comes back as it was written, and what was not written so is refused."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given

from mailock.core.evidence.examination import Examination
from mailock.core.evidence.finding import Severity
from mailock.core.evidence.report import Why
from mailock.core.evidence.wording import Sought, Spotted, Wording
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import PartPath
from mailock.core.policy.decide import judge
from mailock.core.policy.profile import MaliciousMail, Profile
from mailock.core.policy.remembered import remember
from mailock.core.policy.rule import Rule, Then
from mailock.core.policy.rulebase import Rulebase
from mailock.core.policy.way import Way
from mailock.storage.codec import Unreadable
from mailock.storage.examination_codec import LINKS, decode_judged, encode_judged
from tests.parts.evidence import case, examined, finding, found, link, looked, missed
from tests.properties.test_policy import cases, examinations, rulebases


@given(examinations(), rulebases())
def test_it_comes_back_as_it_was(examination: Examination, rulebase: Rulebase) -> None:
    of = cases(examination, True, False)
    judged = remember(of, judge(of, rulebase))
    assert decode_judged(encode_judged(judged)) == judged


def test_edits_links_and_defects_come_back() -> None:
    bad = finding(Severity.MALICIOUS, kind="url.listed", part="1.1")
    of = case(
        examined(looked("av", "1.1", bad), missed(Why.DIED), links=[link()], defects=[("1.2", Defect.NOT_CLOSED)]),
        monitoring=[0],
    )
    allowing = Rulebase(default=Profile(malicious=MaliciousMail(disposition=Disposition.DELIVER)))
    judged = remember(of, judge(of, allowing))
    again = decode_judged(encode_judged(judged))
    assert again == judged
    assert again.monitored == {0}


def test_words_that_were_looked_for_come_back() -> None:
    seen, unseen = Sought("body", "lottery"), Sought("list-id", "news")
    wording = Wording(sought=frozenset({seen, unseen}), spotted=(Spotted(seen, PartPath("1.1")),), whole=False)
    of = case(replace(examined(looked()), wording=wording))
    assert decode_judged(encode_judged(remember(of, judge(of, Rulebase())))).examination.wording == wording


def test_what_version_1_wrote_is_read_and_nobody_looked_for_words() -> None:
    of = case(found(finding()))
    judged = remember(of, judge(of, Rulebase()))
    _, *told, decisions, words = msgspec.msgpack.decode(encode_judged(judged))
    straight = [decision[:9] for decision in decisions]
    assert decode_judged(msgspec.msgpack.encode([1, *told, straight])) == judged
    assert decode_judged(msgspec.msgpack.encode([2, *told, straight, words])) == judged


def test_ways_and_who_was_added_come_back() -> None:
    way = Way(sender="*@b.test", recipient="new@dest.test", via="r", hop="dlp.test:25")
    of = case(found())
    judged = remember(of, judge(of, Rulebase(rules=(Rule(name="r", then=Then(way=way, added=("a@dest.test",))),))))
    assert judged.judgement.decisions[0].way == way
    assert decode_judged(encode_judged(judged)) == judged


def test_links_are_bounded() -> None:
    of = case(examined(looked(), links=[link(f"https://a.example/{n}") for n in range(LINKS + 5)]))
    assert len(decode_judged(encode_judged(remember(of, judge(of, Rulebase())))).examination.links) == LINKS


def test_a_clean_message_takes_little_room() -> None:
    reports = [looked(f"engine{n}", part) for n in range(12) for part in ("1.1", "1.2", "1.2/zip:1")]
    of = case(examined(*reports))
    assert len(encode_judged(remember(of, judge(of, Rulebase())))) < 2000


@pytest.mark.parametrize("document", [b"", b"\xc1", msgspec.msgpack.encode([2, "future"]), msgspec.msgpack.encode({})])
def test_what_was_not_written_so_is_refused(document: bytes) -> None:
    with pytest.raises(Unreadable, match="damaged, or a newer Mailock wrote it"):
        decode_judged(document)


def test_a_number_that_names_nothing_is_refused() -> None:
    of = case(found(finding()))
    wire = msgspec.msgpack.decode(encode_judged(remember(of, judge(of, Rulebase()))))
    wire[8][0][0] = 99
    with pytest.raises(Unreadable):
        decode_judged(msgspec.msgpack.encode(wire))

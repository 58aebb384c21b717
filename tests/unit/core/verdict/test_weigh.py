"""What is believed of a message: how dangerous, how wanted, and why."""

import pytest

from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.report import Why
from mailock.core.mime.defects import CUT_OFF, Defect
from mailock.core.verdict.gaps import UNREAD
from mailock.core.verdict.verdict import MailClass, Threat
from mailock.core.verdict.weigh import SENTENCES, Thresholds, weigh
from tests.parts.evidence import DUTIES, examined, finding, found, looked, missed


def test_what_was_seen_by_all_and_is_nothing_is_benign() -> None:
    verdict = weigh(found(), DUTIES)
    assert (verdict.threat, verdict.mail_class) == (Threat.BENIGN, MailClass.HAM)


def test_nothing_due_is_unknown() -> None:
    verdict = weigh(examined(), DUTIES)
    assert verdict.threat is Threat.UNKNOWN
    assert verdict.because == ("no engine against malware was due, so nothing can be said",)


def test_only_engines_against_malware_make_mail_clean() -> None:
    assert weigh(examined(looked("bayes"), looked("dmarc")), DUTIES).threat is Threat.UNKNOWN


def test_what_is_switched_off_was_not_due() -> None:
    off = missed(Why.NOT_CONFIGURED, "yara")
    assert weigh(examined(looked("av"), off), DUTIES).threat is Threat.BENIGN
    assert weigh(examined(off), DUTIES).threat is Threat.UNKNOWN


@pytest.mark.parametrize("why", sorted(set(Why) - {Why.NOT_CONFIGURED}, key=str))
def test_whatever_keeps_an_engine_from_looking_keeps_mail_from_being_clean(why: Why) -> None:
    verdict = weigh(examined(looked("av", "1.1"), missed(why)), DUTIES)
    assert verdict.threat is Threat.UNKNOWN
    assert f'av did not see all of part 1.2 "a.zip": {why.value}' in verdict.because


def test_an_engine_that_nobody_knows_counts_for_malware() -> None:
    assert weigh(examined(looked("av"), missed(engine="new")), DUTIES).threat is Threat.UNKNOWN


def test_a_gap_of_anti_spam_says_nothing_of_danger() -> None:
    assert weigh(examined(looked("av"), missed(engine="bayes")), DUTIES).threat is Threat.BENIGN


def test_many_suspicions_stay_suspicious() -> None:
    verdict = weigh(found(*[finding(kind=f"kind.{n}") for n in range(50)]), DUTIES)
    assert (verdict.threat, verdict.confidence) == (Threat.SUSPICIOUS, Confidence.HIGH)
    assert len(verdict.because) == SENTENCES + 1
    assert verdict.because[-1] == "and 26 more"


def test_the_gravest_finding_decides_with_its_own_confidence() -> None:
    verdict = weigh(
        found(finding(confidence=Confidence.HIGH), finding(Severity.MALICIOUS, Confidence.LOW, kind="eicar")), DUTIES
    )
    assert (verdict.threat, verdict.confidence) == (Threat.MALICIOUS, Confidence.LOW)
    assert verdict.because[0] == ('av found eicar in part 1.2 "a.zip", malicious with low confidence: It was seen')


def test_what_was_found_before_an_engine_died_still_counts() -> None:
    of = examined(missed(Why.DIED, "av", "1.2", finding(Severity.MALICIOUS)))
    assert weigh(of, DUTIES).threat is Threat.MALICIOUS


@pytest.mark.parametrize("defect", sorted(UNREAD))
def test_what_cannot_be_read_in_every_way_is_unknown(defect: Defect) -> None:
    of = examined(looked("av"), defects=[("1", defect)])
    verdict = weigh(of, DUTIES)
    assert verdict.threat is Threat.UNKNOWN
    assert defect.value in verdict.because[0]


@pytest.mark.parametrize("defect", sorted(set(Defect) - UNREAD))
def test_other_contradictions_change_nothing(defect: Defect) -> None:
    assert weigh(examined(looked("av"), defects=[("1", defect)]), DUTIES) == weigh(examined(looked("av")), DUTIES)


def test_everything_that_is_cut_off_is_unread() -> None:
    assert CUT_OFF < UNREAD


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([4.9], MailClass.HAM),
        ([5.0], MailClass.SUSPECTED_SPAM),
        ([5.0, 5.0], MailClass.SPAM),
        ([10.0, -6.0], MailClass.HAM),
    ],
)
def test_the_class_follows_the_sum_of_the_weights(weights: list[float], expected: MailClass) -> None:
    of = found(*[finding(Severity.NOTE, kind=f"k{n}", weight=weight) for n, weight in enumerate(weights)])
    verdict = weigh(of, DUTIES)
    assert (verdict.mail_class, verdict.score) == (expected, sum(weights))
    assert verdict.threat is Threat.BENIGN


def test_thresholds_are_the_profiles() -> None:
    of = found(finding(Severity.NOTE, weight=3.0))
    assert weigh(of, DUTIES, Thresholds(suspected=2.0, spam=3.0)).mail_class is MailClass.SPAM


def test_no_weight_lifts_a_danger() -> None:
    of = found(finding(Severity.MALICIOUS), finding(Severity.NOTE, kind="dkim.pass", weight=-1000.0))
    assert weigh(of, DUTIES).threat is Threat.MALICIOUS


def test_phishing_and_bulk_are_classes_by_their_findings() -> None:
    assert weigh(found(finding(kind="phishing.form")), DUTIES).mail_class is MailClass.PHISHING
    assert weigh(found(finding(Severity.NOTE, kind="phishing.form")), DUTIES).mail_class is MailClass.HAM
    assert weigh(found(finding(Severity.NOTE, kind="bulk")), DUTIES).mail_class is MailClass.BULK

"""The laws of judgement (DECISIONS 20 to 22): whatever was found, whatever the rules are, worse evidence is never
treated more mildly, and nothing but a pin on a file lifts *malicious*.
"""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.evidence.coverage import NOT_DUE
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.manifest import Duty
from mailock.core.evidence.report import Incomplete, Looked, Report, Why
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.envelope import Direction
from mailock.core.mime.defects import Defect
from mailock.core.policy.case import Case
from mailock.core.policy.conditions.circumstances import CameFrom, Directed, SentBy, SentTo
from mailock.core.policy.conditions.condition import Condition
from mailock.core.policy.conditions.evidence import (
    Contradicts,
    Dangerous,
    Found,
    FoundBy,
    HasFile,
    Missed,
    Scores,
    Unwanted,
)
from mailock.core.policy.decide import judge
from mailock.core.policy.decision import Decision
from mailock.core.policy.lists import Lists, Pin, Pinned
from mailock.core.policy.profile import AntiSpam, FailMode, MaliciousMail, Profile, Protected, SpamAction
from mailock.core.policy.proposal import rank
from mailock.core.policy.rule import Rule, Then
from mailock.core.policy.rulebase import Rulebase
from mailock.core.reputation.entries import Entry
from mailock.core.routing.access import read_networks, read_sources
from mailock.core.routing.pattern import read_pattern
from mailock.core.verdict.verdict import MailClass, Threat
from mailock.core.verdict.weigh import weigh
from tests.parts.evidence import DUTIES, FILES, case, examined, looked

ENGINES = tuple(DUTIES)
PARTS = tuple(file.path for file in FILES if file.looked_into)
KINDS = ("office.macro", "eicar", "url.listed", "phishing.form", "bulk", "html.form")

weights = st.sampled_from([0.0, 1.0, 4.0, 6.0, 12.0])


@st.composite
def findings(draw: st.DrawFn, engine: str, part: str) -> Finding:
    """Something incriminating: its weight never speaks for the message."""
    return Finding(
        engine=engine,
        kind=draw(st.sampled_from(KINDS)),
        severity=draw(st.sampled_from(list(Severity))),
        confidence=draw(st.sampled_from(list(Confidence))),
        part=part,  # type: ignore[arg-type]  # drawn from the paths of files
        evidence="",
        weight=draw(weights),
    )


@st.composite
def reports(draw: st.DrawFn, engine: str, part: str) -> Report:
    found = tuple(draw(st.lists(findings(engine, part), max_size=2)))
    if draw(st.booleans()):
        return looked(engine, part, *found)
    return Incomplete(engine=engine, version="1", part=part, why=draw(st.sampled_from(list(Why))), findings=found)  # type: ignore[arg-type]  # drawn from the paths of files


@st.composite
def examinations(draw: st.DrawFn) -> Examination:
    pairs = draw(st.sets(st.tuples(st.sampled_from(ENGINES), st.sampled_from(PARTS)), max_size=5))
    defects = draw(st.sets(st.sampled_from([Defect.NOT_CLOSED, Defect.AMBIGUOUS, Defect.PARTIAL]), max_size=2))
    given_reports = [draw(reports(engine, part)) for engine, part in sorted(pairs)]
    return examined(*given_reports, files=FILES, defects=[("1", defect) for defect in sorted(defects)])


dispositions = st.sampled_from(list(Disposition))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    action = st.builds(SpamAction, disposition=dispositions)
    return Profile(
        malicious=MaliciousMail(disposition=draw(dispositions)),
        suspicious=draw(dispositions),
        suspicious_from=draw(st.sampled_from(list(Confidence))),
        ambiguous=draw(dispositions),
        fail={(way, duty): draw(st.sampled_from(list(FailMode))) for way in Direction for duty in Duty},
        protected={way: draw(st.sampled_from(list(Protected))) for way in Direction},
        anti_spam=AntiSpam(
            enabled=draw(st.booleans()),
            detect_only=draw(st.booleans()),
            suspected=draw(action),
            spam=draw(action),
            phishing=draw(action),
            bulk=draw(action),
        ),
        excluded_types=draw(st.sampled_from([frozenset[str](), frozenset({"exe"}), frozenset({"archive"})])),
    )


conditions: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from(
        [
            SentTo((read_pattern("bob@dest.test"),)),
            SentBy((read_pattern("source.test"),)),
            SentBy((read_pattern("elsewhere.test"),), null=True),
            CameFrom(read_sources(["198.51.100.0/24"])),
            Directed(frozenset({Direction.INCOMING})),
            HasFile(types=frozenset({"exe"}), inside=frozenset({"zip"})),
            HasFile(names=("*.zip",)),
            Missed(),
            Missed(frozenset({Why.ENCRYPTED})),
            Contradicts(frozenset({Defect.NOT_CLOSED})),
            FoundBy(frozenset({"av"})),
        ]
    ),
    st.builds(Found, st.sampled_from([frozenset({kind}) for kind in KINDS])),
    st.builds(Dangerous, st.sampled_from(list(Threat)), st.sampled_from(list(Confidence))),
    st.builds(Unwanted, st.sampled_from(list(MailClass))),
    st.builds(Scores, weights),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    excepts = draw(st.sets(st.sampled_from([*KINDS, *ENGINES]), max_size=2))
    return Rule(
        name=draw(st.sampled_from(["one", "two", "three"])),
        when=tuple(draw(st.lists(conditions, max_size=2))),
        then=draw(st.none() | st.builds(Then, disposition=dispositions)),
        profile=draw(st.none() | profiles()),
        excepts=frozenset(excepts),
        loosens=draw(st.booleans()),
    )


@st.composite
def rulebases(draw: st.DrawFn) -> Rulebase:
    entries = st.sampled_from(
        [Entry(sender=read_pattern("source.test")), Entry(networks=read_networks(["198.51.100.0/24"]))]
    )
    return Rulebase(
        default=draw(profiles()),
        rules=tuple(draw(st.lists(rules(), max_size=3))),
        lists=Lists(
            allowed=tuple(draw(st.lists(entries, max_size=1))), blocked=tuple(draw(st.lists(entries, max_size=1)))
        ),
    )


def cases(examination: Examination, proven: bool, in_session: bool) -> Case:
    return case(
        examination,
        to=("bob@dest.test", "eve@dest.test"),
        proven=("source.test",) if proven else (),
        in_session=in_session,
    )


def decided(decision: Decision) -> int:
    """How strict what was decided is; what could be done of it (DECISIONS 13) is another matter."""
    return max(rank(decision.disposition), rank(decision.would_have or Disposition.DELIVER))


def done(decision: Decision) -> int:
    """How strict what is done is; a rejection that cannot be made becomes a quarantine, which is as good."""
    return min(rank(decision.disposition), rank(Disposition.QUARANTINE))


def never_milder(before: Case, after: Case, rulebase: Rulebase) -> None:
    for one, other in zip(judge(before, rulebase).decisions, judge(after, rulebase).decisions, strict=True):
        assert decided(other) >= decided(one), (one, other)
        assert done(other) >= done(one), (one, other)


@given(st.data(), examinations(), rulebases(), st.booleans(), st.booleans())
def test_one_more_finding_is_never_treated_more_mildly(
    data: st.DataObject, before: Examination, rulebase: Rulebase, proven: bool, in_session: bool
) -> None:
    engine, part = data.draw(st.sampled_from(ENGINES)), data.draw(st.sampled_from(PARTS))
    more = data.draw(findings(engine, part))
    told = before.coverage.reports
    if any(report.engine == engine and report.part == part for report in told):
        told = tuple(
            replace(report, findings=(*report.findings, more))
            if report.engine == engine and report.part == part
            else report
            for report in told
        )
    else:
        told = (*told, looked(engine, part, more))
    after = replace(before, coverage=replace(before.coverage, reports=told))
    never_milder(cases(before, proven, in_session), cases(after, proven, in_session), rulebase)


@given(st.data(), examinations(), rulebases(), st.booleans(), st.sampled_from(list(Why)))
def test_seeing_less_is_never_treated_more_mildly(
    data: st.DataObject, before: Examination, rulebase: Rulebase, proven: bool, why: Why
) -> None:
    seen = [report for report in before.coverage.reports if isinstance(report, Looked)]
    if not seen:
        return
    lost = data.draw(st.sampled_from(seen))
    less = Incomplete(engine=lost.engine, version="1", part=lost.part, why=why, findings=lost.findings)
    told = tuple(less if report is lost else report for report in before.coverage.reports)
    after = replace(before, coverage=replace(before.coverage, reports=told))
    never_milder(cases(before, proven, False), cases(after, proven, False), rulebase)
    assert weigh(after, DUTIES).threat >= weigh(before, DUTIES).threat or why in NOT_DUE


@given(examinations(), rulebases(), st.booleans(), st.floats(-1000, 0))
def test_what_speaks_for_a_message_never_touches_malicious(
    before: Examination, rulebase: Rulebase, proven: bool, weight: float
) -> None:
    good = Finding(
        engine="bayes",
        kind="dkim.pass",
        severity=Severity.NOTE,
        confidence=Confidence.HIGH,
        part=PARTS[0],
        evidence="",
        weight=weight,
    )
    reports_ = (*before.coverage.reports, looked("bayes", PARTS[1], good))
    after = replace(before, coverage=replace(before.coverage, reports=reports_))
    ours, theirs = judge(cases(before, proven, False), rulebase), judge(cases(after, proven, False), rulebase)
    assert ours.verdict.threat is theirs.verdict.threat
    if ours.verdict.threat is Threat.MALICIOUS:
        for decision in theirs.decisions:
            assert decided(decision) >= rank(_mildest_for_malicious(rulebase))


@given(examinations(), rulebases(), st.booleans())
def test_allow_entries_and_exceptions_never_lift_malicious(
    before: Examination, rulebase: Rulebase, proven: bool
) -> None:
    bare = replace(rulebase, lists=Lists())
    judged = judge(cases(before, proven, False), rulebase)
    assert judged.verdict == judge(cases(before, proven, False), bare).verdict
    if judged.verdict.threat is Threat.MALICIOUS:
        for decision in judged.decisions:
            assert decided(decision) >= rank(_mildest_for_malicious(rulebase))


@given(examinations(), rulebases(), st.sampled_from(PARTS))
def test_a_pin_lifts_its_own_file_alone(before: Examination, rulebase: Rulebase, part: str) -> None:
    pinned_file = next(file for file in FILES if file.path == part)
    pin = Pin(sha256=pinned_file.sha256[0], pinned=Pinned.BENIGN, because="")
    judged = judge(cases(before, False, False), replace(rulebase, lists=Lists(pins={pin.sha256: pin})))
    others = [one for one in before.findings if one.part != part and one.severity is Severity.MALICIOUS]
    if others:
        assert judged.verdict.threat is Threat.MALICIOUS


@given(rulebases())
def test_nothing_due_is_unknown_under_every_policy(rulebase: Rulebase) -> None:
    assert judge(cases(examined(files=FILES), False, False), rulebase).verdict.threat is Threat.UNKNOWN


@given(examinations(), rulebases(), st.booleans())
def test_benign_takes_complete_coverage(before: Examination, rulebase: Rulebase, proven: bool) -> None:
    verdict = judge(cases(before, proven, False), rulebase).verdict
    malware = [one for one in before.coverage.reports if DUTIES[one.engine] is Duty.MALWARE]
    due = [one for one in malware if isinstance(one, Looked) or one.why not in NOT_DUE]
    if verdict.threat is Threat.BENIGN:
        assert due
        assert all(isinstance(one, Looked) for one in due)
    if not due:
        assert verdict.threat is not Threat.BENIGN


@given(examinations(), rulebases(), st.booleans(), st.booleans())
def test_every_decision_gives_its_reasons_and_a_class_where_it_keeps(
    before: Examination, rulebase: Rulebase, proven: bool, in_session: bool
) -> None:
    judged = judge(cases(before, proven, in_session), rulebase)
    for number, decision in enumerate(judged.decisions):
        assert decision.recipient == number
        assert decision.because
        assert all(decision.because)
        assert (decision.quarantine_class is not None) is (decision.disposition is Disposition.QUARANTINE)
        assert not decision.edits or decision.disposition in (Disposition.DELIVER, Disposition.HOLD)
        assert decision.disposition is not Disposition.REJECT or in_session
    rejected = [one.disposition is Disposition.REJECT for one in judged.decisions]
    assert all(rejected) or not any(rejected)


def _mildest_for_malicious(rulebase: Rulebase) -> Disposition:
    """The mildest thing that any profile of a rulebase does with malicious mail."""
    profiles_ = [rulebase.default, *(rule.profile for rule in rulebase.rules if rule.profile is not None)]
    return min((one.malicious.disposition for one in profiles_), key=rank)

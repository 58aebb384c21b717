"""What becomes of mail for each recipient, and why."""

from dataclasses import replace

import pytest

from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.manifest import Duty
from mailock.core.evidence.report import Why
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import OwnMail
from mailock.core.mime.defects import Defect
from mailock.core.policy.case import Case
from mailock.core.policy.conditions.circumstances import CameFrom, SentBy, SentTo
from mailock.core.policy.conditions.evidence import Found, HasFile
from mailock.core.policy.decide import decide, judge
from mailock.core.policy.decision import Decision
from mailock.core.policy.lists import Lists, Pin, Pinned
from mailock.core.policy.profile import AntiSpam, Changes, FailMode, MaliciousMail, Profile, Protected, SpamAction
from mailock.core.policy.rule import Rule, Then
from mailock.core.policy.rulebase import Rulebase
from mailock.core.policy.track import Track
from mailock.core.reputation.entries import Entry
from mailock.core.rewriting.edits import PrefixSubject, ReplaceLink, SetHeader, StripPart, shown
from mailock.core.routing.access import read_networks, read_sources
from mailock.core.routing.pattern import read_pattern
from mailock.core.verdict.verdict import Threat
from tests.parts.evidence import BODY, ZIPPED, case, examined, finding, found, link, looked, missed
from tests.parts.stories import NOON, message

EICAR = finding(Severity.MALICIOUS, kind="eicar")
MACRO = finding(kind="office.macro")
SHIPPED = Rulebase()
FROM_PARTNER = SentBy((read_pattern("source.test"),))


def only(of: Case, rulebase: Rulebase = SHIPPED) -> Decision:
    (decision,) = decide(of, rulebase)
    return decision


def test_clean_mail_is_delivered_as_it_is() -> None:
    decision = only(case(found()))
    assert (decision.disposition, decision.edits, decision.would_have) == (Disposition.DELIVER, (), None)
    assert decision.rule == "mta"
    assert decision.because[0] == "nothing speaks against it"


def test_malicious_mail_is_kept_by_the_mtas_own_rule() -> None:
    decision = only(case(found(EICAR)))
    assert (decision.disposition, decision.quarantine_class) == (Disposition.QUARANTINE, "malware")
    assert decision.rule == "malicious-mail"


@pytest.mark.parametrize(
    ("confidence", "disposition"),
    [
        (Confidence.LOW, Disposition.DELIVER),
        (Confidence.MEDIUM, Disposition.QUARANTINE),
        (Confidence.HIGH, Disposition.QUARANTINE),
    ],
)
def test_what_is_suspicious_is_kept_where_an_engine_is_sure(confidence: Confidence, disposition: Disposition) -> None:
    decision = only(case(found(finding(confidence=confidence))))
    assert decision.disposition is disposition
    assert decision.quarantine_class == ("suspicious" if disposition is Disposition.QUARANTINE else None)
    assert any("office.macro" in sentence for sentence in decision.because)


@pytest.mark.parametrize(
    "defect", [Defect.AMBIGUOUS, Defect.TOO_MANY_PARTS, Defect.PARTIAL, Defect.EXTERNAL_BODY, Defect.TOO_DEEP]
)
def test_ambiguous_mail_is_kept_and_the_defect_named(defect: Defect) -> None:
    decision = only(case(examined(looked(), defects=[("1", defect)])))
    assert (decision.disposition, decision.quarantine_class) == (Disposition.QUARANTINE, "ambiguous")
    assert defect.value in decision.because[0]


def test_ordinary_broken_mail_passes() -> None:
    defects = [("1", Defect.NOT_CLOSED), ("1.1", Defect.MIXED_LINE_ENDS), ("1.1", Defect.BROKEN_BASE64)]
    assert only(case(examined(looked(), defects=defects))).disposition is Disposition.DELIVER


FAILURES = sorted(set(Why) - {Why.NOT_CONFIGURED, Why.ENCRYPTED, Why.EXCLUDED}, key=str)
ENGINES = {Duty.MALWARE: "av", Duty.SPAM: "bayes", Duty.SENDER: "dmarc"}
OUTCOMES = {
    FailMode.OPEN: (Disposition.DELIVER, None),
    FailMode.STRIP: (Disposition.DELIVER, None),
    FailMode.HOLD: (Disposition.HOLD, None),
    FailMode.CLOSE: (Disposition.QUARANTINE, "unscanned"),
}


@pytest.mark.parametrize("why", FAILURES)
@pytest.mark.parametrize("mode", list(FailMode))
@pytest.mark.parametrize("duty", list(Duty))
def test_what_was_not_seen_is_treated_by_its_fail_mode(duty: Duty, mode: FailMode, why: Why) -> None:
    others = {(direction, one): FailMode.OPEN for direction in Direction for one in Duty}
    profile = Profile(fail=others | {(Direction.INCOMING, duty): mode})
    of = case(examined(looked("yara"), missed(why, ENGINES[duty])))
    decision = only(of, Rulebase(default=profile))
    assert (decision.disposition, decision.quarantine_class) == OUTCOMES[mode]
    assert f"{ENGINES[duty]} did not see all of part 1.2" in decision.because[0]
    assert why.value in decision.because[0]
    assert any(duty.value in sentence for sentence in decision.because)
    assert [shown(edit) for edit in decision.edits] == (["strip 1.2"] if mode is FailMode.STRIP else [])


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("duty", list(Duty))
def test_the_shipped_fail_modes(duty: Duty, direction: Direction) -> None:
    of = case(examined(looked("yara"), missed(Why.UNREACHABLE, ENGINES[duty])), direction=direction)
    is_open = duty is Duty.SENDER or (duty is Duty.SPAM and direction is not Direction.OUTGOING)
    assert only(of).disposition is (Disposition.DELIVER if is_open else Disposition.QUARANTINE)


@pytest.mark.parametrize("why", [Why.NOT_CONFIGURED, Why.EXCLUDED])
def test_what_policy_left_out_is_no_failure(why: Why) -> None:
    decision = only(case(examined(looked("yara"), missed(why))))
    assert decision.disposition is Disposition.DELIVER


@pytest.mark.parametrize(
    ("direction", "disposition"),
    [
        (Direction.INCOMING, Disposition.QUARANTINE),
        (Direction.INTERNAL, Disposition.DELIVER),
        (Direction.OUTGOING, Disposition.DELIVER),
    ],
)
def test_protected_files_are_kept_when_they_come_from_outside(direction: Direction, disposition: Disposition) -> None:
    decision = only(case(examined(looked(), missed(Why.ENCRYPTED)), direction=direction))
    assert decision.disposition is disposition
    assert decision.quarantine_class == ("encrypted" if disposition is Disposition.QUARANTINE else None)


def test_protected_files_count_as_malicious_or_get_a_note_where_policy_says_so() -> None:
    of = case(examined(looked(), missed(Why.ENCRYPTED)))
    noted = Profile(protected={Direction.INCOMING: Protected.NOTE})
    decision = only(of, Rulebase(default=noted))
    assert [shown(edit) for edit in decision.edits] == ["set X-Mailock-Unscanned", "add text at the top"]
    grave = only(of, Rulebase(default=Profile(protected={Direction.INCOMING: Protected.MALICIOUS})))
    assert (grave.disposition, grave.quarantine_class, grave.rule) == (
        Disposition.QUARANTINE,
        "malware",
        "malicious-mail",
    )


def test_a_part_that_is_the_message_is_not_stripped_but_kept() -> None:
    profile = Profile(fail={(Direction.INCOMING, duty): FailMode.STRIP for duty in Duty})
    decision = only(case(examined(looked(), missed(part="1"))), Rulebase(default=profile))
    assert (decision.disposition, decision.quarantine_class) == (Disposition.QUARANTINE, "unscanned")


def allowing(**changes: object) -> Rulebase:
    changed = replace(Changes(), **changes)  # type: ignore[arg-type]  # each test names fields that are there
    return Rulebase(default=Profile(malicious=MaliciousMail(disposition=Disposition.DELIVER, changes=changed)))


def test_malicious_mail_that_is_allowed_loses_what_is_malicious() -> None:
    decision = only(case(found(EICAR)), allowing(subject_prefix="[MALICIOUS] ", body_text="Beware: $verdicts$"))
    assert decision.disposition is Disposition.DELIVER
    assert [shown(edit) for edit in decision.edits] == [
        "strip 1.2",
        "set X-Mailock-Verdict",
        "prefix subject [MALICIOUS] ",
        "add text at the top",
    ]
    (strip, header, *_) = decision.edits
    assert isinstance(strip, StripPart)
    assert "a.zip" in strip.text
    assert ZIPPED.sha256[0] in strip.text
    assert isinstance(header, SetHeader)
    assert header.value == "malicious; confidence=high"


def test_malicious_links_of_a_text_are_neutralised_and_the_text_stays() -> None:
    bad = finding(Severity.MALICIOUS, kind="url.listed", part="1.1")
    of = examined(looked("av", "1.1", bad), links=[link(), link("https://other.example/", part="1.2")])
    edits = only(case(of), allowing(header="")).edits
    (edit,) = edits
    assert isinstance(edit, ReplaceLink)
    assert edit.replacement == "[malicious link removed: hxxps[:]//evil[.]example/x]"


def test_what_cannot_be_taken_out_is_kept() -> None:
    decision = only(case(found(finding(Severity.MALICIOUS, part="1"))), allowing())
    assert (decision.disposition, decision.quarantine_class) == (Disposition.QUARANTINE, "malware")
    assert "cannot be taken out" in decision.because[1]


def test_rejection_needs_a_client_that_waits_and_recipients_who_agree() -> None:
    rejecting = Rulebase(default=Profile(malicious=MaliciousMail(disposition=Disposition.REJECT)))
    after = only(case(found(EICAR)), rejecting)
    assert (after.disposition, after.quarantine_class, after.would_have) == (
        Disposition.QUARANTINE,
        "malware",
        Disposition.REJECT,
    )
    both = decide(case(found(EICAR), to=("a@dest.test", "b@dest.test"), in_session=True), rejecting)
    assert [one.disposition for one in both] == [Disposition.REJECT, Disposition.REJECT]
    mixed = decide(case(found(EICAR), to=("a@dest.test", "b@dest.test"), in_session=True, monitoring=[1]), rejecting)
    assert [one.disposition for one in mixed] == [Disposition.QUARANTINE, Disposition.DELIVER]
    assert [one.would_have for one in mixed] == [Disposition.REJECT, Disposition.REJECT]


def test_nothing_is_enforced_for_a_recipient_who_is_monitored() -> None:
    of = case(found(EICAR), to=("a@dest.test", "b@dest.test"), monitoring=[0])
    monitored, other = decide(of, SHIPPED)
    assert (monitored.disposition, monitored.would_have) == (Disposition.DELIVER, Disposition.QUARANTINE)
    assert (other.disposition, other.would_have) == (Disposition.QUARANTINE, None)


def test_our_own_mail_is_not_judged() -> None:
    decision = only(case(found(EICAR), of=replace(message(), own=OwnMail.DSN)))
    assert decision.disposition is Disposition.DELIVER
    assert decision.because == ("we wrote it ourselves, so its content is not judged",)


def test_the_first_rule_on_circumstances_selects_and_ends_the_walk() -> None:
    strict = Rule(
        name="strict", when=(SentTo((read_pattern("a@dest.test"),)),), then=Then(disposition=Disposition.HOLD)
    )
    every = Rule(name="every", then=Then(disposition=Disposition.DISCARD))
    a, b = decide(case(found(), to=("a@dest.test", "b@dest.test")), Rulebase(rules=(strict, every)))
    assert (a.disposition, a.rule) == (Disposition.HOLD, "strict")
    assert (b.disposition, b.rule) == (Disposition.DISCARD, "every")


def test_a_rule_on_evidence_adds_and_the_strictest_holds() -> None:
    programs = Rule(
        name="programs",
        when=(HasFile(types=frozenset({"exe"}), inside=frozenset({"archive"})),),
        then=Then(disposition=Disposition.QUARANTINE),
        because="no business need",
    )
    tag = Rule(name="tag", then=Then(edits=(PrefixSubject(text="[EXT] "),)))
    rulebase = Rulebase(rules=(programs, tag))
    decision = only(case(found()), rulebase)
    assert (decision.disposition, decision.rule, decision.quarantine_class) == (
        Disposition.QUARANTINE,
        "programs",
        "policy",
    )
    assert decision.because[0] == "rule programs says quarantine: no business need"
    plain = only(case(examined(looked(), files=[BODY])), rulebase)
    assert [shown(edit) for edit in plain.edits] == ["prefix subject [EXT] "]


def test_exceptions_take_out_what_they_name_and_never_what_is_malicious() -> None:
    partner = Rule(
        name="partner",
        when=(FROM_PARTNER,),
        excepts=frozenset({"office.macro", "eicar", "av"}),
        loosens=True,
    )
    rulebase = Rulebase(rules=(partner,))
    proven = ("source.test",)
    assert only(case(found(MACRO), proven=proven), rulebase).disposition is Disposition.DELIVER
    assert only(case(found(MACRO, EICAR), proven=proven), rulebase).rule == "malicious-mail"


def test_who_merely_says_he_is_the_partner_gets_nothing_past_a_rule() -> None:
    partner = Rule(name="partner", when=(FROM_PARTNER,), excepts=frozenset({"office.macro"}), loosens=True)
    assert only(case(found(MACRO)), Rulebase(rules=(partner,))).disposition is Disposition.QUARANTINE
    by_source = replace(partner, when=(CameFrom(read_sources(["198.51.100.0/24"])),))
    assert only(case(found(MACRO)), Rulebase(rules=(by_source,))).disposition is Disposition.DELIVER


def test_an_excepted_engine_that_could_not_look_does_not_make_mail_clean() -> None:
    rule = Rule(name="no av", excepts=frozenset({"av"}), loosens=True)
    of = case(examined(missed()))
    assert only(of, Rulebase(rules=(rule,))).disposition is Disposition.DELIVER
    assert judge(of, Rulebase(rules=(rule,))).verdict.threat is Threat.UNKNOWN


def test_only_a_pin_on_the_very_file_lifts_malicious() -> None:
    pin = Pin(sha256=ZIPPED.sha256[0], pinned=Pinned.BENIGN, because="ticket 7", until=NOON + 10)
    rulebase = Rulebase(lists=Lists(pins={pin.sha256: pin}))
    assert only(case(found(EICAR)), rulebase).disposition is Disposition.DELIVER
    inner = finding(Severity.MALICIOUS, kind="eicar", part="1.2/zip:1")
    assert only(case(found(EICAR, inner)), rulebase).disposition is Disposition.QUARANTINE
    assert only(case(found(EICAR), now=NOON + 10), rulebase).disposition is Disposition.QUARANTINE


def test_a_file_with_a_second_reading_is_lifted_only_where_both_are_pinned() -> None:
    two = replace(ZIPPED, sha256=("aa", "bb"))
    of = examined(looked("av", "1.2", EICAR), files=[BODY, two])
    one = Pin(sha256="aa", pinned=Pinned.BENIGN, because="")
    other = replace(one, sha256="bb")
    assert only(case(of), Rulebase(lists=Lists(pins={"aa": one}))).disposition is Disposition.QUARANTINE
    assert only(case(of), Rulebase(lists=Lists(pins={"aa": one, "bb": other}))).disposition is Disposition.DELIVER


def test_a_pin_makes_a_file_malicious() -> None:
    pin = Pin(sha256=ZIPPED.sha256[0], pinned=Pinned.MALICIOUS, because="incident 12")
    decision = only(case(found()), Rulebase(lists=Lists(pins={pin.sha256: pin})))
    assert (decision.disposition, decision.rule) == (Disposition.QUARANTINE, "malicious-mail")
    assert "incident 12" in decision.because[0]


SPAM = finding(Severity.NOTE, kind="bayes.spam", engine="bayes", weight=20.0)
ENABLED = Profile()
DISABLED = Profile(anti_spam=AntiSpam(enabled=False))


def test_spam_is_kept_where_anti_spam_is_on_and_only_told_where_it_detects() -> None:
    assert only(case(found(SPAM)), Rulebase(default=DISABLED)).disposition is Disposition.DELIVER
    kept = only(case(found(SPAM)))
    assert (kept.disposition, kept.quarantine_class) == (Disposition.QUARANTINE, "spam")
    detecting = replace(ENABLED, anti_spam=replace(ENABLED.anti_spam, detect_only=True))
    told = only(case(found(SPAM)), Rulebase(default=detecting))
    assert (told.disposition, told.would_have) == (Disposition.DELIVER, Disposition.QUARANTINE)
    assert any(sentence.startswith("only detected: ") for sentence in told.because)


def test_each_class_has_its_action_its_flags_and_says_whom_to_tell() -> None:
    anti_spam = AntiSpam(
        suspected=SpamAction(subject_prefix="[?] ", header="X-Class", track=Track.ALERT),
        spam=SpamAction(disposition=Disposition.REJECT),
        bulk=SpamAction(header="X-Bulk"),
    )
    rulebase = Rulebase(default=Profile(anti_spam=anti_spam))
    suspected = only(case(found(replace(SPAM, weight=7.0))), rulebase)
    assert suspected.disposition is Disposition.DELIVER
    assert suspected.edits == (
        SetHeader(name="X-Class", value="suspected_spam; score=7.0"),
        PrefixSubject(text="[?] "),
    )
    assert suspected.track is Track.ALERT
    assert "anti-spam says deliver with set X-Class and prefix subject [?]" in suspected.because[0]
    spam = only(case(found(SPAM)), rulebase)
    # Nobody waits for an answer any more, so what was to be rejected is kept, and both are told (DECISIONS 13).
    assert (spam.disposition, spam.would_have) == (Disposition.QUARANTINE, Disposition.REJECT)
    bulk = only(case(found(replace(SPAM, kind="bulk", weight=0.0))), rulebase)
    assert bulk.edits == (SetHeader(name="X-Bulk", value="bulk; score=0.0"),)


def test_phishing_is_kept_as_such_and_detecting_only_leaves_it_alone() -> None:
    lure = finding(Severity.SUSPICIOUS, kind="phishing.form", engine="lures")
    kept = only(case(found(lure)))
    assert (kept.disposition, kept.quarantine_class) == (Disposition.QUARANTINE, "phishing")
    detecting = only(case(found(lure)), Rulebase(default=Profile(anti_spam=AntiSpam(detect_only=True))))
    assert (detecting.disposition, detecting.would_have) == (Disposition.DELIVER, Disposition.QUARANTINE)
    assert detecting.edits == ()


def test_what_anti_spam_did_not_see_matters_only_to_those_for_whom_it_is_on() -> None:
    unseen = case(examined(looked(), missed(engine="bayes", part="1")), direction=Direction.OUTGOING)
    assert only(unseen).quarantine_class == "unscanned"
    assert only(unseen, Rulebase(default=DISABLED)).disposition is Disposition.DELIVER


def test_an_allow_entry_lifts_spam_of_a_proven_sender_or_a_named_source_and_nothing_worse() -> None:
    by_sender = Lists(allowed=(Entry(sender=read_pattern("source.test"), because="customer"),))
    by_source = Lists(allowed=(Entry(networks=read_networks(["198.51.100.7"])),))
    for lists, proven, disposition in [
        (by_sender, (), Disposition.QUARANTINE),
        (by_sender, ("source.test",), Disposition.DELIVER),
        (by_source, (), Disposition.DELIVER),
    ]:
        rulebase = Rulebase(default=ENABLED, lists=lists)
        assert only(case(found(SPAM), proven=proven), rulebase).disposition is disposition
        assert only(case(found(SPAM, EICAR), proven=proven), rulebase).rule == "malicious-mail"


def test_a_block_entry_counts_whatever_the_sender_proves() -> None:
    lists = Lists(blocked=(Entry(sender=read_pattern("source.test"), because="pest", until=NOON + 1),))
    kept = only(case(found(), proven=("source.test",)), Rulebase(lists=lists))
    assert (kept.disposition, kept.rule) == (Disposition.QUARANTINE, "block-list")
    assert only(case(found(), now=NOON + 1), Rulebase(lists=lists)).disposition is Disposition.DELIVER


def test_a_block_of_a_network_spares_a_host_that_is_allowed_and_the_recipients_of_other_systems() -> None:
    network = Entry(networks=read_networks(["198.51.100.0/24"]))
    host = Entry(networks=read_networks(["198.51.100.7"]))
    assert only(case(found()), Rulebase(lists=Lists(blocked=(network,)))).rule == "block-list"
    spared = Rulebase(lists=Lists(blocked=(network,), allowed=(host,)))
    assert only(case(found()), spared).disposition is Disposition.DELIVER
    elsewhere = Rulebase(lists=Lists(blocked=(replace(network, system="other"),)))
    assert only(case(found()), elsewhere).disposition is Disposition.DELIVER


def test_a_block_tells_what_who_and_why() -> None:
    entry = Entry(sender=read_pattern("source.test"), because="ticket 7", by="alice")
    decision = only(case(found()), Rulebase(lists=Lists(blocked=(entry,))))
    assert "source.test is on the block list (alice): ticket 7" in decision.because


def test_a_rule_may_ask_for_a_kind_of_finding() -> None:
    rule = Rule(name="macros", when=(Found(frozenset({"office.macro"})),), then=Then(disposition=Disposition.DISCARD))
    low = finding(confidence=Confidence.LOW)
    assert only(case(found(low)), Rulebase(rules=(rule,))).disposition is Disposition.DISCARD
    assert only(case(found()), Rulebase(rules=(rule,))).disposition is Disposition.DELIVER

"""Rules and profiles as the file writes them: what they compile to, and every mistake that is told."""

from dataclasses import replace
from datetime import UTC, datetime
from textwrap import dedent

import pytest

from mailock.config.askings import Span
from mailock.config.compile import compile_policy
from mailock.config.conditions import ASKED
from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.config.rulechecks import REJECTS
from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.manifest import Duty
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.envelope import Direction
from mailock.core.policy.case import Case
from mailock.core.policy.decide import decide
from mailock.core.policy.profile import FailMode, Profile
from mailock.core.policy.rulebase import Rulebase
from mailock.core.rewriting.edits import shown
from tests.parts.evidence import BODY, DOC, ZIPPED, case, examined, file, finding, found, looked
from tests.parts.stories import message

ROUTES = '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n'
PARTNER = """\
    [object.partner]
    network = ["198.51.100.0/24"]
    [profile.trusted-files.judgement]
    suspicious = "deliver"
    [[rule]]
    name = "partner invoices"
    when = { direction = "incoming", source = "partner", sender = "*@source.test" }
    profile = "trusted-files"
    except = ["office.macro"]
    because = "agreed with the partner, ticket 4711"
    [[rule]]
    name = "archives with programs"
    when = { direction = "incoming", "file.inside" = "archive", "file.type" = ["exe", "js", "lnk"] }
    then = { disposition = "quarantine" }
    because = "no business need"
    [object.board]
    group = ["bob@dest.test", "*@board.test"]
    [profile.strict.judgement]
    suspicious_from = "low"
    [[rule]]
    name = "board"
    when = { recipient = "group:board" }
    profile = "strict"
    because = "targets"
"""


def rulebase(text: str) -> Rulebase:
    loaded = load(ROUTES + dedent(text))
    return compile_policy(loaded.settings.policy, revision=1, hostname="mx.test").rulebase


def told(text: str) -> list[str]:
    """Mistakes, or warnings where there are none, from the line behind the routes."""
    try:
        said = load(ROUTES + dedent(text), name="f").warnings
    except Mistakes as wrong:
        said = wrong.mistakes
    return [f"{one.line - 2}: {str(one).partition(': ')[2]}" for one in said if one.section != "[[mta.forwarding]]"]


def only(of: Case, base: Rulebase) -> tuple[str, Disposition]:
    (decision,) = decide(of, base)
    return decision.rule, decision.disposition


MACRO = finding(Severity.SUSPICIOUS, Confidence.HIGH)
DOCUMENT = examined(looked("av", "1.2", MACRO), files=[BODY, file("1.2", DOC, name="invoice.doc")])


def test_the_outline_of_the_manual_works() -> None:
    base = rulebase(PARTNER)
    assert [rule.name for rule in base.rules] == ["partner invoices", "archives with programs", "board"]
    assert [rule.loosens for rule in base.rules] == [True, False, False]
    # The partner's macros pass, a program in an archive never does, not even from the partner.
    assert only(case(DOCUMENT), base)[1] is Disposition.DELIVER
    elsewhere = message(ip="203.0.113.9")
    assert only(case(DOCUMENT, of=elsewhere), base) == ("board", Disposition.QUARANTINE)
    assert only(case(found(), of=elsewhere), base) == ("archives with programs", Disposition.QUARANTINE)
    assert only(case(found()), base)[1] is Disposition.DELIVER


def test_a_rule_on_evidence_above_holds_for_those_whom_a_rule_below_lets_through() -> None:
    first, second, third = dedent(PARTNER).split("[[rule]]")[1:]
    head = dedent(PARTNER).split("[[rule]]")[0]
    base = rulebase("[[rule]]".join([head, second, first, third]))
    assert only(case(found()), base) == ("archives with programs", Disposition.QUARANTINE)


def test_without_a_word_the_shipped_profile_serves() -> None:
    assert rulebase("").default == Profile()


def test_a_profile_has_what_it_leaves_out_from_the_top() -> None:
    base = rulebase("""\
        [judgement]
        ambiguous = "discard"
        [judgement.incoming]
        malware = "hold"
        spam = "hold"
        [profile.p.judgement]
        suspicious = "hold"
        [profile.p.judgement.incoming]
        spam = "close"
        [[rule]]
        name = "r"
        profile = "p"
    """)
    (rule,) = base.rules
    assert rule.profile is not None
    assert (rule.profile.ambiguous, rule.profile.suspicious) == (Disposition.DISCARD, Disposition.HOLD)
    assert rule.profile.fail[Direction.INCOMING, Duty.MALWARE] is FailMode.HOLD
    assert rule.profile.fail[Direction.INCOMING, Duty.SPAM] is FailMode.CLOSE
    assert base.default.fail[Direction.INCOMING, Duty.SPAM] is FailMode.HOLD


def test_what_a_profile_inherits_is_told_of_once() -> None:
    text = '[judgement]\nsuspicious = "keep"\n[profile.p.judgement]\nambiguous = "keep"\n'
    values = 'write "deliver" or "hold" or "quarantine" or "reject" or "discard"'
    assert told(text) == [
        f'2: [judgement] suspicious: "keep" is not one of its values: {values}',
        f'4: [profile.p.judgement] ambiguous: "keep" is not one of its values: {values}',
    ]


WRONG = """\
        [[rule]]
        name = "mta"
        [[rule]]
        name = "a"
        profile = "nobody"
        [rule.when]
        direktion = "incoming"
        direction = "incomming"
        recipient = "group:board"
        source = "partner"
        virtual_system = "acme"
        size = "10 parrots"
        time = "mo-xx 08:00"
        "file.hash" = "abc"
        coverage = "complete"
        verdict = "benign"
        class = "hamm"
        body = 5
        country = "Germany"
        header."list id" = "x"
        authenticated = "yes"
        defect = "wrong"
        score = "high"
        [[rule]]
        name = "a"
        when = { verdict = "unknown", confidence = "high" }
        [[rule]]
        name = "b"
        when = { finding = "eicar" }
        except = ["eicar"]
        [[rule]]
        name = "c"
        when = { subject = "invoice" }
        except = ["office.macro"]
    """
TOLD = [
    '2: [[rule]] name: the name "mta" is that of a rule of Mailock: choose another',
    '5: [[rule]] profile: there is no profile "nobody": write [profile.nobody] with what it sets',
    "7: [rule.when] direktion: there is no such condition: did you mean direction?",
    '8: [rule.when] direction: "incomming" is not one of its values: did you mean "incoming"?',
    '9: [rule.when] recipient: there is no group "board": write [object.board] with its group',
    '10: [rule.when] source: there is no network "partner": write [object.partner] with its network',
    '11: [rule.when] virtual_system: there is no virtual system "acme": write [virtual_system.acme]',
    '12: [rule.when] size: "10 parrots" is not a size: write one such as "50MB", "20GB" or "64KiB"',
    ('13: [rule.when] time: "mo-xx 08:00" is no time: write one such as "mo-fr 08:00-18:00", "sa-su" or "22:00-06:00"'),
    '14: [rule.when] file.hash: "abc" is no SHA-256: write its 64 hexadecimal digits',
    (
        '15: [rule.when] coverage: "complete" would make mail pass better for being seen: write "incomplete", or a '
        "reason"
    ),
    '16: [rule.when] verdict: "benign" is what every message is at least: write "unknown", or leave it out',
    (
        '17: [rule.when] class: "hamm" is not one of its values: write "bulk" or "suspected_spam" or "spam" or '
        '"phishing"'
    ),
    '18: [rule.when] body: 5 is no text: write "…", or a list such as ["…", "…"]',
    '19: [rule.when] country: "Germany" is no country: write its two letters (ISO 3166-1), such as "DE"',
    '20: [rule.when.header] list id: that is no name of a header field: write one such as header.list-id = ["news"]',
    '21: [rule.when] authenticated: "yes" is not a switch: write true or false, without quotes',
    '22: [rule.when] defect: "wrong" is not one of its values: docs/rules.md lists them',
    '23: [rule.when] score: "high" is not a score: write a number without quotes',
    '25: [[rule]] name: the name "a" is taken: choose another',
    "26: [rule.when] confidence: belongs to what is suspicious or malicious: set verdict to one of these",
    (
        "30: [[rule]] except: has no effect where when asks for evidence, since such a rule only adds: ask for "
        "circumstances only"
    ),
    (
        "33: [rule.when] subject: rests on what anybody can write, and lets more through: add authenticated = "
        "true, or a source"
    ),
]


def test_all_mistakes_of_a_rule_come_together() -> None:
    assert told(WRONG) == TOLD


def test_what_deserves_a_look_is_told() -> None:
    assert told("""\
        [malicious_mail]
        action = "reject"
        [profile.p.malicious_mail]
        enabled = false
        [[rule]]
        name = "all of dest"
        when = { domain = "dest.test", direction = ["incoming", "internal"] }
        then = { disposition = "reject" }
        [[rule]]
        name = "bob"
        when = { recipient = "bob@dest.test", direction = "incoming", finding = "eicar" }
        then = { subject_prefix = "[X] " }
        [[rule]]
        name = "idle"
        when = { finding = "eicar" }
        [[rule]]
        name = "stop"
        when = { direction = "outgoing" }
    """) == [
        f"2: [malicious_mail] action: {REJECTS}",
        "4: [profile.p.malicious_mail] enabled: delivers malicious mail as it is: set true, or delete this line",
        f"8: [rule.then] disposition: {REJECTS}",
        "9: [[rule]]: is never asked, since rule all of dest takes all that it means: move it above that rule",
        "13: [[rule]]: does nothing: set then or profile",
        "16: [[rule]]: only keeps the rules below it from being asked: set then, profile or except",
    ]


def test_reject_is_right_where_a_client_waits_and_waiting_has_bounds() -> None:
    rejecting = '[malicious_mail]\naction = "reject"\n'
    assert told(rejecting) == [f"2: [malicious_mail] action: {REJECTS}"]
    assert told(rejecting + "[mta.in_session]\nincoming = true\n") == []
    for deadline in ("0s", "6m"):
        (mistake,) = told(f'[mta.in_session]\ndeadline = "{deadline}"\n')
        assert "[mta.in_session] deadline: is not what clients wait for" in mistake


@pytest.mark.parametrize(
    ("profile", "needs"),
    [
        ('suspicious = "deliver"', True),
        ('suspicious_from = "high"', True),
        ('incoming.malware = "open"', True),
        ('incoming.protected = "note"', True),
        ('suspicious = "discard"\nsuspicious_from = "low"\nambiguous = "reject"', False),
    ],
)
def test_only_a_rule_that_lets_more_through_has_to_know_whom_it_believes(profile: str, needs: bool) -> None:
    rule = '[[rule]]\nname = "r"\nwhen = { sender = "a@b.test" }\nprofile = "p"\n'
    said = told(f"[profile.p.judgement]\n{profile}\n{rule}")
    assert any("rests on what anybody can write" in line for line in said) is needs


@pytest.mark.parametrize("condition", sorted(ASKED))
def test_the_example_of_every_condition_is_read(condition: str) -> None:
    objects = '[object.board]\ngroup = ["bob@dest.test"]\n[virtual_system.branch]\ndomains = "branch.test"\n'
    rule = f'[[rule]]\nname = "r"\nthen = {{ disposition = "hold" }}\n[rule.when]\n{condition} = '
    said = told(f"{objects}{rule}{ASKED[condition].example}\n")
    assert said == []
    (compiled,) = rulebase(f"{objects}{rule}{ASKED[condition].example}\n").rules
    assert compiled.on_evidence is ASKED[condition].on_evidence
    assert len(compiled.when) == 1


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("mo-fr 08:00-18:00", [(0, 8, 0), (4, 17, 59)], [(0, 7, 59), (4, 18, 0), (5, 12, 0)]),
        ("sa-su", [(5, 0, 0), (6, 23, 59)], [(4, 23, 59), (0, 0, 0)]),
        ("22:00-06:00", [(6, 22, 0), (0, 0, 0), (0, 5, 59), (3, 23, 0)], [(0, 6, 0), (0, 21, 59)]),
        ("fr-mo 12:00-13:00", [(4, 12, 0), (6, 12, 30), (0, 12, 59)], [(1, 12, 0), (3, 12, 0)]),
        ("su 20:00-02:00", [(6, 20, 0), (0, 1, 59)], [(0, 2, 0), (6, 1, 0)]),
        ("we 00:00-24:00", [(2, 0, 0), (2, 23, 59)], [(1, 23, 59), (3, 0, 0)]),
    ],
)
def test_hours_of_the_week(text: str, inside: list[tuple[int, int, int]], outside: list[tuple[int, int, int]]) -> None:
    spans = Span.read(text).spans
    for moments, wanted in ((inside, True), (outside, False)):
        for day, hour, minute in moments:
            second = day * 86_400 + hour * 3600 + minute * 60
            assert any(start <= second < end for start, end in spans) is wanted, (day, hour, minute)


def test_time_is_the_gateways_own() -> None:
    base = rulebase('[[rule]]\nname = "r"\nwhen = { time = "sa 00:00-01:00" }\nthen = { disposition = "hold" }\n')
    # 2026-11-28 is a Saturday.
    saturday = datetime(2026, 11, 28, 0, 30, tzinfo=UTC).timestamp()
    assert only(case(found(), now=saturday), base)[1] is Disposition.HOLD
    assert only(replace(case(found(), now=saturday), offset=3600.0), base)[1] is Disposition.DELIVER
    assert only(replace(case(found(), now=saturday - 3600), offset=3600.0), base)[1] is Disposition.HOLD


def test_what_a_rule_orders_is_done() -> None:
    base = rulebase("""\
        [[rule]]
        name = "tag"
        then = { subject_prefix = "[EXT] ", header = "X-From-Outside", text = "From outside.", \
send_copy_to = ["a@b.test"], if_unfit = "hold" }
    """)
    (decision,) = decide(case(found()), base)
    assert [shown(edit) for edit in decision.edits] == [
        "set X-From-Outside",
        "prefix subject [EXT] ",
        "add text at the top",
    ]
    assert decision.copies_to == ("a@b.test",)


def test_pins_are_compiled_and_a_second_one_is_told() -> None:
    sha256 = ZIPPED.sha256[0]
    pin = f'[[pin]]\nsha256 = "{sha256.upper()}"\nverdict = "malicious"\nbecause = "incident"\nuntil = 2099-12-31\n'
    (made,) = rulebase(pin).lists.pins.values()
    assert (made.sha256, made.until) == (sha256, datetime(2100, 1, 1, tzinfo=UTC).timestamp())
    assert only(case(found()), rulebase(pin)) == ("malicious-mail", Disposition.QUARANTINE)
    assert told(pin + pin) == ["7: [[pin]] sha256: is pinned above already: remove one of the two"]


def test_malicious_mail_is_treated_as_its_section_says() -> None:
    bad = found(finding(Severity.MALICIOUS, kind="eicar"))
    for action, disposition in (("discard", Disposition.DISCARD), ("allow", Disposition.DELIVER)):
        base = rulebase(f'[malicious_mail]\naction = "{action}"\nsend_copy_to = ["soc@dest.test"]\n')
        (decision,) = decide(case(bad), base)
        assert (decision.disposition, decision.copies_to) == (disposition, ("soc@dest.test",))
    off = rulebase("[malicious_mail]\nenabled = false\n")
    (decision,) = decide(case(bad), off)
    assert (decision.disposition, decision.edits, decision.rule) == (Disposition.DELIVER, (), "malicious-mail")


def test_unknown_variables_are_told() -> None:
    assert told('[malicious_mail]\nlink_text = "$url$ was removed, it cost 5$"\n') == [
        "2: [malicious_mail] link_text: there is no variable $url$: docs/settings.md lists them"
    ]


def test_what_scanning_may_cost_is_read() -> None:
    scan = load(ROUTES + '[scan]\ntime = "10s"\nunpacked = "1MB"\npasswords = ["secret"]\n').settings.policy.scan
    assert (scan.time.seconds, scan.unpacked.bytes, scan.passwords) == (10.0, 1_000_000, ("secret",))


def test_a_word_that_is_too_long_is_refused_and_so_are_too_many() -> None:
    rule = '[[rule]]\nname = "r"\nthen = { disposition = "hold" }\nwhen = { body = '
    assert "a word has 1 to 200 characters" in told(f'{rule}"{"x" * 201}" }}\n')[0]
    many = ", ".join(f'"w{number}"' for number in range(501))
    assert any("rules ask for 501 words" in line for line in told(f"{rule}[{many}] }}\n"))

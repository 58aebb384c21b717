"""A draft on the mail of the log: what is asked of whom, and what is told."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from mailock.config.compile import compile_policy
from mailock.config.load import load
from mailock.config.looking import differences
from mailock.config.model import Policy
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.report import Why
from mailock.core.evidence.wording import Sought, Spotted, Wording
from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.events import Accepted, Decided, Judged, Scan
from mailock.core.lifecycle.record import Record
from mailock.core.mail.message import OwnMail
from mailock.core.mime.part import PartPath
from mailock.core.policy.copying import decided
from mailock.core.policy.decide import judge
from mailock.core.policy.remembered import Remembered, remember
from mailock.core.policy.rulebase import Rulebase
from mailock.core.policy.whatif import Answer
from mailock.operations.whatif import Answered, answer_json, summary, what_if
from tests.parts.evidence import case, examined, finding, found, looked, missed
from tests.parts.stories import NOON, message

ROUTES = '[[mta.forwarding]]\ndomain = "dest.test"\nnext_hop = "mail.test"\n'
ROUTES += '[[mta.forwarding]]\ndirection = "outgoing"\nnext_hop = "mx:"\n'
CASES: dict[bytes, Remembered] = {}


def policy(text: str = "") -> Policy:
    return load(ROUTES + text).settings.policy


def record(number: int, examination: Examination | None, *, own: str | None = None, revision: int = 3) -> Record:
    """A message that was judged by the shipped policy; None: it was not examined."""
    of = replace(message(number, to=("bob@dest.test",)), own=own)
    accepted = Accepted(message=of)
    scan: Scan | None = None
    decisions: tuple[Decided, ...] = ()
    if examination is not None:
        facts = case(examination, of=of)
        judgement = judge(facts, Rulebase())
        document = str(number).encode()
        CASES[document] = remember(facts, judgement)
        scan = Scan(confidence="high", mail_class="ham", score=0.0, document=document)
        decisions = decided(judgement.decisions)
    told = Judged(
        queue_id=of.queue_id, started=NOON, at=NOON, revision=revision, verdict="x", decisions=decisions, scan=scan
    )
    return fold([accepted, told])


def decode(document: bytes) -> Remembered:
    if document not in CASES:
        raise ValueError("damaged")
    return CASES[document]


def answers(
    records: Iterable[Record], draft: str, policy_of: Callable[[int], Policy | None] = lambda number: policy()
) -> list[Answered]:
    of = policy(draft)
    compiled = compile_policy(of, revision=0, hostname="mx.test")
    return list(what_if(records, of, compiled, policy_of=policy_of, decode=decode))


MACRO = found(finding())
STRICT = '[judgement]\nsuspicious = "discard"\n'


def test_each_message_that_was_judged_gets_an_answer() -> None:
    records = [record(1, MACRO), record(2, found()), record(3, None)]
    tested = answers(records, STRICT)
    assert [one.replayed.answer for one in tested] == [Answer.DIFFERS, Answer.SAME, Answer.NEEDS_SCAN]
    assert summary(tested) == {"same": 1, "differs": 1, "needs a scan that was not made": 1}
    (change,) = json.loads(json.dumps(answer_json(tested[0])))["changes"]
    assert change["recipient"] == "bob@dest.test"
    assert (change["before"]["disposition"], change["after"]["disposition"]) == ("quarantine", "discard")
    assert answer_json(tested[2])["missing"] == ["it was not examined"]


def test_mail_of_our_own_and_mail_that_was_not_judged_is_left_out() -> None:
    waiting = fold([Accepted(message=message())])
    assert answers([waiting, record(1, MACRO, own=OwnMail.DSN)], STRICT) == []


def test_a_revision_that_is_gone_and_a_document_that_is_damaged_are_no_guess() -> None:
    (gone,) = answers([record(1, MACRO)], STRICT, lambda number: None)
    assert gone.replayed.missing == ("revision 3, by which it was examined, cannot be read any more",)
    broken = record(2, MACRO)
    del CASES[b"2"]
    (damaged,) = answers([broken], STRICT)
    assert damaged.replayed.missing == ("what the log keeps of its examination cannot be read",)


def test_each_revision_is_read_once() -> None:
    read: list[int] = []

    def policy_of(number: int) -> Policy:
        read.append(number)
        return policy()

    answers([record(n, found(), revision=3 + n % 2) for n in range(6)], STRICT, policy_of)
    assert sorted(read) == [3, 4]


@pytest.mark.parametrize(
    ("draft", "gaps", "needs"),
    [
        ("", (), False),
        ('[anti_virus]\nclamav = "unix:/run/clamd.ctl"\n', (), True),
        ("[anti_virus]\nenabled = false\n", (), True),
        ("[scan]\nfiles = 20000\n", (), False),
        ("[scan]\nfiles = 20000\n", (Why.TOO_MANY,), True),
        ("[scan]\nfiles = 20\n", (), True),
        ('[scan]\npasswords = ["x"]\n', (), True),
        ('[judgement]\nambiguous = "hold"\n', (Why.ENCRYPTED,), False),
    ],
)
def test_a_draft_that_looks_otherwise_needs_a_scan(draft: str, gaps: tuple[Why, ...], needs: bool) -> None:
    assert bool(differences(policy(), policy(draft), frozenset(gaps))) is needs


def test_a_password_that_is_added_matters_to_what_was_closed_only() -> None:
    before, after = policy('[scan]\npasswords = ["a"]\n'), policy('[scan]\npasswords = ["a", "b"]\n')
    assert differences(before, after, frozenset()) == ()
    assert differences(before, after, frozenset({Why.ENCRYPTED})) == (
        "[scan] passwords is another than when it was examined",
    )


def test_a_gap_of_another_kind_is_treated_by_the_draft() -> None:
    down = examined(looked(), missed(Why.UNREACHABLE))
    (open_,) = answers([record(1, down)], '[judgement.incoming]\nmalware = "open"\n')
    assert open_.replayed.answer is Answer.DIFFERS


def test_a_draft_that_asks_for_words_that_nobody_looked_for_needs_a_scan() -> None:
    asks = '[[rule]]\nname = "r"\nwhen = { body = "lottery" }\nthen = { disposition = "quarantine" }\n'
    one = Sought("body", "lottery")
    unsought = record(1, examined(looked()))
    clean = record(2, replace(examined(looked()), wording=Wording(sought=frozenset({one}))))
    seen = Wording(sought=frozenset({one}), spotted=(Spotted(one, PartPath("1")),))
    spotted = record(3, replace(examined(looked()), wording=seen))
    first, second, third = (one.replayed for one in answers([unsought, clean, spotted], asks))
    assert first.missing == ('nobody looked for "lottery" in its text',)
    assert (second.answer, third.answer) == (Answer.SAME, Answer.DIFFERS)

"""Whatever spam filters answer, it is findings with sound weights and harmless sentences, or one reason why not."""

import json
import math
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.evidence.finding import Finding
from mailock.core.evidence.report import Unfinished
from mailock.core.mail.shown import cleaned
from mailock.engines.rspamd.answers import KINDS as RSPAMD
from mailock.engines.rspamd.answers import read_answer
from mailock.engines.spamassassin.replies import KINDS as SPAMASSASSIN
from mailock.engines.spamassassin.replies import Head, read_head, read_pong, read_report

scores = st.one_of(st.floats(), st.integers(), st.text(max_size=5))
symbols = st.dictionaries(
    st.text(max_size=80),
    st.fixed_dictionaries(
        {"score": scores},
        optional={"description": st.none() | st.text(max_size=300), "options": st.lists(st.text() | st.integers())},
    ),
    max_size=5,
)
answers = st.fixed_dictionaries(
    {"score": scores, "required_score": scores, "action": st.text(max_size=60)},
    optional={"is_skipped": st.booleans(), "symbols": symbols},
)
lines = st.one_of(
    st.text(max_size=40),
    st.from_regex(r" ?-?[0-9]{1,5}\.[0-9] [A-Z_0-9]{1,30}  [ -~]{0,40}", fullmatch=True),
    st.just(" ---- -------- ----"),
)


def sound(read: Callable[[], Sequence[Finding]], kinds: dict[str, str]) -> Sequence[Finding]:
    """What was read, checked; nothing where it was refused."""
    try:
        found = read()
    except Unfinished as unfinished:
        assert cleaned(unfinished.detail) == unfinished.detail
        return ()
    for one in found:
        assert one.kind in kinds
        assert cleaned(one.evidence) == one.evidence
        assert math.isfinite(one.weight)
    return found


@given(answers)
def test_answers_of_rspamd(answer: dict[str, object]) -> None:
    found = sound(lambda: read_answer(json.dumps(answer).encode(), 1.2), RSPAMD)
    if found:
        assert isinstance(answer["score"], int | float)
        assert math.isclose(sum(one.weight for one in found), answer["score"], abs_tol=0.01 * (len(found) + 1))


@given(st.binary(max_size=200))
def test_rubbish(octets: bytes) -> None:
    sound(lambda: read_answer(octets, 1.0), RSPAMD)
    sound(lambda: (read_head(octets), ())[1], SPAMASSASSIN)
    sound(lambda: (read_pong(octets), ())[1], SPAMASSASSIN)


@given(st.lists(lines, max_size=12), st.floats(-50, 50))
def test_reports_of_spamassassin(report: list[str], score: float) -> None:
    head = Head(version="1.1", length=0, score=score, threshold=5.0)
    found = sound(lambda: read_report(head, "\n".join(report).encode(), 1.0), SPAMASSASSIN)
    assert math.isclose(sum(one.weight for one in found), score, abs_tol=0.01 * len(found))

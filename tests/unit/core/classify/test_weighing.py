"""Findings that add up to the score, and say why."""

import pytest

from mailock.core.classify.learning import Learnt, Taught, teach
from mailock.core.classify.seen import Seen
from mailock.core.classify.weighing import KINDS, TOLD, is_bulk, weigh
from mailock.core.evidence.finding import Severity
from mailock.engines.spam.weighing import shipped
from tests.parts.reading import PLAIN, mail, model, read, seen

OFFER = read(mail("Buy replica watches NOW!!! http://198.51.100.7/rolex", subject="Rolex $99!!!"))


@pytest.mark.parametrize("message", [OFFER, read(PLAIN), read(b""), read(b"\x00\xff" * 100)])
def test_the_weights_add_up_to_the_score(message: Seen) -> None:
    learnt = Learnt()
    teach(learnt, shipped(), OFFER, Taught.HAM)
    for taught in (None, learnt):
        found = weigh(message, shipped(), taught)
        trust = 1.0 if taught is None else taught.trust
        logit = trust * shipped().logit(message) + (0.0 if taught is None else taught.logit(message))
        assert sum(one.weight for one in found.findings) == pytest.approx(found.score)
        assert found.score == pytest.approx(logit * shipped().slope + shipped().offset, abs=0.01)
        assert {one.kind for one in found.findings} <= KINDS.keys()
        assert all(one.severity is Severity.NOTE for one in found.findings)


def test_a_sentence_names_the_weightiest_traits_with_their_weights() -> None:
    traits = {"to_missing": 1.0, "thread": 1.0, "subject_missing": 1.0}
    found = weigh(seen({}, **traits), model(thread=-2.0, to_missing=0.5, subject_missing=0.1), None)
    (header,) = (one for one in found.findings if one.kind == "spam.header")
    assert header.weight == pytest.approx(-1.4)
    assert header.evidence == (
        "It goes on with a conversation that it names (-2.0), it names no recipient (+0.5), it has no subject (+0.1)."
    )
    assert TOLD > 3


def test_a_system_that_was_taught_something_says_so() -> None:
    learnt = Learnt()
    teach(learnt, shipped(), OFFER, Taught.HAM)
    (taught,) = (one for one in weigh(OFFER, shipped(), learnt).findings if one.kind == "spam.learnt")
    assert taught.weight < 0
    assert "0 unwanted and 1 wanted" in taught.evidence


def test_newsletters_and_lists_are_bulk_by_their_own_word_and_letters_are_not() -> None:
    newsletter = mail("News of the week", more="List-Unsubscribe: <https://news.example.com/u/1>\r\n")
    assert is_bulk(read(newsletter))
    assert is_bulk(read(mail("Hello", more="List-Id: <talk.example.com>\r\n")))
    assert not is_bulk(read(PLAIN))

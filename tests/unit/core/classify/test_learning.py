"""Teaching: what is taught counts, once, and can be taken back."""

import pytest

from mailock.core.classify.learning import TRUST, Came, Learnt, Taught, forget, teach
from mailock.core.classify.seen import Seen
from tests.parts.reading import PLAIN, mail, model, read

MODEL = model(thread=-2.0)
LETTER = read(PLAIN)
OFFER = read(mail("Buy our watches at http://watches.example.net/now", subject="Watches!"))


def state(learnt: Learnt) -> tuple[bytes, dict[str, float], float]:
    return learnt.places.tobytes(), dict(learnt.traits), learnt.base


def total(learnt: Learnt, seen: Seen) -> float:
    return learnt.trust * MODEL.logit(seen) + learnt.logit(seen)


def test_what_was_taught_moves_the_message_and_its_like() -> None:
    learnt = Learnt()
    before = learnt.logit(OFFER)
    assert teach(learnt, MODEL, OFFER, Taught.SPAM) is Came.LEARNT
    assert learnt.logit(OFFER) > before + 3
    like = read(mail("Buy our watches at http://watches.example.net/then", subject="Watches!!"))
    assert learnt.logit(like) > learnt.logit(LETTER)


def test_a_message_counts_once() -> None:
    learnt = Learnt()
    teach(learnt, MODEL, OFFER, Taught.SPAM)
    before = state(learnt)
    assert teach(learnt, MODEL, OFFER, Taught.SPAM) is Came.KNOWN
    assert state(learnt) == before
    assert (learnt.spam, learnt.ham) == (1, 0)


def test_a_message_that_is_taught_as_the_other_class_is_taken_back_first() -> None:
    turned, straight = Learnt(), Learnt()
    teach(turned, MODEL, OFFER, Taught.SPAM)
    assert teach(turned, MODEL, OFFER, Taught.HAM) is Came.TURNED
    teach(straight, MODEL, OFFER, Taught.HAM)
    assert (turned.spam, turned.ham) == (0, 1)
    assert total(turned, OFFER) == pytest.approx(total(straight, OFFER), abs=1e-3)


def test_what_is_forgotten_leaves_nothing() -> None:
    learnt = Learnt()
    teach(learnt, MODEL, LETTER, Taught.HAM)
    before = learnt.logit(LETTER), learnt.logit(OFFER)
    teach(learnt, MODEL, OFFER, Taught.SPAM)
    assert forget(learnt, OFFER) is Came.FORGOTTEN
    assert (learnt.logit(LETTER), learnt.logit(OFFER)) == pytest.approx(before, abs=1e-4)
    assert forget(learnt, OFFER) is Came.UNKNOWN
    assert (learnt.spam, learnt.ham) == (0, 1)


def test_the_shipped_model_is_trusted_whole_until_both_classes_were_taught() -> None:
    assert Learnt(spam=1000).trust == 1.0
    assert Learnt(spam=1000, ham=1000).trust == TRUST
    assert TRUST < Learnt(spam=20, ham=10).trust < 1.0

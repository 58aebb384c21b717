"""The file of the model, and the shipped one."""

import pytest

from mailock.core.classify.model import BadModel, read, write
from mailock.core.classify.traits import TRAITS
from mailock.engines.spam.weighing import FILE, shipped
from tests.parts.reading import model, seen


def test_a_model_is_read_as_it_was_written() -> None:
    told = model(thread=-2.0)
    told.places[7] = -3
    assert read(write(told)) == told
    assert told.logit(seen({"text": [7, 9, 11, 12]}, thread=1.0)) == pytest.approx(-1.0 - 2.0 - 0.03 / 2)


@pytest.mark.parametrize("cut", [0, 5, 20, 60, -1])
def test_half_a_model_is_none(cut: int) -> None:
    with pytest.raises(BadModel):
        read(write(model(thread=-2.0))[:cut])


def test_the_shipped_one_is_small_and_knows_every_trait() -> None:
    assert FILE.stat().st_size <= 8 << 20
    assert shipped().traits.keys() == TRAITS.keys()
    assert shipped().version

"""The shipped model is the one that its card tells of, and on the corpus it is no worse than the card's figures."""

import re
from pathlib import Path

import pytest
from bench.spam.corpus import data_folder, examples

from mailock.core.classify.weighing import weigh
from mailock.engines.spam.weighing import shipped

ROOT = Path(__file__).parents[3]
SUSPECTED = 5.0


def figure(row: str, card: str) -> float:
    """The first share that a row of the card gives, in percent."""
    found = re.search(rf"^\| {row} \|.*?([\d.]+) %", card, re.MULTILINE)
    assert found is not None, row
    return float(found.group(1))


@pytest.mark.accept
def test_the_card_of_the_shipped_model_holds() -> None:
    card = (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8")
    model = shipped()
    assert f"`{model.version}`" in card
    wanted: list[bool] = []
    unwanted: list[bool] = []
    for one in examples(data_folder()):
        score = sum(finding.weight for finding in weigh(one.seen, model, None).findings)
        (unwanted if one.spam else wanted).append(score >= SUSPECTED)
    assert f"| messages | {len(wanted) + len(unwanted)}, {len(unwanted)} of them spam |" in card
    # The card's figures are those of models that had not seen the message, so this one has to be as good or better.
    assert 100 * sum(wanted) / len(wanted) <= figure("all wanted", card) + 0.005
    assert 100 * sum(unwanted) / len(unwanted) >= min(figure("spam-1", card), figure("spam-2", card))

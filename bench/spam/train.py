"""`make model`: reads the corpus in the jail, cross-validates, trains on all of it, writes the model and its card.

The same data and the same libraries give the same model: nothing is drawn by lot, and folds follow the digests of the
messages, so that copies of one message are never on both sides.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from bench.spam.card import Measured, card
from bench.spam.corpus import data_folder, examples
from bench.spam.fit import NAMES, Table, Weights, fit, quantised, table_of

from mailock.core.classify import model as models
from mailock.core.classify.model import Model
from mailock.engines.spam.weighing import FILE

FOLDS = 10
NEWSLETTERS = "hard-ham-1"
FALSE = 0.001
"""The share of wanted mail that is to stand at 5 or above, in cross-validation."""
APART = 4.0
"""Log odds between the two thresholds, at least."""
CARD = Path(__file__).parents[2] / "docs" / "model-card.md"


def main() -> None:
    """Does all of it, and says what it is at."""
    found = examples(data_folder())
    table = table_of(found)
    print(f"{len(found)} messages, {int(table.spam.sum())} of them spam", flush=True)
    scores = cross_validated(table, np.array([example.seen.digest[0] % FOLDS for example in found]))
    weights = fit(table)
    model = calibrated(weights, scores, table.spam)
    FILE.write_bytes(models.write(model))
    sources = np.array([example.source for example in found])
    held = left_out(table, sources)
    senders = np.array([example.sender for example in found])
    strangers = by_sender(table, sources, senders, scores) * model.slope + model.offset
    measured = Measured(
        spam=table.spam,
        sources=sources,
        scores=scores * model.slope + model.offset,
        strangers=strangers,
        looked_at=np.array([looked_at(sender) for sender in senders]),
        held=held,
    )
    CARD.write_text(card(model, FILE.stat().st_size, measured), encoding="utf-8")
    print(f"{FILE}: {FILE.stat().st_size} octets, version {model.version}; {CARD}")


def cross_validated(table: Table, folds: Any) -> Any:
    """What each message weighs by a model that did not see it."""
    scores = np.zeros(len(table.spam))
    for fold in range(FOLDS):
        tested = folds == fold
        scores[tested] = fit(table.rows(~tested)).logits(table.rows(tested))
        print(f"fold {fold + 1} of {FOLDS}", flush=True)
    return scores


def by_sender(table: Table, sources: Any, senders: Any, scores: Any) -> Any:
    """The scores of cross-validation, with newsletters weighed by models that saw nothing of the same sender."""
    newsletters = sources == NEWSLETTERS
    folds = np.array([hashlib.sha256(sender.encode()).digest()[1] % FOLDS for sender in senders])
    scores = scores.copy()
    for fold in range(FOLDS):
        tested = newsletters & (folds == fold)
        if tested.any():
            scores[tested] = fit(table.rows(~tested)).logits(table.rows(tested))
            print(f"senders {fold + 1} of {FOLDS}", flush=True)
    return scores


def looked_at(sender: str) -> bool:
    """Whether newsletters of a sender were looked at while traits were made; those of the others never were."""
    return hashlib.sha256(sender.encode()).digest()[0] % 2 == 0


def left_out(table: Table, sources: Any) -> dict[str, tuple[Any, Any, Any]]:
    """Whole sources by models that saw none of them: source, what each weighs, and whether it is spam."""
    held: dict[str, tuple[Any, Any, Any]] = {}
    for name, tested in (
        ("trained on easy-ham-1 and spam-1 only", ~np.isin(sources, ("easy-ham-1", "spam-1"))),
        ("trained without hard-ham-1", sources == "hard-ham-1"),
        ("trained without what was written for it", np.char.startswith(sources.astype(str), "written")),
    ):
        if tested.any():
            held[name] = (sources[tested], fit(table.rows(~tested)).logits(table.rows(tested)), table.spam[tested])
            print(name, flush=True)
    return held


def calibrated(weights: Weights, scores: Any, spam: Any) -> Model:
    """The model, with 5 where cross-validation has one of a thousand wanted messages, and 10 beyond all of them."""
    wanted = np.sort(scores[spam == 0])[::-1]
    suspected = float(wanted[int(FALSE * len(wanted))])
    sure = max(float(wanted[0]), suspected + APART)
    places, quantum = quantised(weights.hashed)
    slope = 5.0 / (sure - suspected)
    traits = {name: round(float(weight), 4) for name, weight in zip(NAMES, weights.traits, strict=True)}
    unnamed = Model(
        version="",
        base=round(weights.base, 4),
        traits=traits,
        places=places,
        quantum=quantum,
        slope=round(slope, 6),
        offset=round(5.0 - slope * suspected, 6),
    )
    return replace(unnamed, version=hashlib.sha256(models.write(unnamed)).hexdigest()[:12])


if __name__ == "__main__":
    main()

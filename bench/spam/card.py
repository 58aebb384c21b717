"""The model's card: what it was made of, how it was measured, and what it is not for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from bench.spam.measures import Share, above, false_positives_at, missed_area, recall_at

from mailock.core.classify.model import Model

_HEAD = """# The card of the shipped model

This page is written by `make model`, with the model itself (`src/mailock/engines/spam/shipped.model`).

| | |
|---|---|
| version | `{version}` |
| size | {size} octets |
| kind | logistic regression over {traits} traits, and over words, letters and pairs of traits in 2^20 hashed places \
(docs/anti-spam.md) |
| trained on | SpamAssassin's public corpus (2002–05), and mail written for it (`bench/spam/texts`) |
| left out | fields that filters or the last hops added, dates, the reader's address, where it came through |
| made by | `make model`, in some four minutes on two cores; runs differ in the last places of the weights |

Intervals are those of 95 %: Wilson's for shares, DeLong's for 1−AUC.

"""
_TAIL = """

## What it is not for

The corpus is of 2002 to 2005 and mostly English. What the model knows of later years is in its traits, whose weights
start from what people know and are held to it where the corpus is no witness (`Trait.firm`), and in the mail that was
written for it. Mail in languages that neither has is weighed by its traits alone. It says what is unwanted, not what is
dangerous. What a virtual system teaches it (`mailock learn`) is kept apart, and never changes this file.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured; scores are on the administrator's scale, one a message."""

    spam: Any
    sources: Any
    scores: Any
    """Of cross-validation."""
    strangers: Any
    """The same, with newsletters weighed by models that saw none of their senders."""
    looked_at: Any
    """Whether newsletters of a message's sender were looked at while traits were made."""
    held: dict[str, tuple[Any, Any, Any]]
    """Of whole sources left out: source, log odds, and whether it is spam."""


def card(model: Model, size: int, measured: Measured) -> str:
    """The page."""
    head = _HEAD.format(version=model.version, size=size, traits=len(model.traits))
    spam, sources, scores = measured.spam, measured.sources, measured.scores
    folds = [*_folds(spam, scores), *_by_source(spam, sources, scores), *_by_sender(measured)]
    return head + "\n".join([*folds, *_held(model, measured.held)]) + _TAIL


def _by_sender(measured: Measured) -> Iterator[str]:
    """Newsletters of senders that the model does not know."""
    spam, strangers = measured.spam, measured.strangers
    newsletters = measured.sources == "hard-ham-1"
    yield "## Senders left out\n"
    yield (
        "Newsletters (hard-ham-1) weighed by models that saw others, but none of the same sender; all else as above.\n"
    )
    yield "| newsletters | at 5 or above | at 10 or above |\n|---|---|---|"
    groups = (
        ("of senders that were looked at while traits were made", newsletters & measured.looked_at),
        ("of senders that never were", newsletters & ~measured.looked_at),
        ("all", newsletters),
    )
    for name, here in groups:
        yield f"| {name} | {above(strangers[here], 5.0)} | {above(strangers[here], 10.0)} |"
    area, half = missed_area(spam, strangers)
    false = false_positives_at(spam, strangers, 0.97)
    yield f"\n1−AUC {area:.3f} % ± {half:.3f}; false positives at 97 % recall {false}."
    yield ""


def _folds(spam: Any, scores: Any) -> Iterator[str]:
    area, half = missed_area(spam, scores)
    yield "## Ten folds\n"
    yield (
        "Copies of a message are in one fold. The shares in `bench/spam/fit.py` were chosen by such folds of the same"
        " mail, so these\nfigures flatter a little.\n"
    )
    yield "| measure | figure |\n|---|---|"
    yield f"| messages | {len(spam)}, {int(spam.sum())} of them spam |"
    yield f"| 1−AUC | {area:.4f} % ± {half:.4f} |"
    yield f"| false positives at 97 % recall | {false_positives_at(spam, scores, 0.97)} |"
    yield f"| recall at 0.1 % false positives | {recall_at(spam, scores, 0.001)} |"
    yield ""


def _by_source(spam: Any, sources: Any, scores: Any) -> Iterator[str]:
    yield "By source, at the shipped thresholds:\n"
    yield "| source | what | at 5 or above | at 10 or above |\n|---|---|---|---|"
    for source in sorted(set(sources)):
        here = sources == source
        what = "spam" if spam[here].mean() > 0.5 else "wanted"
        yield f"| {source} | {what} | {above(scores[here], 5.0)} | {above(scores[here], 10.0)} |"
    wanted = scores[spam == 0]
    yield f"| all wanted | | {above(wanted, 5.0)} | {above(wanted, 10.0)} |"
    yield ""


def _held(model: Model, held: dict[str, tuple[Any, Any, Any]]) -> Iterator[str]:
    yield "## Whole sources left out\n"
    yield "| model | tested on | at 5 or above |\n|---|---|---|"
    for name, (sources, logits, _) in held.items():
        scores = logits * model.slope + model.offset
        for source in sorted(set(sources)):
            share: Share = above(scores[sources == source], 5.0)
            yield f"| {name} | {source} | {share} |"
    for name, (_, logits, spam) in held.items():
        if 0 < np.sum(spam) < len(spam):
            area, half = missed_area(spam, logits)
            yield f"\n{name[0].upper()}{name[1:]}: 1−AUC {area:.3f} % ± {half:.3f} on the rest."

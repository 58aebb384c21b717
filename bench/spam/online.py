"""`python -m bench.spam.online`: TREC's online protocol on the corpus, in the order in which its mail came.

The shipped model was trained on this corpus, so it would know the answers. In its place stands one that was trained on
nothing: the traits with the weights that people gave them, and no word. What `mailock bench spam INDEX` measures on
mail that nobody trained on is the shipped model's own figure.
"""

import re
from array import array
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from bench.spam.corpus import data_folder, examples, messages

from mailock.core.classify.hashing import PLACES
from mailock.core.classify.learning import Learnt, Taught, teach
from mailock.core.classify.model import Model
from mailock.core.classify.traits import TRAITS
from mailock.core.classify.weighing import weigh
from mailock.testing.bench.taught import Judged, figures

_CAME = re.compile(rb"(?ms)^Received:.*?;\s*([^\r\n]+)|\AFrom \S+\s+([^\r\n]+)")
_SHARE = 0.5
"""What counts of the weights that people gave: as much as that of the shipped model's opinion where much was taught."""
_NEVER = datetime.fromtimestamp(0, UTC)


def untrained() -> Model:
    """What is known before any mail was seen."""
    weights = {name: trait.prior * _SHARE for name, trait in TRAITS.items()}
    empty = array("b", bytes(PLACES))
    return Model(version="none", base=-1.5, traits=weights, places=empty, quantum=1.0, slope=1.0, offset=0.0)


def came(octets: bytes) -> datetime:
    """When a message came, by the last server that had it."""
    for found in _CAME.findall(octets[:4000]):
        for told in found:
            try:
                date = parsedate_to_datetime(told.decode("ascii", "replace"))
            except ValueError:
                continue
            return date if date.tzinfo else date.replace(tzinfo=UTC)
    return _NEVER


def main(folder: Path) -> None:
    """Prints the figures."""
    order = {(source, name): came(octets) for source, name, _, octets in messages(folder)}
    found = [one for one in examples(folder) if not one.source.startswith("written")]
    found.sort(key=lambda one: order[one.source, one.name])
    model, learnt, judged = untrained(), Learnt(), []
    for one in found:
        score = weigh(one.seen, model, learnt if learnt.steps else None).score
        teach(learnt, model, one.seen, Taught.SPAM if one.spam else Taught.HAM)
        judged.append(Judged(one.name, one.spam, score, 0.0))
    told = figures(judged)
    print(f"{told.messages} messages, (1-ROCA)% {told.missed_area:.4f}, ", end="")
    print(f"unwanted missed at 0.1 % wanted {told.spam_missed_at_one_in_a_thousand:.2f} %")


if __name__ == "__main__":
    main(data_folder())

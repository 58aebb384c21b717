"""From examples to weights: maximum a posteriori logistic regression in two stages, by L-BFGS.

First the traits, each with a normal prior around what is known of it (`core.classify.traits`), narrow where the corpus
is no witness. Then the hashed features, among them every two traits together, with a share of what the traits say as an
offset: they learn what the traits leave open.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bench.spam.corpus import Example
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from mailock.core.classify.hashing import PLACES
from mailock.core.classify.model import SHIPPED
from mailock.core.classify.traits import TRAITS

NAMES = tuple(TRAITS)
PRIOR = np.array([TRAITS[name].prior for name in NAMES])
FIRM = np.array([TRAITS[name].firm for name in NAMES])
LOOSE, NARROW = 1.0, 30.0
"""One over the variance of the priors."""
TRAITS_SHARE = 0.4
"""What counts of the weight of a trait alone; beside the others it is weighed again, and by the words it comes with."""
HASHED = 0.003
"""One over the variance of the weights of hashed features."""
STANDS_FOR = {"written-ham": 3.0, "written-spam": 3.0, "hard-ham-1": 4.0}
"""How many messages one of a source stands for: newsletters and later kinds are rare in the corpus alone."""
ROUNDS = 40
LARGEST = 127


@dataclass(frozen=True, slots=True)
class Table:
    """Examples as matrices: one row a message."""

    traits: Any
    hashed: Any
    spam: Any
    """1.0 or 0.0."""
    counts: Any
    """How many messages each stands for."""

    def rows(self, chosen: Any) -> "Table":
        """Some of them."""
        return Table(self.traits[chosen], self.hashed[chosen], self.spam[chosen], self.counts[chosen])


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt, in log odds."""

    base: float
    traits: Any
    hashed: Any

    def logits(self, table: Table) -> Any:
        """What the messages of a table weigh."""
        return self.base + table.traits @ self.traits + table.hashed @ self.hashed


def table_of(examples: Sequence[Example]) -> Table:
    """The matrices. Each family has length 1 in each message, as `core.classify.model.spread` has it."""
    numbers = {name: number for number, name in enumerate(NAMES)}
    starts, places, amounts = [0], array("I"), array("f")
    rows, columns, values = [], [], []
    for row, example in enumerate(examples):
        for name, amount in example.seen.traits.items():
            rows.append(row)
            columns.append(numbers[name])
            values.append(amount)
        for found in (*(example.seen.features[family] for family in SHIPPED), example.seen.together):
            places.extend(found)
            amounts.extend([len(found) ** -0.5] * len(found) if found else [])
        starts.append(len(places))
    indices = np.frombuffer(places, dtype=np.uint32).astype(np.int32)
    hashed = csr_matrix((np.frombuffer(amounts, dtype=np.float32), indices, starts), shape=(len(examples), PLACES))
    traits = csr_matrix((values, (rows, columns)), shape=(len(examples), len(NAMES)))
    spam = np.array([float(example.spam) for example in examples])
    counts = np.array([STANDS_FOR.get(example.source, 1.0) for example in examples])
    return Table(traits, hashed, spam, counts)


def fit(table: Table) -> Weights:
    """The weights."""
    narrow = np.where(FIRM, NARROW, LOOSE)
    nothing = np.zeros(len(table.spam))
    traits, base = _regression(table.traits, table, nothing, narrow, PRIOR)
    told = (table.traits @ traits + base) * TRAITS_SHARE
    # What one or two messages alone have says nothing of others.
    shared = np.flatnonzero(np.bincount(table.hashed.indices, minlength=PLACES) > 2)
    learnt, more = _regression(table.hashed[:, shared], table, told, HASHED, np.zeros(len(shared)))
    hashed = np.zeros(PLACES)
    hashed[shared] = learnt
    return Weights(base=base * TRAITS_SHARE + more, traits=traits * TRAITS_SHARE, hashed=hashed)


def _regression(matrix: Any, table: Table, offset: Any, narrow: Any, prior: Any) -> tuple[Any, float]:
    """Weights and base with the least loss: logistic, and the distance from the prior."""
    matrix = matrix.astype(np.float64)
    columns = matrix.T.tocsr()
    sign, counts = 2 * table.spam - 1, table.counts
    size = len(prior)

    def loss(point: Any) -> tuple[float, Any]:
        weights, base = point[:size], point[size]
        stands = sign * (matrix @ weights + base + offset)
        away = weights - prior
        slope = -sign * counts / (1 + np.exp(np.clip(stands, -500, 500)))
        gradient = np.append(columns @ slope + narrow * away, slope.sum())
        return (counts * np.logaddexp(0, -stands)).sum() + 0.5 * (narrow * away * away).sum(), gradient

    start = np.append(prior, 0.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS, "maxcor": 10}).x
    return found[:size], float(found[size])


def quantised(hashed: Any) -> tuple["array[int]", float]:
    """Weights as octets, and what one of them is worth. The few largest are cut."""
    there = np.abs(hashed[hashed != 0])
    quantum = float(np.percentile(there, 99.99)) / LARGEST if len(there) else 1.0
    octets = np.clip(np.round(hashed / quantum), -LARGEST, LARGEST).astype(np.int8)
    return array("b", octets.tobytes()), quantum

"""What a classifier is worth on examples it never saw, with intervals of 95 %."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from scipy.stats import rankdata

Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """Some out of many, with Wilson's interval (Wilson 1927)."""

    some: int
    many: int

    @property
    def interval(self) -> tuple[float, float]:
        """From and to."""
        if not self.many:
            return 0.0, 1.0
        share, weight = self.some / self.many, Z95**2 / self.many
        middle = share + weight / 2
        width = Z95 * sqrt(share * (1 - share) / self.many + weight / self.many / 4)
        return max(0.0, (middle - width) / (1 + weight)), min(1.0, (middle + width) / (1 + weight))

    def __str__(self) -> str:
        """In per cent."""
        low, high = self.interval
        share = self.some / max(1, self.many)
        return f"{100 * share:.2f} % ({100 * low:.2f}–{100 * high:.2f}; {self.some} of {self.many})"


def missed_area(spam: Any, scores: Any) -> tuple[float, float]:
    """1−AUC in per cent, and half of its interval (DeLong, DeLong and Clarke-Pearson, 1988)."""
    is_spam = spam == 1
    many_spam, many_ham = int(is_spam.sum()), int((~is_spam).sum())
    ranks = rankdata(scores)
    above = (ranks[is_spam] - rankdata(scores[is_spam])) / many_ham
    below = 1 - (ranks[~is_spam] - rankdata(scores[~is_spam])) / many_spam
    variance = np.var(above, ddof=1) / many_spam + np.var(below, ddof=1) / many_ham
    return 100 * (1 - float(above.mean())), 100 * Z95 * sqrt(float(variance))


def false_positives_at(spam: Any, scores: Any, recall: float) -> Share:
    """Wanted mail at the threshold at which so much spam is met."""
    met = np.sort(scores[spam == 1])[int((1 - recall) * (spam == 1).sum())]
    return Share(int((scores[spam == 0] >= met).sum()), int((spam == 0).sum()))


def recall_at(spam: Any, scores: Any, false: float) -> Share:
    """Spam that is met above the threshold at which no more than this share of wanted mail is."""
    wanted = np.sort(scores[spam == 0])[::-1]
    threshold = wanted[min(int(false * len(wanted)), len(wanted) - 1)]
    return Share(int((scores[spam == 1] > threshold).sum()), int((spam == 1).sum()))


def above(scores: Any, threshold: float) -> Share:
    """How many stand at a threshold or above."""
    return Share(int((scores >= threshold).sum()), len(scores))

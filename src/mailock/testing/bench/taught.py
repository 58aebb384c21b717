"""The online protocol of TREC's spam track (Cormack and Lynam, 2005): mail in the order in which it came, each message
weighed by what was learnt so far, and then taught as what it is.

The index has a line a message, `spam PATH` or `ham PATH`, relative to the index's folder. Bodies are read in the jail.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mailock.config.node import Node
from mailock.core.classify.learning import Learnt, Taught, teach
from mailock.core.classify.weighing import weigh
from mailock.core.evidence.report import Unfinished
from mailock.engines.spam.weighing import shipped
from mailock.processes.means import means_of
from mailock.processes.offline import as_sent
from mailock.processes.reading import read_octets, reading_jail

SUSPECTED: Final = 5.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One message, and what it weighed before it was taught."""

    path: str
    spam: bool
    score: float
    seconds: float
    """Of weighing and teaching, outside of the jail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the run came to. Shares are per cent."""

    messages: int
    spam: int
    missed_area: float
    """1−AUC, which the track calls (1−ROCA)%."""
    ham_flagged: float
    """Wanted mail at the threshold of suspected spam or above."""
    spam_missed: float
    """Unwanted mail below it."""
    spam_missed_at_one_in_a_thousand: float
    """Unwanted mail below the threshold above which stands a thousandth of the wanted mail."""
    milliseconds: float
    """Of weighing and teaching one message, outside of the jail."""


def entries(index: Path) -> Iterator[tuple[bool, Path]]:
    """What an index names. Raises ValueError with file and line, and OSError."""
    for number, line in enumerate(index.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split(maxsplit=1)
        if not words:
            continue
        if len(words) != 2 or words[0].lower() not in ("spam", "ham"):
            raise ValueError(f'{index}:{number}: write "spam PATH" or "ham PATH"')
        yield words[0].lower() == "spam", index.parent / words[1]


async def run(index: Path, *, learning: bool) -> AsyncIterator[Judged]:
    """Weighs and, where it is to learn, teaches one message after the other. What cannot be read is passed over."""
    learnt, model = Learnt(), shipped()
    async with reading_jail(means_of(Node())) as jail:
        for spam, path in entries(index):
            try:
                seen = await read_octets(jail, as_sent(await asyncio.to_thread(path.read_bytes)))
            except Unfinished:
                continue
            began = time.process_time()
            score = weigh(seen, model, learnt if learnt.steps else None).score
            if learning:
                teach(learnt, model, seen, Taught.SPAM if spam else Taught.HAM)
            yield Judged(str(path), spam, score, time.process_time() - began)


def figures(judged: Sequence[Judged]) -> Figures:
    """The figures. Raises ValueError where there is no message of one class."""
    unwanted = sorted(one.score for one in judged if one.spam)
    wanted = sorted(one.score for one in judged if not one.spam)
    if not unwanted or not wanted:
        raise ValueError("the index has messages of one class only: name spam and ham")
    strict = wanted[len(wanted) - 1 - len(wanted) // 1000]
    return Figures(
        messages=len(judged),
        spam=len(unwanted),
        missed_area=100 * _wrong_pairs(unwanted, wanted) / (len(unwanted) * len(wanted)),
        ham_flagged=100 * sum(score >= SUSPECTED for score in wanted) / len(wanted),
        spam_missed=100 * sum(score < SUSPECTED for score in unwanted) / len(unwanted),
        spam_missed_at_one_in_a_thousand=100 * sum(score <= strict for score in unwanted) / len(unwanted),
        milliseconds=1000 * sum(one.seconds for one in judged) / len(judged),
    )


def _wrong_pairs(unwanted: Sequence[float], wanted: Sequence[float]) -> float:
    """Pairs of an unwanted and a wanted message that stand the wrong way round; both sorted. Equals count half."""
    wrong, below, upto = 0.0, 0, 0
    for score in unwanted:
        while below < len(wanted) and wanted[below] < score:
            below += 1
        upto = max(upto, below)
        while upto < len(wanted) and wanted[upto] <= score:
            upto += 1
        wrong += len(wanted) - upto + (upto - below) / 2
    return wrong

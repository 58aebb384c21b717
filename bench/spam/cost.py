"""`python -m bench.spam.cost`: processor time of reading and weighing a message for anti-spam, engines alone.

It runs the jailed engines in this process, so it opens none of the corpus' attachments: both read text and markup only.
"""

import random
import statistics
import time
from collections.abc import Iterator

from bench.spam.corpus import data_folder, messages

from mailock.config.engines import EngineSettings
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.specimen import Purse, Specimen, Whole
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.engines.catalogue import IMPERSONATION, JAILED
from mailock.ports.engine import Jailed
from mailock.processes.offline import as_sent

_SEED, _MESSAGES, _ROUNDS = 7, 300, 3


def specimens() -> Iterator[Specimen]:
    """Messages of the corpus, drawn with a seed."""
    every = [octets for source, _, _, octets in messages(data_folder()) if source != "written"]
    for octets in random.Random(_SEED).sample(every, _MESSAGES):
        sent = as_sent(octets)
        yield Specimen(
            part=PartPath("1"),
            content=sent,
            type=FileType(family=Family.MESSAGE, name="eml", media="message/rfc822"),
            untrusted_names=(),
            declared=("message/rfc822",),
            charsets=(),
            provenance="message",
            whole=Whole(anatomy=parse(sent), subject=""),
            purse=Purse(octets=1 << 20, files=100, depth=4),
        )


def main() -> None:
    """Prints mean and median, in milliseconds of processor time, the least of three rounds for each message."""
    drawn = list(specimens())
    for name in ("reading", IMPERSONATION):
        engine = JAILED[name](EngineSettings())
        costs = [min(_cost(engine, one) for _ in range(_ROUNDS)) for one in drawn]
        print(f"{name}: mean {statistics.mean(costs):.2f} ms, median {statistics.median(costs):.2f} ms")


def _cost(engine: Jailed, specimen: Specimen) -> float:
    began = time.process_time()
    for _ in engine.look(specimen):
        pass
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()

"""The shipped model against what the jail says of real mail. It was trained on this corpus, so this is no measure of
how good it is (docs/model-card.md is): it fails where features changed and the model did not.
"""

import random
from pathlib import Path

from mailock.config.node import Node
from mailock.core.classify.weighing import weigh
from mailock.engines.spam.weighing import shipped
from mailock.processes.means import means_of
from mailock.processes.offline import as_sent
from mailock.processes.reading import read_octets, reading_jail
from tests.parts.data import unpack

EACH = 120
"""Messages of each class; all of it is `make model`."""


async def scores(files: list[Path]) -> list[float]:
    """What messages weigh by the shipped model alone."""
    async with reading_jail(means_of(Node())) as jail:
        read = [await read_octets(jail, as_sent(file.read_bytes())) for file in files]
    return [weigh(seen, shipped(), None).score for seen in read]


async def test_wanted_mail_is_delivered_and_most_unwanted_mail_is_not(tmp_path: Path) -> None:
    data = unpack("spamassassin-npm", tmp_path) / "data"
    chosen = random.Random(4)
    wanted = chosen.sample(sorted(data.glob("*-ham-*/*.txt")), EACH)
    unwanted = chosen.sample(sorted(data.glob("spam-*/*.txt")), EACH)
    found = await scores([*wanted, *unwanted])
    assert max(found[:EACH]) < 5.0
    assert sum(score >= 5.0 for score in found[EACH:]) > 0.85 * EACH

"""Mutated documents of how a message reads, as a jail that was taken over may write them: what is read is within every
bound and comes back as it was written, all else is BadDocument, and weighing what was read raises nothing.

    python tests/fuzz/fuzz_reading.py --bytes 10_000_000 --seed 1
    python tests/fuzz/fuzz_reading.py --seconds 3600 --seed 2

A failure prints what reproduces it.
"""

import argparse
import math
import random
import sys
import time
from array import array
from base64 import b64encode
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mailock.core.classify.hashing import PLACES
from mailock.core.classify.seen import FAMILIES, LARGEST, MOST, BadDocument, Seen, read, write
from mailock.core.classify.traits import TRAITS

NAMES: Final = sorted(TRAITS)
PIECES: Final = (
    *";,=.-+_ \t\r\n\0",
    "nan",
    "inf",
    "-0",
    "1e999",
    "8.0000001",
    "\N{ARABIC-INDIC DIGIT ONE}",
    "1_0",
    b64encode(array("I", [PLACES - 1]).tobytes()).decode(),
    b64encode(array("I", [PLACES]).tobytes()).decode(),
    b64encode(b"\xff\xff\xff\xff").decode(),
    "AA==" * 4,
    "\udcff",
    *NAMES[:8],
)


def honest(chance: random.Random) -> str:
    """What the jail writes."""
    traits = {name: chance.uniform(0, LARGEST) for name in chance.sample(NAMES, chance.randint(0, 5))}
    features = {name: array("I", [chance.randrange(PLACES) for _ in range(chance.randint(0, 30))]) for name in FAMILIES}
    return write(Seen(traits=traits, features=features))


def mutate(chance: random.Random, text: str) -> str:
    """A document with pieces dropped, doubled or put in."""
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(len(text) + 1)
        to = at + chance.choice((1, 4, 20))
        match chance.randrange(4):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:at] + text[at:to] * chance.choice((2, 3000)) + text[to:]
            case _:
                text = text[:at] + chance.choice(PIECES) + text[to if chance.random() < 0.5 else at :]
    return text


def examine(text: str) -> bool:
    """Holds every law on one document. Whether it could be read."""
    try:
        seen = read(text)
    except BadDocument:
        return False
    assert set(seen.features) == set(FAMILIES)
    for places in seen.features.values():
        assert len(places) <= MOST + 1, f"{len(places)} features"
        assert all(0 <= place < PLACES for place in places)
    for name, amount in seen.traits.items():
        assert name in TRAITS
        assert math.isfinite(amount), f"{name}={amount}"
        assert 0.0 <= amount <= LARGEST, f"{name}={amount}"
    assert len(seen.digest) == 16
    again = read(write(seen))
    assert again.features == seen.features
    assert again.traits.keys() == seen.traits.keys()
    return True


def fuzz(total: int, seed: int, *, seconds: float = float("inf")) -> tuple[int, int]:
    """Reads until so many characters, or seconds, are spent. How many documents it were, and how many could be read."""
    fed = count = read_ones = 0
    end = time.monotonic() + seconds
    while fed < total and time.monotonic() < end:
        number = f"{seed}:{count}"
        chance = random.Random(number)
        text = mutate(chance, honest(chance))
        try:
            read_ones += examine(text)
        except Exception as error:
            error.add_note(f"document {number}: {text[:3000]!r}")
            raise
        fed += len(text) + 1
        count += 1
    return count, read_ones


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=lambda text: int(text.replace("_", "")), default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    timed = options.seconds < float("inf")
    start = time.monotonic()
    count, read_ones = fuzz(
        options.bytes or (sys.maxsize if timed else 10_000_000), options.seed, seconds=options.seconds
    )
    print(f"{count:,} documents, {read_ones:,} of them read, {time.monotonic() - start:.0f} s: every law held")


if __name__ == "__main__":
    main()

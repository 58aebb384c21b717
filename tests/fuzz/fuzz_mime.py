"""Mutated messages, octets without end: no exception may escape, every law of an anatomy holds, and time stays bounded.

    python tests/fuzz/fuzz_mime.py --bytes 10_000_000 --seed 1
    python tests/fuzz/fuzz_mime.py --seconds 3600 --seed 2 --corpus FOLDER

The seeds are the ways to hide an attachment (tests/parts/hiding), and the files of `--corpus` where it is given: no
mail of anybody's is kept here. A failure prints what reproduces it. `--keep FOLDER` writes the seeds as files.
"""

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mailock.core.mime.budget import USUAL, Budget
from mailock.core.mime.parse import parse
from tests.parts.hiding import messages
from tests.properties import mime_laws
from tests.properties.mime_pieces import PIECES

SLOW: Final = 5.0
"""Seconds that a message of at most LONGEST octets may take, on a machine that does other things too."""
LONGEST: Final = 100_000
TIGHT: Final = Budget(depth=4, parts=20, octets=5_000, readings=3, alternatives=10, header=500, names=3)


class Failure(AssertionError):
    """A message that took too long."""


def seeds(corpus: Path | None) -> list[bytes]:
    """What is mutated."""
    found = [hidden.octets for hidden in messages() if len(hidden.octets) < LONGEST]
    if corpus is not None:
        found += [file.read_bytes()[:LONGEST] for file in sorted(corpus.rglob("*")) if file.is_file()]
    return found


def mutate(chance: random.Random, message: bytes, others: list[bytes]) -> bytes:
    """A message with octets flipped, dropped, doubled, put in, or spliced with another."""
    octets = bytearray(message)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(octets) + 1)
        to = min(len(octets), at + chance.choice((1, 2, 8, 60)))
        match chance.randrange(6):
            case 0:
                octets[at:to] = bytes(chance.randrange(256) for _ in range(to - at))
            case 1:
                del octets[at:to]
            case 2:
                octets[at:at] = octets[at:to] * chance.randint(1, 5)
            case 3 | 4:
                octets[at:at] = chance.choice(PIECES)
            case _:
                other = chance.choice(others)
                cut = chance.randrange(len(other) + 1)
                octets[at:] = other[cut:]
    return bytes(octets[:LONGEST])


def examine(octets: bytes) -> None:
    """Take one message apart, under a wide and a tight budget."""
    for budget in (USUAL, TIGHT):
        start = time.monotonic()
        anatomy = parse(octets, budget)
        if time.monotonic() - start > SLOW:
            raise Failure(f"{len(octets)} octets took more than {SLOW} s")
        mime_laws.check(octets, anatomy)


def fuzz(total: int, seed: int, *, seconds: float = float("inf"), corpus: Path | None = None) -> int:
    """Examines until so many octets, or seconds, are spent. How many messages it were."""
    known = seeds(corpus)
    fed = count = 0
    end = time.monotonic() + seconds
    while fed < total and time.monotonic() < end:
        number = f"{seed}:{count}"
        chance = random.Random(number)
        octets = mutate(chance, chance.choice(known), known)
        try:
            examine(octets)
        except Exception as error:
            error.add_note(f"message {number}: {octets[:3000]!r}")
            raise
        fed += len(octets)
        count += 1
    return count


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=lambda text: int(text.replace("_", "")), default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        for number, octets in enumerate(seeds(options.corpus)):
            (options.keep / f"{number:05}.eml").write_bytes(octets)
        return
    unbounded = options.seconds < float("inf")
    total = options.bytes or (sys.maxsize if unbounded else 10_000_000)
    start = time.monotonic()
    count = fuzz(total, options.seed, seconds=options.seconds, corpus=options.corpus)
    print(f"{count:,} messages, {time.monotonic() - start:.0f} s: no exception escaped, every law held")


if __name__ == "__main__":
    main()

"""Mutated containers: nothing but Unfinished may escape an engine, the purse is kept, and time and memory are bounded.

    python tests/fuzz/fuzz_archives.py --count 5000 --seed 1
    python tests/fuzz/fuzz_archives.py --seconds 3600 --seed 2 --corpus FOLDER

The seeds are containers of every kind that the tests build, and the files of `--corpus` where it is given. Both engines
see each mutated content: `filetype`, which also has to say what it is, and `archives`. A failure prints what reproduces
it.
"""

import argparse
import random
import resource
import sys
import time
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.parts import containers
from tests.parts.looking import archives, filetype, looked, purse, specimen
from tests.parts.zipcraft import File, zipped

SLOW: Final = 10.0
"""Seconds that a content of at most LONGEST octets may take, on a machine that does other things too."""
LONGEST: Final = 60_000
GROWTH: Final = 700 << 20
"""Octets by which the process may grow; decoders take windows of up to 256 MiB."""
NAMES: Final = ("", "a.zip", "a.exe", "a.pdf.js", "b\u202egpj.exe", "a.doc", "x" * 3000, "\ud800", "../..", "a.one")
PIECES: Final = (
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08", b"Rar!\x1a\x07\x01\0",
    b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"CD001", b"ustar",
    b"070701", b"MSCF\0\0\0\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7", b"<script>",
    b"MZ", b"\xff" * 4, b"\0" * 4,
    b"\xff" * 8, b"\0" * 512, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\x01", b"\xfe", b"[Content_Types].xml", b"conectix",
    b"\x60\xea", b"MSWIM\0\0\0", b"**ACE**", b"EXFAT   ", b"NTFS    ", b"hsqs",
)  # fmt: skip  # a piece a line says no more


class Failure(AssertionError):
    """A content that took too much."""


def seeds(corpus: Path | None = None) -> list[bytes]:
    """What is mutated."""
    from tests.unit.engines.archives.test_kinds import CONTAINERS, ONE, STREAMS
    from tests.unit.engines.archives.test_locks import LOCKED
    from tests.unit.engines.archives.test_rarer import KEPT

    found = [build() for _, build in CONTAINERS.values()]
    found += [pack(ONE) for _, pack in STREAMS.values()]
    found += [LOCKED[kind]() for kind in ("zip", "zip-aes-256", "rar-5")]
    found += [containers.lha("a.txt", ONE), containers.deb({"data.tar": ONE}), containers.cms(ONE, pieces=3)]
    found.append(zipped([File(b"inner.zip", zipped([File(b"a.txt", ONE)])), File(b"b", ONE, listed=False)]))
    attachment = "__attach_version1.0_#00000000/__substg1.0_37010102"
    found.append(containers.compound({"__properties_version1.0": b"x" * 32, attachment: ONE}))
    found.append(containers.compound({"WordDocument": ONE * 5, "A/\x01Ole10Native": containers.packager("a", ONE)}))
    found += [containers.kept(name) for name in KEPT] + [containers.kept("exfat.img"), containers.ace(b"a.txt", ONE)]
    if corpus is not None:
        found += [file.read_bytes() for file in sorted(corpus.rglob("*")) if file.is_file()]
    return [octets for octets in found if len(octets) <= 200_000]


def mutate(chance: random.Random, content: bytes, others: list[bytes]) -> bytes:
    """A container with octets changed, dropped, doubled, put in, or spliced with another."""
    octets = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        # Structure stands at both ends.
        near = chance.choice((64, 600, len(octets)))
        at = chance.randrange(min(near, len(octets)) + 1)
        at = at if chance.random() < 0.5 else len(octets) - at
        to = min(len(octets), at + chance.choice((1, 1, 2, 4, 16, 200)))
        match chance.randrange(7):
            case 0:
                octets[at:to] = chance.randbytes(to - at)
            case 1:
                del octets[at:to]
            case 2:
                octets[at:at] = octets[at:to] * chance.randint(1, 5)
            case 3:
                octets[at:at] = chance.choice(PIECES)
            case 4 | 5:
                piece = chance.choice(PIECES)
                octets[at : at + len(piece)] = piece
            case _:
                other = chance.choice(others)
                octets[at:] = other[chance.randrange(len(other) + 1) :]
    return bytes(octets[: max(LONGEST, len(content))])


def examine(chance: random.Random, content: bytes) -> None:
    """Has both engines look at one content."""
    names = [name for name in (chance.choice(NAMES),) if name]
    octets, files = chance.choice((0, 5_000, 20 << 20)), chance.choice((0, 3, 500))
    money = purse(octets=octets, files=files, depth=chance.choice((1, 9)))
    began = time.monotonic()
    for engine in (filetype(), archives()):
        shown = specimen(content, *names, words=("a", "Xk92!qq"), money=money)
        looked(engine, shown)
    if time.monotonic() - began > SLOW:
        raise Failure(f"{len(content)} octets took more than {SLOW} s")
    if not 0 <= money.octets <= octets or money.files < 0:
        raise Failure(f"the purse came out with {money.octets} octets and {money.files} files")


def fuzz(count: int, seed: int, *, seconds: float = float("inf"), corpus: Path | None = None) -> tuple[int, int]:
    """Examines so many contents, or until the seconds are over. How many, and by how many octets memory grew."""
    known = seeds(corpus)
    for content in known:
        examine(random.Random(seed), content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    end = time.monotonic() + seconds
    done = 0
    while done < count and time.monotonic() < end:
        number = f"{seed}:{done}"
        chance = random.Random(number)
        content = mutate(chance, chance.choice(known), known)
        try:
            examine(chance, content)
        except BaseException as error:
            error.add_note(f"content {number}: {content[:2000]!r}")
            raise
        done += 1
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    if growth > GROWTH:
        raise Failure(f"memory grew by {growth >> 20} MiB")
    return done, growth


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    count = options.count or (sys.maxsize if options.seconds < float("inf") else 5_000)
    began = time.monotonic()
    done, growth = fuzz(count, options.seed, seconds=options.seconds, corpus=options.corpus)
    seconds = time.monotonic() - began
    print(f"{done:,} contents, {seconds:.0f} s: only Unfinished escaped, memory grew by {growth / 1048576:.0f} MiB")


if __name__ == "__main__":
    main()

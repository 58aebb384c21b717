"""The mail that the model is trained on, as it reads: found out in the jail, as of mail that comes in.

SpamAssassin's public corpus (2002-05), from the archive beside the project, and the mail that was written for it
(`bench/spam/texts`), which stands for kinds and years that the corpus does not have.
"""

import asyncio
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.spam.written import written

from mailock.config.node import Node
from mailock.core.classify.seen import Seen
from mailock.core.evidence.report import Unfinished
from mailock.core.mime.headers import first, header_block
from mailock.engines.spam.heads import domain_of
from mailock.engines.suffixes import place
from mailock.processes.means import means_of
from mailock.processes.offline import as_sent
from mailock.processes.reading import read_octets, reading_jail

ARCHIVE = "spamassassin-npm.tar.xz"
FOLDERS = {"easy-ham-1": False, "easy-ham-2": False, "hard-ham-1": False, "spam-1": True, "spam-2": True}


@dataclass(frozen=True, slots=True)
class Example:
    """One message of which it is known what it is."""

    source: str
    name: str
    spam: bool
    sender: str
    """The registrable domain of its author; empty where there is none."""
    seen: Seen


def data_folder() -> Path:
    """Where the archives lie, as for the tests (CONTRIBUTING.md). Raises FileNotFoundError with the mend."""
    told = os.environ.get("MAILOCK_TEST_DATA")
    folder = Path(told) if told else Path(__file__).parents[3] / "shared" / "data"
    if not (folder / ARCHIVE).exists():
        raise FileNotFoundError(f"{folder / ARCHIVE} is not there: name its folder in MAILOCK_TEST_DATA")
    return folder


def messages(folder: Path) -> Iterator[tuple[str, str, bool, bytes]]:
    """Source, name, whether it is spam, and the octets."""
    with tarfile.open(folder / ARCHIVE) as archive:
        for member in archive:
            source = member.name.split("/")[-2] if "/" in member.name else ""
            if source in FOLDERS and (file := archive.extractfile(member)) is not None:
                yield source, member.name.rpartition("/")[2], FOLDERS[source], file.read()
    yield from written()


def sender_of(octets: bytes) -> str:
    """The registrable domain of the author that a message names."""
    return place(domain_of((first(header_block(octets), b"from") or b"").decode("latin-1")))


def examples(folder: Path) -> list[Example]:
    """All of it, read in the jail. Raises NoJail, and OSError."""
    return asyncio.run(_read(folder))


async def _read(folder: Path) -> list[Example]:
    found: list[Example] = []
    async with reading_jail(means_of(Node())) as jail:
        for source, name, spam, octets in messages(folder):
            try:
                seen = await read_octets(jail, as_sent(octets))
            except Unfinished as fault:
                print(f"{source}/{name} is left out: {fault}")
                continue
            found.append(Example(source, name, spam, sender_of(octets), seen))
    return sorted(found, key=lambda one: (one.source, one.name))

"""The disk is full: mail is answered 452, what got 250 goes out once and is recorded; with room, mail comes again."""

import asyncio
import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.keeper import Keeper
from tests.crash.ledger import unsettled
from tests.crash.load import Book, Call, Load, Refused
from tests.crash.marked import Mint
from tests.crash.policies import one_system
from tests.crash.reckoning import reckon
from tests.parts.mailock import Mailock
from tests.parts.programs import lacking, need_root

DISK = 350 << 20
"""The floor of free space below which nothing is accepted (DECISIONS 9), the ballast, the log files, and some mail."""
BALLAST = "24MB"
TOO_LITTLE = "1MB"


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own, with little room, at this place."""
    need_root("mount")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        lacking("a system that lets root mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def hog(folder: Path) -> Path:
    """Another program takes all room that is left."""
    path, size = folder / "hog", 1 << 20
    with path.open("ab", buffering=0) as file:
        while size:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2
    return path


async def fill(gateway: Mailock, seed: int) -> Book:
    """Sends until nothing more is taken."""
    async with Load(gateway.port, clients=6, seed=seed) as load:
        for _ in range(1200):
            await asyncio.sleep(0.05)
            if len(load.book.refused) > 20:
                break
        return await load.end()


async def try_one(gateway: Mailock, number: str, book: Book) -> str:
    """What becomes of one message more: the reply."""
    message = Mint(9).message(number, ("z@a.test",), 3000)
    book.sent[number] = message
    try:
        call = await Call.open(gateway.port)
        reply = await call.send(message, pipelined=False)
    except Refused as refusal:
        return str(refusal)
    book.acknowledged[number] = 0.0
    return reply.decode()


async def accepts_again(gateway: Mailock, book: Book) -> None:
    """Waits until a message is taken."""
    for attempt in range(100):
        if (await try_one(gateway, f"again-{attempt}", book)).startswith("250"):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"it takes no mail although there is room:\n{gateway.log()[-4000:]}")


@pytest.mark.parametrize(("ballast", "killed"), [(BALLAST, False), (TOO_LITTLE, True)])
async def test_a_full_disk_stops_mail_coming_in_and_loses_none(
    start_mailock: Callable[..., Mailock], ballast: str, killed: bool
) -> None:
    async with Keeper() as keeper:
        gateway = start_mailock(one_system(keeper.hop), start=False, environment={"MAILOCK_NODE__BALLAST": ballast})
        with small_disk(gateway.data):
            await keeper.close()
            gateway.start()
            book = await fill(gateway, seed=3)
            assert book.acknowledged and not keeper.arrivals
            assert {reply[:9] for reply in book.refused.values()} == {"452 4.3.1"}, book.refused
            taking = hog(gateway.data)
            if killed:
                gateway.kill()
                keeper.generation += 1
                gateway.start()
            assert (await try_one(gateway, "full", book)).startswith("452 4.3.1")
            await keeper.open()
            if ballast == BALLAST:
                await gateway.emptied(within=60.0)
            else:
                # What cannot be recorded is not sent again and again meanwhile.
                await asyncio.sleep(4.0)
            assert (await try_one(gateway, "still-full", book)).startswith("452 4.3.1")
            taking.unlink()
            await accepts_again(gateway, book)
            await gateway.emptied(within=60.0)
            found = reckon(book, keeper.arrivals, ports={"a.test": [keeper.port], "b.test": [keeper.port]}, kills={})
            found.faults += await unsettled(gateway.data / "track.db", book)
            assert gateway.stop() == 0
    print(f"{found}; ballast {ballast}")
    assert not found.faults, "\n".join([*found.faults[:30], gateway.log()[-6000:]])
    assert found.duplicates == 0

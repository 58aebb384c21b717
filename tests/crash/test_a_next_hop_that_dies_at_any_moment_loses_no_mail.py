"""A next hop says 421, closes, resets or goes silent at any moment: mail comes again, and twice only where in doubt."""

import asyncio
import os
import random
from collections.abc import Callable

import pytest

from tests.crash.keeper import Deed, Keeper, Leave, Moment, Say, Stall
from tests.crash.ledger import unsettled
from tests.crash.load import Book, Call, Load
from tests.crash.marked import LARGEST, Mint
from tests.crash.policies import one_system, two_systems
from tests.crash.reckoning import Reckoning, reckon
from tests.parts.mailock import Mailock

SEED = int(os.environ.get("MAILOCK_SEED", "20261124"))
CLOSING = b"421 4.3.2 closing\r\n"
DEEDS: dict[str, Deed] = {
    "says 421 and leaves": Say(CLOSING, leave=True),
    "says 421 and stays": Say(CLOSING),
    "defers": Say(b"451 4.3.0 not now\r\n"),
    "leaves": Leave(),
    "resets": Leave(reset=True),
    "is silent for a moment": Stall(1.0),
    "says 250 and resets": Say(b"250 2.0.0 kept\r\n", reset=True),
    "talks nonsense": Say(b"\x00\xffwhat\r\n"),
}
UNKNOWABLE = frozenset({"leaves", "resets", "says 250 and resets", "talks nonsense"})
"""What the next hop may do after it has kept a message, so that the gateway cannot know that it did."""


def deeds_at(moment: Moment) -> dict[str, Deed]:
    """What it may do then. One that says 250 and keeps nothing has lost the message itself; nobody can mend that.

    That it was said before the final dot came there cannot be seen from here: all of it was on its way already.
    """
    if moment not in (Moment.MID_BODY, Moment.FINAL_DOT):
        return DEEDS
    return {name: deed for name, deed in DEEDS.items() if name != "says 250 and resets"}


class Once:
    """The manner of one that does a deed at a moment, once, and behaves well ever after."""

    def __init__(self, moment: Moment, deed: Deed) -> None:
        self._moment = moment
        self._deed: Deed | None = deed

    @property
    def done(self) -> bool:
        """Whether it has done it."""
        return self._deed is None

    def __call__(self, moment: Moment, what: str) -> Deed | None:
        if moment is not self._moment:
            return None
        deed, self._deed = self._deed, None
        return deed


class Often:
    """The manner of one that does anything at any moment, as chance has it, until it is `tired`."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.tired = False
        self.deeds = 0

    def __call__(self, moment: Moment, what: str) -> Deed | None:
        if self.tired or self._chance.random() > 0.04:
            return None
        self.deeds += 1
        return self._chance.choice(list(deeds_at(moment).values()))


async def count(gateway: Mailock, keepers: list[Keeper], book: Book, *, within: float = 60.0) -> Reckoning:
    """Waits until everything is out, and counts."""
    await gateway.emptied(within=within)
    ports = {"a.test": [keepers[0].port], "b.test": [keepers[-1].port]}
    arrivals = [arrival for keeper in keepers for arrival in keeper.arrivals]
    found = reckon(book, arrivals, ports=ports, kills={})
    found.faults += await unsettled(gateway.data / "track.db", book)
    return found


async def test_it_does_each_of_these_once(start_mailock: Callable[..., Mailock]) -> None:
    mint, book = Mint(SEED), Book()
    async with Keeper() as keeper:
        gateway = start_mailock(one_system(keeper.hop))
        for moment in Moment:
            for name, deed in deeds_at(moment).items():
                keeper.manner = once = Once(moment, deed)
                # A fresh connection, so that it is greeted too.
                keeper.drop()
                number = f"{moment.name.lower()}-{name.replace(' ', '.')}"
                # Where all of it is on its way already, what is said in the middle is heard as the answer to its end.
                size = LARGEST if moment is Moment.MID_BODY else 300_000
                message = mint.message(number, ("y@a.test", "z@a.test"), size)
                call = await Call.open(gateway.port)
                book.sent[number] = message
                await call.send(message, pipelined=True)
                book.acknowledged[number] = 0.0
                await call.quit()
                await gateway.emptied(within=20.0)
                assert once.done, f"it never came to {number}"
                # Recipients may part: one that is deferred comes in a transaction of its own.
                arrived = [one for arrival in keeper.arrivals if arrival.number == number for one in arrival.recipients]
                in_doubt = moment is Moment.KEPT and name in UNKNOWABLE | {
                    "says 421 and leaves",
                    "says 421 and stays",
                    "defers",
                }
                for recipient in ("y@a.test", "z@a.test"):
                    times = arrived.count(recipient)
                    assert times == 1 or (in_doubt and times == 2), f"{number} came {times} times to {recipient}"
        found = await count(gateway, [keeper], book)
    print(found)
    assert not found.faults, "\n".join([*found.faults, gateway.log()[-6000:]])


@pytest.mark.parametrize("seconds", [12.0, pytest.param(300.0, marks=pytest.mark.accept)])
@pytest.mark.timeout(900)
async def test_it_does_all_of_these_under_load(seconds: float, start_mailock: Callable[..., Mailock]) -> None:
    print(f"seed {SEED} (MAILOCK_SEED sets another)")
    manners = [Often(SEED), Often(SEED + 1)]
    async with Keeper(manners[0]) as first, Keeper(manners[1]) as second:
        gateway = start_mailock(two_systems(first.hop, second.hop))
        async with Load(gateway.port, clients=6, seed=SEED, pause=0.05) as load:
            for _ in range(int(seconds / 4)):
                await asyncio.sleep(3.0)
                # Now and then the whole host goes, and comes back.
                await first.close()
                await asyncio.sleep(1.0)
                await first.open()
            book = await load.end()
        for manner in manners:
            manner.tired = True
        found = await count(gateway, [first, second], book, within=120.0)
    print(f"{found}; {manners[0].deeds + manners[1].deeds} deeds")
    assert not found.faults, "\n".join([f"seed {SEED}: {found}", *found.faults[:50], gateway.log()[-6000:]])
    assert (book.disconnections, book.refused) == (0, {})

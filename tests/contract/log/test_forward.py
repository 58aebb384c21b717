"""Records leave for a collector, each as it stands; one that is away gets what it missed, and hears what was lost."""

import threading
from collections.abc import Callable
from dataclasses import replace

from mailock.telemetry.forward import Forwarder
from tests.parts.hop import until


class Elsewhere:
    """A collector that can be away."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.away = False
        self.hung_up = threading.Event()
        self.records: dict[int, bytes] = {}

    def send(self, line: bytes) -> None:
        if self.away:
            raise OSError("nobody listens")
        self.got.append(line)

    def forwarder(self, *, keep: int = 100, line: Callable[[int], bytes | None] | None = None) -> Forwarder:
        return Forwarder(
            "tcp://there",
            line=line or (lambda number: self.records.get(number)),
            lost_line=lambda count: b"lost %d" % count,
            send=self.send,
            hang_up=self.hung_up.set,
            keep=keep,
            pauses=(0.01,),
        )


async def test_one_that_was_away_gets_how_things_stand_now_once_each_in_order() -> None:
    there = Elsewhere()
    there.away = True
    forwarder = there.forwarder()
    there.records = {1: b"1 new", 2: b"2 new"}
    forwarder.offer([1, 2])
    await until(lambda: bool(forwarder.trouble.why), 5, lambda: "no trouble")
    there.records = {1: b"1 delivered", 2: b"2 delivered", 3: b"3 new"}
    forwarder.offer([1, 3])
    there.away = False
    await until(lambda: len(there.got) >= 3, 5, lambda: f"{there.got}")
    assert there.got == [b"1 delivered", b"2 delivered", b"3 new"]
    await until(lambda: not forwarder.trouble.why, 5, lambda: "still in trouble")
    assert forwarder.close(seconds=5) == 0
    assert there.hung_up.is_set()


async def test_beyond_the_bound_the_oldest_are_lost_and_that_is_said_first() -> None:
    there = Elsewhere()
    there.away = True
    forwarder = there.forwarder(keep=3)
    there.records = {n: b"%d" % n for n in range(10)}
    forwarder.offer(range(3))
    await until(lambda: bool(forwarder.trouble.why), 5, lambda: "no trouble")
    forwarder.offer(range(3, 10))
    there.away = False
    await until(lambda: b"9" in there.got, 5, lambda: f"{there.got}")
    lost = forwarder.trouble.lost
    assert lost >= 6
    assert there.got[0] == b"lost %d" % lost
    assert len(there.got) - 1 + lost == 10
    forwarder.close(seconds=5)


async def test_a_record_that_cannot_be_written_keeps_out_no_other() -> None:
    there = Elsewhere()

    def line(number: int) -> bytes | None:
        if number == 1:
            raise RuntimeError("a bug")
        return b"%d" % number

    forwarder = there.forwarder(line=line)
    forwarder.offer([1, 2])
    await until(lambda: b"2" in there.got, 5, lambda: f"{there.got}")
    assert forwarder.close(seconds=5) == 0
    assert replace(forwarder.trouble, why="").lost == 1


async def test_one_that_never_listens_does_not_hold_up_the_end() -> None:
    there = Elsewhere()
    there.away = True
    there.records = {1: b"1", 2: b"2"}
    forwarder = there.forwarder()
    forwarder.offer([1, 2])
    await until(lambda: bool(forwarder.trouble.why), 5, lambda: "no trouble")
    assert forwarder.close(seconds=5) == 2

"""Queue ids grow, whatever the clock does, and no two nodes make the same."""

import itertools

import pytest

from mailock.core.mail.message import QueueId, read_id, show_id
from mailock.storage.ids import EPOCH, ClockIds


class Hands:
    """A clock whose hands are moved."""

    def __init__(self, now: float = EPOCH + 1_000_000.0) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def steady(self) -> float:
        return self.time


def test_ids_hold_milliseconds_node_and_counter() -> None:
    ids = ClockIds(Hands(EPOCH + 12.345), node=7, floor=None)
    first, second = ids.queue_id(), ids.queue_id()
    assert first == 12345 << 21 | 7 << 13
    assert second == first + 1


def test_ids_fit_in_63_bits_until_2159() -> None:
    last = ClockIds(Hands(EPOCH + (2**42 - 1) / 1000), node=255, floor=None).queue_id()
    assert last < 1 << 63
    assert read_id(show_id(last)) == last


def test_ids_grow_when_the_clock_stands_still_or_goes_back() -> None:
    clock = Hands()
    ids = ClockIds(clock, node=0, floor=None)
    made = [ids.queue_id() for _ in range(20_000)]
    clock.time -= 3600
    made += [ids.queue_id() for _ in range(20_000)]
    clock.time += 7200
    made += [ids.queue_id() for _ in range(10)]
    assert all(earlier < later for earlier, later in itertools.pairwise(made))


def test_ids_start_above_what_was_ever_stored_also_by_another_node() -> None:
    clock = Hands()
    floor = ClockIds(clock, node=200, floor=None).queue_id()
    clock.time -= 86_400
    assert ClockIds(clock, node=3, floor=floor).queue_id() > floor


def test_nodes_never_make_the_same_id() -> None:
    clock = Hands()
    first, second = ClockIds(clock, node=1, floor=None), ClockIds(clock, node=2, floor=None)
    assert not {first.queue_id() for _ in range(9000)} & {second.queue_id() for _ in range(9000)}


@pytest.mark.parametrize("node", [-1, 256])
def test_a_node_has_eight_bits(node: int) -> None:
    with pytest.raises(ValueError, match="0 to 255"):
        ClockIds(Hands(), node=node, floor=None)


def test_session_ids_are_short_and_go_on_after_a_restart() -> None:
    clock = Hands()
    ids = ClockIds(clock, node=0, floor=QueueId(1))
    made = [ids.session_id() for _ in range(100)]
    clock.time += 1
    made += [ClockIds(clock, node=0, floor=None).session_id()]
    assert made == sorted(set(made))
    assert {len(text) for text in made} == {9}

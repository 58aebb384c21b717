"""Parting a copy loses nobody, and gives nobody two."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.lifecycle.changes import CopyMoved, Planned
from mailock.core.lifecycle.parting import TooManyParts, part
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage
from tests.contract.spool import copy_of, delivery_of, message

COPY = copy_of(message(1, recipients=8), stage=CopyStage.HELD)


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=8), st.integers(0, 7))
def test_everybody_who_waits_is_in_one_copy_afterwards(belongs: list[int], ended: int) -> None:
    deliveries = [
        replace(delivery_of(COPY, n), stage=DeliveryStage.SENT if n == ended else DeliveryStage.PENDING)
        for n in range(len(belongs))
    ]
    pending = {one.number for one in deliveries if one.stage is DeliveryStage.PENDING}
    groups = [frozenset(n for n in pending if belongs[n] == which) for which in (0, 1)]
    groups = [group for group in groups if group]
    if not groups:
        return
    parted = part(COPY, deliveries, groups, frozenset({0, 3}))
    if not parted.changes:
        assert parted.numbers == (0,)
        assert groups == [pending]
        return
    planned, closed = parted.changes
    assert isinstance(planned, Planned)
    assert isinstance(closed, CopyMoved)
    assert (closed.number, closed.before, closed.after) == (0, CopyStage.HELD, CopyStage.CLOSED)
    places = {one.number: one.copy for one in planned.deliveries}
    assert set(places) == pending
    assert len(planned.deliveries) == len(pending)
    for group, number in zip(groups, parted.numbers, strict=True):
        assert {n for n, copy in places.items() if copy == number} == group
    assert {copy.number for copy in planned.copies} == set(places.values())
    assert not {0, 3} & set(places.values())
    assert all(replace(copy, number=0) == COPY for copy in planned.copies)


def test_when_the_numbers_are_used_up_it_says_so() -> None:
    deliveries = [delivery_of(COPY, 0), delivery_of(COPY, 1)]
    with pytest.raises(TooManyParts, match="was parted too often"):
        part(COPY, deliveries, [frozenset({0})], frozenset(range(999)))

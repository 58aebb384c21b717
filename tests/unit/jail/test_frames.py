"""Frames arrive whole, in order and within bounds, however the octets are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.jail.frames import HEAD, Bounds, FrameReader, Nonsense, Overfull, returned, said

BOUNDS = Bounds(frames=5, frame=100, total=400)


def stream(*bodies: bytes) -> bytes:
    """What a child says."""
    return b"".join(b"".join(said(body)) for body in bodies)


@given(st.lists(st.binary(max_size=60), max_size=5), st.lists(st.integers(0, 400), max_size=8))
def test_the_cuts_do_not_matter(bodies: list[bytes], cuts: list[int]) -> None:
    octets = stream(*bodies) + returned()
    reader = FrameReader(BOUNDS)
    places = sorted({0, len(octets), *(cut for cut in cuts if cut < len(octets))})
    for start, end in pairwise(places):
        reader.feed(octets[start:end])
    assert reader.frames == bodies
    assert reader.has_returned


@given(st.binary(max_size=600))
def test_nothing_gets_more_out_of_it_than_the_bounds(noise: bytes) -> None:
    reader = FrameReader(BOUNDS)
    try:
        reader.feed(noise)
    except (Overfull, Nonsense):
        pass
    assert len(reader.frames) <= BOUNDS.frames
    assert all(len(frame) <= BOUNDS.frame for frame in reader.frames)


@pytest.mark.parametrize(
    "octets",
    [
        HEAD.pack(101, 1),
        HEAD.pack(0xFFFFFFFF, 1),
        stream(*[b"x"] * 6),
        stream(*[bytes(99)] * 4),
    ],
)
def test_more_than_the_bounds_is_overfull_as_soon_as_it_is_announced(octets: bytes) -> None:
    with pytest.raises(Overfull):
        FrameReader(BOUNDS).feed(octets)


@pytest.mark.parametrize(
    "octets", [HEAD.pack(0, 0), HEAD.pack(0, 3), HEAD.pack(1, 2) + b"x", returned() + b"x", returned() + returned()]
)
def test_what_is_no_frame_is_nonsense(octets: bytes) -> None:
    with pytest.raises(Nonsense):
        FrameReader(BOUNDS).feed(octets)


def test_octets_after_the_last_frame_are_nonsense_even_when_they_come_later() -> None:
    reader = FrameReader(BOUNDS)
    reader.feed(returned())
    with pytest.raises(Nonsense):
        reader.feed(b"\0")


def test_a_frame_at_its_largest_is_taken() -> None:
    reader = FrameReader(BOUNDS)
    reader.feed(stream(bytes(100)))
    assert reader.frames == [bytes(100)]
    assert not reader.has_returned

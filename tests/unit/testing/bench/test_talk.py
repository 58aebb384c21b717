"""The message that the bench's own clients send is one that every server takes."""

import itertools

import pytest

from mailock.testing.bench.open_loop import Pace, moments
from mailock.testing.bench.talk import message


@pytest.mark.parametrize("size", [0, 1, 2, 79, 80, 81, 10_240, 1_048_576])
def test_a_message_ends_with_the_only_lone_dot_and_has_only_whole_line_ends(size: int) -> None:
    whole = message(size)
    assert whole.endswith(b"\r\n.\r\n")
    content = whole[:-3]
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    assert not any(line.startswith(b".") for line in content.split(b"\r\n"))
    header, _, body = content.partition(b"\r\n\r\n")
    assert header.startswith(b"From:")
    # One byte cannot be a line.
    assert len(body) == (size if size % 80 != 1 else size - 1)


def test_messages_of_the_open_loop_come_at_their_rate_whatever_the_server_does() -> None:
    sent = moments(Pace(rate=1000, seconds=10, size=1, connections=50), begin=5.0)
    assert sent == sorted(sent)
    assert sent[0] > 5.0 and sent[-1] < 15.0
    assert 9_500 < len(sent) < 10_500
    # At random, as independent senders come: some close together, some far apart.
    gaps = [after - before for before, after in itertools.pairwise(sent)]
    assert min(gaps) < 0.0001 and max(gaps) > 0.004


def test_the_moments_are_the_same_for_every_side() -> None:
    pace = Pace(rate=100, seconds=1, size=1, connections=50)
    assert moments(pace, begin=0.0) == moments(pace, begin=0.0)

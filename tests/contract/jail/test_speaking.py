"""Whatever a job does with the pipe that it speaks in, the host takes no more than it wants, and goes on."""

import pytest

from mailock.ports.jail import End
from tests.contract.jail.conftest import Ward

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("way", "end", "detail"),
    [
        (b"a huge frame", End.OVERFULL, "it announced a frame of 4294967295 octets, more than 1048576"),
        (b"many frames", End.OVERFULL, "it said more than 100 frames"),
        (b"frames without end", End.OVERFULL, "it said more than"),
        (b"an unknown kind", End.DIED, "a frame of kind 9, which there is not"),
        (b"a body in the last frame", End.DIED, "its last frame was not empty"),
        (b"more after the last frame", End.DIED, "it went on after its last frame"),
        (b"half a frame", End.DIED, "it ended in the middle of its task"),
        (b"a frame within the last", End.DIED, "it ended in the middle of its task"),
        (b"nothing more", End.DIED, "the task raised an exception"),
        (b"noise", None, ""),
    ],
)
async def test_abuse_of_the_pipe_is_seen(way: bytes, end: End | None, detail: str, cell: Ward) -> None:
    ended = await cell.run("speak", way)
    assert ended.end in ({end} if end is not None else {End.DIED, End.OVERFULL})
    assert detail in ended.detail
    assert len(ended.untrusted_frames) <= 100
    assert sum(map(len, ended.untrusted_frames)) <= 4 << 20
    assert (await cell.run("report", b"next")).untrusted_frames[0] == b"next"

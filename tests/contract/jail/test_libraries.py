"""The walls let the libraries live that engines open content with."""

from mailock.jail.limits import Limits
from mailock.ports.jail import End, Job
from tests.contract.jail.conftest import MODES, body_of, opened
from tests.contract.jail.libraries import USES


async def test_every_library_does_its_work_in_the_jail_as_it_is_shipped() -> None:
    async with opened(MODES["whole"], charter=b"libraries", limits=Limits()) as jail:
        with body_of(b"") as body:
            ended = await jail.run(Job(task="libraries", order=b"", body=body, seconds=60))
    assert ended.end is End.DONE, ended
    assert [frame.decode() for frame in ended.untrusted_frames] == [use.__name__ for use in USES]

"""An honest job gets what it needs, says what it saw, and changes nothing for the next one."""

import asyncio
import json
import os
import signal
import stat
from pathlib import Path

import pytest
import uvloop

from mailock.jail.limits import Limits
from mailock.ports.jail import End, Ended, Job, NoJail
from tests.contract.jail.conftest import MIB, MODES, Mode, Ward, body_of, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHA256_OF_ABC = b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


async def test_a_job_sees_its_order_and_its_body(cell: Ward) -> None:
    ended = await cell.run("report", b"an order", content=b"the mail")
    assert ended == Ended(
        end=End.DONE, untrusted_frames=(b"an order", b"the mail", b"", SHA256_OF_ABC, b"4"), untrusted_output=None
    )


async def test_a_child_that_waits_rehearses_and_leaves_no_trace_in_others() -> None:
    async with opened(MODES["whole"]) as jail:
        with body_of(b"") as body:
            job = Job(task="rehearsed", order=b"", body=body, seconds=20)
            traces = []
            for pause in (1.0, 1.0, 0.0):
                await asyncio.sleep(pause)
                (frame,) = (await jail.run(job)).untrusted_frames
                traces.append(json.loads(frame))
    (first, second, busy), own = zip(*traces, strict=True)
    assert (first, second) == ([own[0]], [own[1]])
    assert busy in ([], [own[2]])


async def test_an_order_of_four_megabytes_is_taken_and_more_is_not(cell: Ward) -> None:
    order = os.urandom(MIB) * 4
    async with opened(MODES["whole"]) as jail:
        with body_of(b"") as body, pytest.raises(ValueError, match="an order of"):
            await jail.run(Job(task="report", order=order + b"x", body=body, seconds=20))
    # It comes back in one frame, which is more than a job of these tests may say.
    ended = await cell.run("report", order)
    assert ended.end is End.OVERFULL


async def test_a_child_that_patches_its_interpreter_does_not_change_the_next_report(cell: Ward) -> None:
    before = await cell.run("report", b"first")
    poisoned = await cell.run("poison")
    assert poisoned.untrusted_frames[:1] == (b"666",)
    assert await cell.run("report", b"first") == before


async def test_a_body_on_disk_is_given_from_its_first_octet_on(cell: Ward, tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"kept in a file" + bytes(300_000))
    with file.open("rb") as opened_file:
        opened_file.seek(5)
        job = Job(task="report", order=b"", body=opened_file.fileno(), seconds=20)
        ended = await cell.jail.run(job)
        assert opened_file.tell() == 5
    assert ended.untrusted_frames[1] == file.read_bytes()


@pytest.mark.parametrize("place", ["memory", "disk"])
async def test_a_job_cannot_change_the_body(place: str, cell: Ward, tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"untouched")
    if os.geteuid() == 0:
        # The owner of a file may change its mode; here that is the account of the jail.
        os.chown(file, 65_534, 65_534)
    descriptor = os.memfd_create("body") if place == "memory" else os.open(file, os.O_RDWR)
    try:
        os.pwrite(descriptor, b"untouched", 0)
        os.lseek(descriptor, 4, os.SEEK_SET)
        before = os.fstat(descriptor)
        ended = await cell.jail.run(Job(task="meddle", order=b"", body=descriptor, seconds=20))
        assert (ended.end, ended.untrusted_frames) == (End.DONE, ())
        assert os.pread(descriptor, 100, 0) == b"untouched"
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 4
        after = os.fstat(descriptor)
        assert place == "memory" or (after.st_mode, after.st_ctime_ns) == (before.st_mode, before.st_ctime_ns)
    finally:
        os.close(descriptor)


async def test_a_job_is_born_with_nothing_of_ours(cell: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILOCK_SECRET", "of the host")
    async with opened(cell.mode) as jail:
        with body_of(b"") as body:
            ended = await jail.run(Job(task="look_around", order=b"", body=body, seconds=20))
    told = json.loads(ended.untrusted_frames[0])
    assert not {key for key in told["environment"] if "MAILOCK" in key or "SECRET" in key}
    assert set(told["environment"]) <= {
        "PATH",
        "LANG",
        "LC_CTYPE",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
    }
    kinds = {int(number): kind for number, kind in told["descriptors"].items()}
    assert kinds == {
        0: stat.S_IFCHR,
        1: stat.S_IFCHR,
        2: stat.S_IFCHR,
        3: stat.S_IFIFO,
        4: stat.S_IFREG,
        5: stat.S_IFREG,
    }
    assert told["null"] == [5, 5]
    assert set(told["uids"]) == set(told["gids"]) == {65_534}
    assert told["folder"] == "/"


async def test_what_a_job_wrote_comes_back_and_cannot_change(cell: Ward) -> None:
    ended = await cell.run("write", b"the new message", output=True)
    assert ended.end is End.DONE
    assert ended.untrusted_output is not None
    try:
        assert os.read(ended.untrusted_output, 100) == b"the new message"
        for attempt in (lambda fd: os.pwrite(fd, b"x", 0), lambda fd: os.ftruncate(fd, 1)):
            with pytest.raises(PermissionError):
                attempt(ended.untrusted_output)
    finally:
        os.close(ended.untrusted_output)


async def test_a_map_that_the_job_left_does_not_keep_its_file_open(cell: Ward) -> None:
    ended = await cell.run("write", b"mapped", output=True)
    assert ended.end is End.DONE
    assert ended.untrusted_output is not None
    assert os.read(ended.untrusted_output, 4) == b"left"
    os.close(ended.untrusted_output)


async def test_a_file_that_the_job_sealed_itself_is_not_taken(cell: Ward) -> None:
    ended = await cell.run("write", b"sealed", output=True)
    assert (ended.end, ended.untrusted_output) == (End.DIED, None)
    assert "sealed" in ended.detail


@pytest.mark.parametrize("way", [b"too much", b"sparse"])
async def test_a_file_has_a_largest_size(way: bytes, cell: Ward) -> None:
    ended = await cell.run("write", way, output=True)
    assert (ended.end, ended.untrusted_output) == (End.DIED, None)


async def test_jobs_wait_for_their_turn_and_all_are_done() -> None:
    async with opened(Mode(), workers=2, charter=b"the rules") as jail:
        with body_of(b"mail") as body:
            jobs = [Job(task="report", order=str(n).encode(), body=body, seconds=20) for n in range(20)]
            for n, ended in enumerate(await asyncio.gather(*(jail.run(job) for job in jobs))):
                assert ended.untrusted_frames[:3] == (str(n).encode(), b"mail", b"the rules")


async def test_three_hundred_jobs_leave_no_descriptor_and_no_process(cell: Ward) -> None:
    from tests.contract.jail.conftest import descendants

    await cell.run("report")
    # The child of the next job is forked once an end was reported.
    await asyncio.sleep(0.5)
    before = _descriptors(), len(descendants(os.getpid()))
    for n in range(300 if cell.mode == Mode() else 30):
        ended = await cell.run("report", str(n).encode(), output=n % 2 == 0)
        assert ended.untrusted_frames[0] == str(n).encode()
        if ended.untrusted_output is not None:
            os.close(ended.untrusted_output)
    await asyncio.sleep(0.5)
    assert (_descriptors(), len(descendants(os.getpid()))) == before


async def test_a_job_that_ends_before_it_begins_is_not_given_to_the_next_child(cell: Ward) -> None:
    for n in range(20):
        ended = await cell.run("report", b"too late", seconds=0)
        assert ended.end in (End.LATE, End.DONE)
        after = await cell.run("report", str(n).encode())
        assert (after.end, after.untrusted_frames[0]) == (End.DONE, str(n).encode())


async def test_a_child_that_was_killed_while_it_waited_costs_no_message() -> None:
    from tests.contract.jail.conftest import descendants

    async with opened(Mode()) as jail:
        with body_of(b"mail") as body:
            job = Job(task="report", order=b"x", body=body, seconds=20)
            await jail.run(job)
            await asyncio.sleep(0.5)
            waiting = [
                pid
                for pid in descendants(os.getpid())
                if not descendants(pid) and b"prison.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
            ]
            assert waiting
            for pid in waiting:
                os.kill(pid, signal.SIGKILL)
            while not all(") Z " in Path(f"/proc/{pid}/stat").read_text() for pid in waiting):  # noqa: ASYNC110 - /proc tells of no event
                await asyncio.sleep(0.01)
            assert (await jail.run(job)).end is End.DONE


def _descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


async def test_it_serves_the_loop_of_the_gateway() -> None:
    async def main() -> tuple[Ended, Ended]:
        async with opened(Mode()) as jail:
            with body_of(b"mail") as body:
                done = await jail.run(Job(task="report", order=b"x", body=body, seconds=20))
                return done, await jail.run(Job(task="hang", order=b"jb-loop", body=body, seconds=0.2))

    done, late = await asyncio.to_thread(uvloop.run, main())
    assert (done.end, late.end) == (End.DONE, End.LATE)


async def test_a_closed_jail_takes_no_jobs() -> None:
    async with opened(Mode()) as jail:
        pass
    with body_of(b"") as body, pytest.raises(NoJail, match="closed"):
        await jail.run(Job(task="report", order=b"", body=body, seconds=20))


async def test_memory_is_bounded(cell: Ward) -> None:
    ended = await cell.run("eat")
    assert ended.end is End.DONE
    assert 64 < int(ended.untrusted_frames[0]) < 512


async def test_threads_are_bounded(cell: Ward) -> None:
    async with opened(cell.mode, limits=Limits(memory=2048 * MIB, tasks=32)) as jail:
        with body_of(b"") as body:
            ended = await jail.run(Job(task="threads", order=b"", body=body, seconds=20))
    assert ended.end is End.DONE
    assert int(ended.untrusted_frames[0]) <= 32

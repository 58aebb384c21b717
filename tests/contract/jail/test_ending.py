"""Every job ends, with everything that it started, and is called by what it was: done, died, late."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mailock.jail import host
from mailock.ports.jail import End, Job
from tests.contract.jail.conftest import Mode, Ward, alive, body_of, descendants, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_deadline_ends_a_job_that_heeds_no_signal(ward: Ward, name: bytes) -> None:
    began = time.monotonic()
    ended = await ward.run("hang", name, seconds=0.3)
    assert ended.end is End.LATE
    assert ended.untrusted_frames == (b"hanging",)
    assert 0.3 <= time.monotonic() - began < 3
    assert alive(name) == []


@pytest.mark.parametrize("task", ["spin", "stop"])
async def test_the_deadline_ends_a_job_that_computes_or_was_stopped(task: str, ward: Ward) -> None:
    assert (await ward.run(task, seconds=0.3)).end is End.LATE
    assert (await ward.run("report")).end is End.DONE


async def test_what_a_job_left_behind_dies_with_it(ward: Ward, name: bytes) -> None:
    ended = await ward.run("daemons", name)
    assert ended.end is End.DONE
    assert ended.untrusted_frames[0].startswith(b"refused" if "SECCOMP" in _names(ward.mode) else b"left")
    await _until(lambda: not alive(name))


async def test_a_job_that_says_that_it_is_done_and_goes_on_is_heard_and_killed(
    ward: Ward, name: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "GRACE_SECONDS", 0.3)
    ended = await ward.run("feign", name)
    assert (ended.end, ended.untrusted_frames) == (End.DONE, (b"done",))
    await _until(lambda: not alive(name))
    assert (await ward.run("report")).end is End.DONE


async def test_a_fork_bomb_ends_at_the_deadline_and_the_worker_lives(ward: Ward, name: bytes) -> None:
    ended = await ward.run("bomb", name, seconds=0.5)
    assert ended.end is End.LATE
    assert alive(name) == []
    assert (await ward.run("report")).end is End.DONE


async def test_without_any_wall_around_processes_what_was_left_is_found_by_its_descent(name: bytes) -> None:
    """The weakest jail that there is: no world of its own, and forks allowed."""
    from mailock.jail.protection import Protection
    from tests.contract.jail.conftest import WORLD

    async with opened(Mode(withhold=WORLD | {Protection.SECCOMP, Protection.LANDLOCK})) as jail:
        with body_of(b"") as body:
            left = await jail.run(Job(task="daemons", order=name, body=body, seconds=20))
            assert (left.end, left.untrusted_frames) == (End.DONE, (b"left",))
            await _until(lambda: not alive(name))
            assert (await jail.run(Job(task="hang", order=name, body=body, seconds=0.2))).end is End.LATE
            assert alive(name) == []


def _names(mode: Mode) -> set[str]:
    return {protection.name for protection in mode.held}


async def test_a_crash_is_died_and_what_was_said_before_it_is_kept(ward: Ward) -> None:
    ended = await ward.run("crash")
    assert (ended.end, ended.untrusted_frames) == (End.DIED, (b"before",))
    assert ended.detail == "it was ended by SIGSEGV"
    assert (await ward.run("report")).end is End.DONE


@pytest.mark.parametrize(
    ("what", "detail"),
    [
        (b"value", "the task raised an exception"),
        (b"exit", "the task raised an exception"),
        (b"interrupt", "the task raised an exception"),
        (b"memory", "it had no memory left"),
        (b"recursion", "it nested deeper than the interpreter goes"),
    ],
)
async def test_an_exception_is_died_and_none_of_its_text_comes_out(what: bytes, detail: str, ward: Ward) -> None:
    ended = await ward.run("raises", what)
    assert (ended.end, ended.detail, ended.untrusted_frames) == (End.DIED, detail, ())


async def test_recursion_without_end_is_died(ward: Ward) -> None:
    assert (await ward.run("nest")).detail == "it nested deeper than the interpreter goes"


async def test_ending_with_success_from_under_the_task_is_not_done(ward: Ward) -> None:
    ended = await ward.run("leave")
    assert (ended.end, ended.untrusted_frames) == (End.DIED, (b"found nothing",))


async def test_a_task_that_there_is_not_is_died(ward: Ward) -> None:
    assert (await ward.run("no such task")).detail == "there is no such task"


async def test_a_caller_that_is_cancelled_leaves_nothing_running(ward: Ward, name: bytes) -> None:
    running = asyncio.create_task(ward.run("hang", name))
    await _until(lambda: bool(alive(name)))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await ward.run("report", seconds=5)).end is End.DONE
    assert alive(name) == []


async def test_a_caller_that_is_cancelled_while_it_waits_gives_its_place_up(ward: Ward, name: bytes) -> None:
    running = asyncio.create_task(ward.run("hang", name, seconds=0.5))
    await _until(lambda: bool(alive(name)))
    waiting = [asyncio.create_task(ward.run("report", str(n).encode())) for n in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert (await running).end is End.LATE
    assert [(await one).untrusted_frames[0] for one in waiting[1:]] == [b"1", b"2"]


async def test_a_worker_that_dies_takes_only_its_own_job_with_it(name: bytes) -> None:
    async with opened(Mode(), workers=2) as jail:
        with body_of(b"") as body:
            hanging = [
                asyncio.create_task(jail.run(Job(task="hang", order=name, body=body, seconds=1.0))) for _ in range(2)
            ]
            await _until(lambda: len(alive(name)) == 2)
            victim = alive(name)[0]
            os.kill(_parent(victim), signal.SIGKILL)
            ends = sorted(ended.end.value for ended in await asyncio.gather(*hanging))
            assert ends == ["died", "late"]
            assert alive(name) == []
            reports = [jail.run(Job(task="report", order=b"", body=body, seconds=20)) for _ in range(8)]
            assert {ended.end for ended in await asyncio.gather(*reports)} == {End.DONE}
            await _until(lambda: len(jail.workers) == 2)


async def test_a_worker_that_obeys_no_more_is_killed_with_its_job(name: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "GRACE_SECONDS", 0.2)
    async with opened(Mode()) as jail:
        with body_of(b"") as body:
            hanging = asyncio.create_task(jail.run(Job(task="hang", order=name, body=body, seconds=0.5)))
            await _until(lambda: bool(alive(name)))
            os.kill(_parent(alive(name)[0]), signal.SIGSTOP)
            assert (await hanging).end is End.LATE
            await _until(lambda: not alive(name))
            ended = await jail.run(Job(task="report", order=b"", body=body, seconds=20))
            assert ended.end is End.DONE


async def test_signals_to_end_the_gateway_do_not_end_its_workers(name: bytes) -> None:
    """A service manager sends them to every process of the service; the gateway ends its workers when it is ready."""
    async with opened(Mode()) as jail:
        with body_of(b"") as body:
            await jail.run(Job(task="report", order=b"", body=body, seconds=20))
            running = asyncio.create_task(jail.run(Job(task="eat", order=b"", body=body, seconds=20)))
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                for pid in descendants(os.getpid()):
                    # The child of the first job may end meanwhile.
                    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                        if b"prison.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                            os.kill(pid, number)
            assert (await running).end is End.DONE


async def test_when_the_host_is_gone_the_workers_end_with_their_jobs(name: bytes) -> None:
    async with opened(Mode()) as jail:
        with body_of(b"") as body:
            running = asyncio.create_task(jail.run(Job(task="hang", order=name, body=body, seconds=20)))
            await _until(lambda: bool(alive(name)))
            await jail.close()
            assert (await running).end is End.DIED
            await _until(lambda: not alive(name))
            assert jail.workers == ()


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come true in 10 s")

"""Where a protection is missing, content is not opened and the sentence says why, or the administrator wants it so."""

import pytest

from mailock.jail.host import WorkerJail
from mailock.jail.protection import Protection
from mailock.jail.staff import Terms
from mailock.ports.jail import NoJail
from tests.contract.jail.conftest import MODES, WORLD, Mode, opened, program


@pytest.mark.parametrize("missing", [Protection.NETWORK, Protection.FILES])
async def test_without_a_required_protection_nothing_is_opened(missing: Protection) -> None:
    command = [part for part in program(Mode(withhold=frozenset({missing}))) if part != "--reduced"]
    jail = WorkerJail(Terms(program=command, workers=1))
    with pytest.raises(NoJail, match=f"content cannot be opened safely: the jail lacks '{missing.value}': withheld"):
        await jail.start()


@pytest.mark.parametrize("missing", [Protection.LANDLOCK, Protection.SECCOMP, Protection.PROCESSES])
async def test_without_another_one_it_is_opened_and_the_lack_is_known(missing: Protection) -> None:
    command = [part for part in program(Mode(withhold=frozenset({missing}))) if part != "--reduced"]
    jail = WorkerJail(Terms(program=command, workers=1))
    strength = await jail.start()
    await jail.close()
    assert missing not in strength.in_force
    assert [lack.protection for lack in strength.lacks] == [missing]
    assert f"MISSING: {missing.value} (withheld)" in strength.line


async def test_an_administrator_may_do_without() -> None:
    async with opened(Mode(withhold=WORLD)) as jail:
        assert jail.strength.forbids is not None
        assert {lack.protection for lack in jail.strength.lacks} == WORLD


async def test_a_whole_jail_says_so() -> None:
    async with opened(MODES["whole"]) as jail:
        assert jail.strength.lacks == ()
        assert jail.strength.line == (
            "the jail holds by: no network, empty file system, not root, own processes, landlock, seccomp"
        )


async def test_tasks_that_start_a_thread_before_the_fork_are_refused() -> None:
    jail = WorkerJail(Terms(program=program(Mode()), workers=1, charter=b"a thread"))
    with pytest.raises(NoJail, match="the tasks started 1 threads before any job"):
        await jail.start()


async def test_tasks_that_cannot_be_made_ready_are_refused_with_the_reason() -> None:
    jail = WorkerJail(Terms(program=program(Mode()), workers=1, charter=b"broken"))
    with pytest.raises(NoJail, match="cannot be made ready: LookupError: the rules cannot be read"):
        await jail.start()


@pytest.mark.parametrize("command", [["/nonexistent/python"], ["/bin/false"]])
async def test_a_worker_that_does_not_start_is_said_in_a_sentence(command: list[str]) -> None:
    jail = WorkerJail(Terms(program=command, workers=2))
    with pytest.raises(NoJail, match=r"the worker of the jail cannot be started|ended before it was ready"):
        await jail.start()

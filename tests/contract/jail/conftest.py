"""The jail in each of its strengths, so that every wall is seen to hold without the others."""

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from mailock.jail.frames import Bounds
from mailock.jail.host import WorkerJail
from mailock.jail.limits import Limits
from mailock.jail.protection import Protection
from mailock.jail.staff import Terms
from mailock.ports.jail import Ended, Job, NoJail
from tests.parts.programs import lacking

PRISON = Path(__file__).with_name("prison.py")
SYSTEM_PYTHON = Path("/usr/bin/python3")
MIB = 1 << 20
WORLD = frozenset({Protection.NETWORK, Protection.FILES, Protection.PROCESSES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One strength of the jail."""

    withhold: frozenset[Protection] = frozenset()
    account: bool = False
    """Started by an account without rights; where the tests run as root."""

    @property
    def held(self) -> frozenset[Protection]:
        """What is in force."""
        return frozenset(Protection) - self.withhold


MODES = {
    "whole": Mode(),
    "started without rights": Mode(account=True),
    "no seccomp": Mode(withhold=frozenset({Protection.SECCOMP})),
    "no landlock": Mode(withhold=frozenset({Protection.LANDLOCK})),
    "namespaces alone": Mode(withhold=frozenset({Protection.SECCOMP, Protection.LANDLOCK})),
    "no namespaces": Mode(withhold=WORLD),
}


def program(mode: Mode) -> list[str]:
    """The worker of a mode; skips where this machine cannot run it."""
    python = sys.executable
    if mode.account:
        if os.geteuid() != 0:
            lacking("root, to start the jail from an account without rights")
        python = str(SYSTEM_PYTHON)
        for path in (SYSTEM_PYTHON, PRISON):
            if not all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents):
                lacking(f"a way to {path} for an account without rights")
    command = [python, "-I", str(PRISON)]
    if mode.withhold:
        command += ["--withhold", ",".join(sorted(one.name for one in mode.withhold)), "--reduced"]
    return command + (["--account"] if mode.account else [])


@asynccontextmanager
async def opened(mode: Mode, **terms: Any) -> AsyncIterator[WorkerJail]:
    """A jail of a mode, with small limits."""
    given: dict[str, Any] = {
        "workers": 1,
        "limits": Limits(memory=512 * MIB, output=4 * MIB, tasks=32),
        "bounds": Bounds(frames=100, frame=MIB, total=4 * MIB),
        "program": program(mode),
    }
    jail = WorkerJail(Terms(**{**given, **terms}))
    try:
        await jail.start()
    except NoJail as reason:
        lacking(f"a kernel that holds a jail: {reason}")
    try:
        yield jail
    finally:
        await jail.close()


@contextmanager
def body_of(content: bytes) -> Iterator[int]:
    """A body in memory, as the queue hands out small ones."""
    descriptor = os.memfd_create("test")
    try:
        os.pwrite(descriptor, content, 0)
        yield descriptor
    finally:
        os.close(descriptor)


Run = Callable[..., Awaitable[Ended]]


@dataclass(frozen=True, slots=True)
class Ward:
    """A jail and its strength."""

    mode: Mode
    jail: WorkerJail

    async def run(
        self, task: str, order: bytes = b"", *, content: bytes = b"a body", seconds: float = 20.0, output: bool = False
    ) -> Ended:
        """One job."""
        with body_of(content) as body:
            return await self.jail.run(Job(task=task, order=order, body=body, seconds=seconds, output=output))


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(MODES))
async def ward(request: pytest.FixtureRequest) -> AsyncIterator[Ward]:
    """A jail of every strength; each serves all tests of a file, one job after the other."""
    mode = MODES[request.param]
    async with opened(mode) as jail:
        yield Ward(mode, jail)


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["whole", "started without rights", "no namespaces"]
)
async def cell(request: pytest.FixtureRequest) -> AsyncIterator[Ward]:
    """The same in those strengths that differ in how a job is fed and heard."""
    mode = MODES[request.param]
    async with opened(mode) as jail:
        yield Ward(mode, jail)


@pytest.fixture
def name() -> bytes:
    """What a job of this test calls its processes: short, and of this process and moment only."""
    return b"jb" + os.urandom(6).hex().encode()


def alive(name: bytes) -> list[int]:
    """The processes of the whole machine that are called so."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                comm = (folder / "comm").read_bytes().strip()
            except OSError:
                continue
            if comm == name:
                found.append(int(folder.name))
    return found


def descendants(pid: int) -> list[int]:
    """All processes that a process started, and those that they did."""
    found: list[int] = []
    # What ends meanwhile has none any more.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found

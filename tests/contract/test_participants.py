"""Those who act by the policy go back to what was before, at whichever step an install fails."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvloop

from mailock.config.model import Policy
from mailock.net.geoip import Countries
from mailock.net.tls import Identity, ServerTls
from mailock.operations.policy import Broken, Outcome, Participant, PolicyDesk, Running
from mailock.ports.alerts import Alert
from mailock.processes.alerting import Alerting
from mailock.processes.listeners import Listeners
from mailock.processes.standing import Standing
from mailock.storage.memory.revisions import MemoryRevisions
from tests.parts.certificates import Authority
from tests.parts.ports import free_port

RULE = '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n'


class Now:
    """A clock that stands."""

    def now(self) -> float:
        return 1_800_000_000.0

    def steady(self) -> float:
        return 0.0


class Spoiler:
    """A participant that fails at one step."""

    name = "the spoiler"

    def __init__(self) -> None:
        self.fails_at = ""

    async def prepare(self, policy: Policy) -> None:
        self._step("prepare")

    async def switch(self, revision: int) -> None:
        self._step("switch")

    async def undo(self) -> None:
        pass

    def _step(self, step: str) -> None:
        if step == self.fails_at:
            raise OSError("spoiled")


class Installs:
    """Installs texts over one participant and a spoiler."""

    def __init__(self, participant: Participant) -> None:
        self._spoiler = Spoiler()
        self._desk = PolicyDesk(MemoryRevisions(), Now(), [participant, self._spoiler])

    async def install(self, text: str, fails_at: str = "") -> Outcome:
        self._spoiler.fails_at = fails_at
        return await self._desk.install(RULE + text, by="anna")

    async def works(self, text: str) -> None:
        outcome = await self.install(text)
        assert isinstance(outcome, Running), outcome

    async def fails(self, text: str, fails_at: str) -> None:
        assert await self.install(text, fails_at) == Broken(why="the spoiler: spoiled")


steps = pytest.mark.parametrize("step", ["prepare", "switch"])


@steps
async def test_the_compiled_policy_goes_back(step: str, tmp_path: Path) -> None:
    standing = Standing("mx.test", Countries(None))
    heard: list[int] = []
    standing.changed.append(lambda installed: heard.append(installed.limits.errors))
    listed = tmp_path / "list"
    listed.write_text("a@example.com  # anna\n\nB@example.com\n")
    rule = f'domain = "example.com"\nverification = "list"\nrecipients_file = "{listed}"\n'
    installs = Installs(standing)
    await installs.works("[mta.limits]\nerrors = 5\n")
    await installs.works(rule + "[mta.limits]\nerrors = 6\n")
    await installs.fails("[mta.limits]\nerrors = 7\n", step)
    assert (standing().limits.errors, standing().revision) == (6, 2)
    assert standing.lists() == {"#1": {"a@example.com", "b@example.com"}}
    assert heard[-1] == 6
    listed.unlink()
    outcome = await installs.install(rule + "[mta.limits]\nerrors = 8\n")
    assert isinstance(outcome, Broken)
    assert f"the policy: {listed}: cannot be read" in outcome.why
    assert (standing().limits.errors, standing().revision) == (6, 2)


@steps
async def test_alerts_go_where_they_went_before(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, ...]] = []

    async def submit(subject: str, text: str, to: tuple[str, ...]) -> None:
        sent.append(to)

    alerting = Alerting("node", Now(), submit)
    installs = Installs(alerting)
    outgoing = '[[mta.forwarding]]\ndirection = "outgoing"\nnext_hop = "mx:"\n'
    text = outgoing + '[alerts]\nmail_to = ["{}@example.com"]\n'
    await installs.works(text.format("first"))
    await installs.works(text.format("second"))
    await installs.fails(text.format("third"), step)
    monkeypatch.delenv("NOT_THERE", raising=False)
    outcome = await installs.install(text.format("fourth") + 'webhook = "env:NOT_THERE"\n')
    assert isinstance(outcome, Broken)
    assert "NOT_THERE" in outcome.why
    running = asyncio.create_task(alerting.run())
    alerting.tell(Alert(kind="shunt", about="x", text="a message was shunted", at=0.0))
    await alerting.flush()
    running.cancel()
    assert set(sent) == {("second@example.com",)}


def greeting(entrance: Any, _peer: object) -> bytes:
    """What a listener of this test says of itself before it closes."""
    return f"{entrance.name} auth={entrance.auth_required}\r\n".encode()


@pytest_asyncio.fixture
async def listeners(tmp_path: Path) -> AsyncIterator[Listeners]:
    """Listeners over nothing yet."""
    found = Listeners(greeting, some_tls(tmp_path))
    yield found
    found.stop()


def some_tls(folder: Path) -> ServerTls:
    certificate = Authority(folder).issue("mx.test")
    return ServerTls([Identity(chain=certificate.chain, key=certificate.key, names=("mx.test",))])


async def said(port: int) -> str:
    """What the listener on a port says; empty where none is."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return ""
    words = await reader.read()
    writer.close()
    return words.decode().strip()


def on(port: int, *more: tuple[str, int, bool]) -> str:
    """Settings: the main listener on a port, and others with name, port and whether they demand AUTH."""
    text = f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {port}\n[mta.submission]\nenabled = true\nusers_file = "/x"\n'
    for name, other, auth in more:
        text += f'[[mta.listener]]\nname = "{name}"\naddress = "127.0.0.1"\nport = {other}\n'
        text += f"auth_required = {'true' if auth else 'false'}\n"
    return text


@steps
async def test_listeners_go_back(listeners: Listeners, step: str) -> None:
    first, second, third = free_port(), free_port(), free_port()
    installs = Installs(listeners)
    await installs.works(on(first))
    await installs.works(on(first, ("more", second, False)))
    await installs.fails(on(first, ("other", third, False)), step)
    assert [await said(port) for port in (first, second, third)] == ["smtp auth=False", "more auth=False", ""]
    await installs.fails(on(first, ("more", second, True)), step)
    assert await said(second) == "more auth=False"
    await installs.works(on(first, ("more", second, True)))
    assert await said(second) == "more auth=True"
    await installs.works(on(first))
    assert [await said(port) for port in (first, second, third)] == ["smtp auth=False", "", ""]


async def test_a_port_that_others_hold_stops_an_install_before_anything_changed(listeners: Listeners) -> None:
    first = free_port()
    installs = Installs(listeners)
    await installs.works(on(first))
    taken = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    outcome = await installs.install(on(port))
    assert isinstance(outcome, Broken)
    assert outcome.why.startswith("the listeners: ")
    assert str(port) in outcome.why
    assert await said(first) == "smtp auth=False"
    taken.close()


def test_no_connection_is_lost_while_a_listener_changes_its_ways(tmp_path: Path) -> None:
    """On the loop that Mailock runs on: that of asyncio forgets what it took just before a server closed."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(knock_while_installing(tmp_path))


async def knock_while_installing(folder: Path) -> None:
    port, main = free_port(), free_port()
    listeners = Listeners(greeting, some_tls(folder))
    installs = Installs(listeners)
    await installs.works(on(main, ("more", port, False)))
    stop = asyncio.Event()

    async def knock() -> list[str]:
        answers = []
        while not stop.is_set():
            answers.append(await asyncio.wait_for(said(port), 20))
        return answers

    knocking = [asyncio.create_task(knock()) for _ in range(4)]
    for round_ in range(10):
        await installs.works(on(main, ("more", port, round_ % 2 == 0)) + f"# {round_}\n")
        await asyncio.sleep(0.01)
    stop.set()
    answers = [answer for one in await asyncio.gather(*knocking) for answer in one]
    listeners.stop()
    assert set(answers) == {"more auth=True", "more auth=False"}
    assert len(answers) > 20

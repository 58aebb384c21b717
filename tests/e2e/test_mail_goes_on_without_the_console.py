"""Mail does not wait for the console: where its port is taken, or it dies, mail is carried; and it comes back."""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Callable

from tests.e2e.submitting import submit
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import LOOPBACK


def console_of(gateway: Mailock) -> list[int]:
    """The process of its console, found by its settings."""
    found = subprocess.run(
        ["pgrep", "-f", f"processes.console --config {gateway.config}"], capture_output=True, text=True
    )
    return [int(line) for line in found.stdout.split()]


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


async def until(done: Callable[[], bool], gateway: Mailock) -> None:
    """Waits for something."""
    for _ in range(400):
        if done():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(gateway.log()[-3000:])


async def test_mail_goes_on_without_the_console(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as server:
        with socket.socket() as taken:
            taken.bind((LOOPBACK, 0))
            taken.listen()
            port = taken.getsockname()[1]
            policy = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
            gateway = start_mailock(policy, node=f'[console]\nlisten = "{LOOPBACK}:{port}"\n', console=True)
            await until(lambda: "another program has it" in gateway.log(), gateway)
            await submit(gateway, "bob@dest.test")
            await server.arrived(1)
        await until(lambda: answers(port), gateway)
        (pid,) = console_of(gateway)
        os.kill(pid, signal.SIGKILL)
        await submit(gateway, "bob@dest.test")
        await server.arrived(2)
        await until(lambda: answers(port) and console_of(gateway) not in ([], [pid]), gateway)
        assert gateway.stop() == 0
        assert not answers(port)

"""A real crash of what looks at a message, twice: it is shunted, whole, a person is told, and other mail goes on. And
killed in the middle of looking, the gateway loses nothing and lets nothing pass that was not looked at.

The crash comes from outside, to the child of the jail that a rule without an end keeps busy: it aborts, as a library
does that finds its memory broken.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from mailock.testing.samples import EICAR
from tests.e2e.submitting import rows
from tests.e2e.test_what_is_dangerous_is_kept_and_the_rest_goes_on import message, send
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding

RULE = 'rule endless { strings: $a = "ENDLESS" condition: $a and for all i in (0..2000000000) : (i >= 0) }\n'
POLICY = """
[anti_spam]
enabled = false

[anti_virus]
rules = "{rules}"
rules_timeout = "8s"
"""


def children(pid: int) -> list[int]:
    """The processes that it started and that are there."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def worked(pid: int) -> int:
    """The processor time that it took, in clock ticks (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def jobs(gateway: Mailock) -> set[int]:
    """The children of the jail that look at a message now; a worker of the jail is two processes of mailflow's.

    A child that waits for its message has done nothing yet.
    """
    outer = children(gateway.mailflow())
    inner = (process for worker in outer for process in children(worker))
    return {job for process in inner for job in children(process) if worked(job) > 5}


async def busy(gateway: Mailock, but: set[int]) -> int:
    """Such a child, other than those, that has been there for a moment: an ordinary message is done by then."""
    for _ in range(300):
        found = jobs(gateway) - but
        await asyncio.sleep(0.4)
        if staying := found & jobs(gateway):
            return staying.pop()
    pytest.fail("nobody looks at the message")


async def gone(processes: set[int]) -> None:
    """Returns when they have ended, which their worker sees to as soon as nobody listens to it."""
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in processes):
            return
        await asyncio.sleep(0.1)
    pytest.fail("a child of the jail outlived the gateway")


@pytest.mark.timeout(180)
async def test_poison_is_set_aside_whole_and_mail_goes_on(
    tmp_path: Path, start_mailock: Callable[..., Mailock]
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "endless.yar").write_text(RULE)
    async with hop() as server:
        routes = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        gateway = await asyncio.to_thread(start_mailock, routes + POLICY.format(rules=tmp_path), engines=True)
        poison = message("poison", ("file.bin", b"ENDLESS"))
        await send(gateway, poison)
        first = await busy(gateway, set())
        os.kill(first, signal.SIGABRT)
        second = await busy(gateway, {first})
        # The other worker of the jail is free for other mail meanwhile.
        await send(gateway, message("meanwhile", ("a.txt", b"hello")))
        await server.arrived(1)
        os.kill(second, signal.SIGABRT)

        (record,) = await gateway.tracked("subject:poison", "hold")
        (row,) = await asyncio.to_thread(rows, gateway, "shunt")
        assert row["id"] == record["id"]
        assert "the jail died twice over it while yara looked at part 1.2" in row["reason"]
        assert "SIGABRT" in row["reason"]
        assert row["size"] == len(poison) and "could not be processed and is kept" in gateway.log()
        await send(gateway, message("after", ("a.txt", b"hello")))
        await gateway.tracked("subject:after", "delivered")

        # A person has it looked at again: this time nothing dies, and what was not seen is not let through.
        gateway.ask("shunt.retry", filter={"ids": [record["id"]]})
        await gateway.tracked("subject:poison", "quarantined")
    assert [one.content.count(b"ENDLESS") for one in server.taken] == [0, 0]


@pytest.mark.timeout(180)
async def test_killed_while_it_looks_it_looks_again_after_the_restart(
    tmp_path: Path, start_mailock: Callable[..., Mailock]
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "endless.yar").write_text(RULE)
    async with hop() as server:
        routes = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        gateway = await asyncio.to_thread(start_mailock, routes + POLICY.format(rules=tmp_path), engines=True)
        await send(gateway, message("interrupted", ("a.bin", b"ENDLESS"), ("b.com", EICAR)))
        await busy(gateway, set())
        before = jobs(gateway)
        gateway.kill()
        await gone(before)
        await asyncio.to_thread(gateway.start)
        (kept,) = await gateway.tracked("subject:interrupted", "quarantined")
        assert kept["verdict"] == "malicious"
    assert server.taken == []

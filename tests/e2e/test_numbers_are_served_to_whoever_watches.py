"""Numbers of the running program are read over HTTP, and they are those of what was sent through it."""

import re
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from tests.parts.hop import hop
from tests.parts.mailock import QUICK, UNSORTED, Mailock, forwarding
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.talk import talk

SAMPLE = re.compile(r"([a-z_]+)(?:\{([^}]*)\})? (-?[0-9.e+-]+)")


def scraped(port: int) -> dict[tuple[str, str], float]:
    """What is served, by name and labels."""
    with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        lines = answer.read().decode().splitlines()
    found = [SAMPLE.fullmatch(line) for line in lines if not line.startswith("#")]
    return {(one[1], one[2] or ""): float(one[3]) for one in found if one is not None}


async def test_what_was_sent_can_be_read_from_them(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    async with hop() as there:
        late = f"{LOOPBACK}:{free_port()}"
        rules = forwarding(("dest.test", str(there)), ("late.test", late), ("*", str(there), "outgoing"))
        node = f'metrics = "{LOOPBACK}:{port}"\n'
        gateway = start_mailock(rules + QUICK + UNSORTED, node=node, engines=True)
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("a@source.test", ["b@dest.test", "c@dest.test"])
            await client.message("a@source.test", ["b@late.test"])
            assert (await client.say("MAIL FROM:<a@source.test>")).code == 250
            assert (await client.say("RCPT TO:<x@elsewhere.test>")).code == 550
            await gateway.tracked("to:b@dest.test", "delivered")
            await gateway.tracked("to:b@late.test", "deferred")
            numbers = scraped(port)
            assert numbers["mailock_sessions", ""] == 1
    assert numbers["mailock_messages_accepted_total", 'direction="incoming"'] == 2
    assert numbers["mailock_recipients_accepted_total", ""] == 3
    assert numbers["mailock_delivery_outcomes_total", 'outcome="sent"'] == 2
    assert numbers["mailock_delivery_outcomes_total", 'outcome="deferred"'] >= 1
    assert numbers["mailock_verdicts_total", 'verdict="benign"'] == 2
    assert numbers["mailock_queue_pending_deliveries", ""] == 1
    assert numbers["mailock_queue_copies", 'stage="ready"'] == 1
    assert numbers["mailock_queue_oldest_seconds", ""] > 0
    assert numbers["mailock_open", ""] == 1
    assert numbers["mailock_log_lost_events", ""] == 0
    assert numbers["mailock_jail_jobs_total", 'task="examine",end="done"'] == 2
    assert numbers["mailock_jail_seconds_count", 'task="examine"'] == 2
    assert numbers["mailock_engine_seconds_count", 'engine="filetype"'] == 2
    assert numbers["mailock_examine_seconds_count", ""] == 2


def test_nothing_else_is_served_and_nothing_without_the_setting(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    gateway = start_mailock(forwarding(("*", "0.0.0.0")), node=f'metrics = "{LOOPBACK}:{port}"\n')
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://{LOOPBACK}:{port}/", timeout=10)
    assert gateway.stop() == 0
    without = start_mailock(forwarding(("*", "0.0.0.0")))
    with pytest.raises(urllib.error.URLError, match="refused"):
        scraped(port)
    assert without.stop() == 0


def test_a_port_that_is_taken_is_said(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    first = start_mailock(forwarding(("*", "0.0.0.0")), node=f'metrics = "{LOOPBACK}:{port}"\n')
    with pytest.raises(AssertionError, match=f"cannot listen on {LOOPBACK}:{port}: another program has it"):
        start_mailock(forwarding(("*", "0.0.0.0")), node=f'metrics = "{LOOPBACK}:{port}"\n')
    assert first.stop() == 0

"""On a machine whose gateway does not run, an administrator looks, holds, releases and deletes all the same."""

from collections.abc import Callable

from tests.e2e.submitting import rows, submit
from tests.parts.hop import HopSession, hop
from tests.parts.mailock import Mailock, forwarding


async def test_the_queue_is_in_reach_while_the_gateway_is_down(start_mailock: Callable[..., Mailock]) -> None:
    def answer(session: HopSession, line: str) -> str | None:
        return "451 4.7.1 come again" if busy and line.startswith("RCPT") else None

    busy = True
    async with hop(answer=answer) as server:
        gateway = start_mailock(forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")))
        for number in range(3):
            await submit(gateway, f"user{number}@dest.test")
        await gateway.tracked("to:dest.test", "deferred", count=3)
        assert gateway.stop() == 0

        ids = [row["id"] for row in rows(gateway, "queue")]
        assert len(ids) == 3
        gateway.run("queue", "hold", ids[0], "--reason", "not yet")
        gateway.run("queue", "delete", ids[1], "--reason", "not wanted")
        assert "--content" not in gateway.run("queue", "show", ids[2], "--content").stdout
        down = gateway.run("queue", "bounce", ids[2], "--reason", "r", code=3)
        assert "mailflow is down" in down.stderr
        assert rows(gateway, "quarantine") == rows(gateway, "shunt") == []

        busy = False
        gateway.start()
        gateway.run("queue", "flush", "--all", "--yes")
        (first,) = await server.arrived(1)
        assert first.rcpts == ("RCPT TO:<user2@dest.test>",)
        assert [row["id"] for row in rows(gateway, "queue")] == [ids[0]]
        gateway.run("queue", "release", ids[0])
        await server.arrived(2)
        await gateway.emptied()
    (deleted,) = await gateway.tracked(f"id:{ids[1]}", "discarded")
    assert deleted["recipients"][0]["reason"] == "not wanted"
    story = gateway.run("show", ids[2]).stdout
    assert "Its header was read by" in story

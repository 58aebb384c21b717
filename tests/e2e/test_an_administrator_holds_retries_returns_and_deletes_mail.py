"""An administrator looks into the queue of the running gateway, and what he orders happens."""

from collections.abc import Callable

from tests.e2e.submitting import rows, submit
from tests.parts.hop import HopSession, hop
from tests.parts.mailock import Mailock, forwarding

LATE = '[mta.delivery]\nretry_first = "1h"\nretry_jitter = 0\n'


async def test_an_administrator_holds_retries_returns_and_deletes_mail(
    start_mailock: Callable[..., Mailock],
) -> None:
    busy = True

    def answer(session: HopSession, line: str) -> str | None:
        return "451 4.7.1 come again" if busy and line.startswith("RCPT") else None

    async with hop(answer=answer) as server:
        gateway = start_mailock(LATE + forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")))
        for number in range(4):
            await submit(gateway, f"user{number}@dest.test", "other@dest.test", subject=f"number {number}")
        await gateway.tracked("to:dest.test", "deferred", count=4)
        listed = rows(gateway, "queue")
        assert [row["status"] for row in listed] == ["deferred"] * 4
        assert [row["reason"] for row in listed] == ["451 4.7.1 come again"] * 4
        ids = [str(row["id"]) for row in listed]

        gateway.run("queue", "hold", ids[0], "--reason", "to be looked at")
        assert [row["id"] for row in rows(gateway, "queue", "--status", "hold")] == [ids[0]]
        gateway.run("queue", "delete", ids[1], code=2)
        gateway.run("queue", "delete", ids[1], "--reason", "a test")
        gateway.run("queue", "delete", ids[1], "--reason", "a test", code=1)
        gateway.run("queue", "delete", "--all", "--reason", "a test", code=2)
        gateway.run("queue", "bounce", "--recipient", "user2@dest.test", "--reason", "has left the house", "--yes")
        busy = False
        gateway.run("queue", "flush", "dest.test")
        await server.arrived(3)
        gateway.run("queue", "release", ids[0])
        taken = await server.arrived(4)
        await gateway.emptied()

    rcpts = sorted(rcpt.partition("<")[2].partition(">")[0] for one in taken for rcpt in one.rcpts)
    assert rcpts == [
        "alice@source.test",
        "other@dest.test",
        "other@dest.test",
        "other@dest.test",
        "user0@dest.test",
        "user3@dest.test",
    ]
    (notice,) = [one for one in taken if "<>" in one.mail]
    assert b"has left the house" in notice.content
    (deleted,) = await gateway.tracked(f"id:{ids[1]}", "discarded")
    assert deleted["recipients"][0]["reason"] == "a test"
    story = gateway.run("show", ids[0], "-c", str(gateway.config)).stdout
    assert "to be looked at" in story

"""What could neither be delivered nor returned is kept, and goes on when an administrator lets it."""

from collections.abc import Callable

from tests.e2e.submitting import rows, submit
from tests.parts.hop import HopSession, hop
from tests.parts.mailock import Mailock, forwarding

SILENT = "[mta.delivery]\ndsn_rate = 1\n"


async def test_what_is_in_quarantine_is_released_to_its_recipient_and_to_others(
    start_mailock: Callable[..., Mailock],
) -> None:
    full = True

    def answer(session: HopSession, line: str) -> str | None:
        return "552 5.2.2 mailbox full" if full and line.startswith("RCPT TO:<user") else None

    async with hop(answer=answer) as server:
        gateway = start_mailock(SILENT + forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")))
        await submit(gateway, "user0@dest.test")
        await server.arrived(1)
        await submit(gateway, "user1@dest.test", subject="kept")
        await gateway.tracked("to:user1@dest.test", "quarantined")
        (row,) = rows(gateway, "quarantine")
        assert (row["class"], row["subject"], row["recipients"]) == ("undeliverable", "kept", ["user1@dest.test"])
        assert rows(gateway, "queue") == []
        assert "Subject: kept" in gateway.run("quarantine", "preview", row["id"]).stdout

        full = False
        gateway.run("quarantine", "release", row["id"], "--to", "boss@dest.test", "--reason", "to be read")
        copy = (await server.arrived(2))[-1]
        assert (copy.mail.split()[1], copy.rcpts) == ("FROM:<>", ("RCPT TO:<boss@dest.test>",))
        assert b"Subject: kept\r\n" in copy.content
        assert len(rows(gateway, "quarantine")) == 1

        gateway.run("quarantine", "release", row["id"])
        gateway.run("quarantine", "release", row["id"], code=1)
        released = (await server.arrived(3))[-1]
        assert released.rcpts == ("RCPT TO:<user1@dest.test>",)
        assert released.content == copy.content
        await gateway.emptied()
    assert len(server.taken) == 3
    (record,) = await gateway.tracked(f"id:{row['id']}", "delivered")
    assert record["size"] > 0

"""No backscatter: nothing to the null sender or about our own mail, and few notices to domains that prove nothing."""

import json
from collections.abc import Callable

from tests.parts.hop import HopSession, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.talk import talk


def refuse(session: HopSession, line: str) -> str | None:
    """Nobody is here."""
    return "550 5.1.1 nobody here" if line.startswith("RCPT") else None


async def test_the_null_sender_and_our_own_mail_are_never_answered(start_mailock: Callable[..., Mailock]) -> None:
    async with hop(answer=refuse) as there:
        gateway = start_mailock(forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")))
        async with talk(gateway.address) as client:
            await client.hello()
            assert (await client.message("", ["b@dest.test"])).code == 250
            # Its notice is refused as well, and that is the end of it.
            assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
        await gateway.emptied()
        mails = [line for session in there.sessions for line in session.commands if line.startswith("MAIL")]
        assert sorted(line.split(" SIZE")[0] for line in mails) == [
            "MAIL FROM:<>",
            "MAIL FROM:<>",
            "MAIL FROM:<a@source.test>",
        ]
        records = await gateway.tracked("", "bounced", count=3)
        assert sorted(str(one["own"]) for one in records) == ["None", "None", "dsn"]


async def test_over_the_rate_of_a_domain_failed_mail_is_kept_and_somebody_is_told(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop(answer=refuse) as there, hop() as back:
        gateway = start_mailock(
            '[mta]\ninterfaces = ["127.0.0.1"]\nport = {port}\ninternal_networks = ["127.0.0.2"]\n'
            + forwarding(("dest.test", str(there)), ("*", str(back), "outgoing"))
            + '[mta.delivery]\ndsn_rate = 2\n[alerts]\nmail_to = ["boss@admin.test"]\n'
        )
        async with talk(gateway.address) as client:
            await client.hello()
            for number in range(4):
                await client.message(f"victim{number}@forged.test", ["b@dest.test"])
            await client.message("a@other.test", ["b@dest.test"])
        # One of ours is known to have sent it, so he is told each time.
        async with talk(gateway.address, source="127.0.0.2") as client:
            await client.hello()
            for _ in range(3):
                await client.message("user@forged.test", ["b@dest.test"])
        kept = await gateway.tracked("status:quarantined", count=2)
        assert {one["quarantine_class"] for one in kept} == {"undeliverable"}
        assert all(one["sender"].startswith("victim") for one in kept)
        await back.arrived(6 + 2)
        told = sorted(taken.rcpts[0] for taken in back.taken if b"Action: failed" in taken.content)
        assert told[:1] == ["RCPT TO:<a@other.test>"]
        assert told[1:4] == ["RCPT TO:<user@forged.test>"] * 3
        assert [one[:16] for one in told[4:]] == ["RCPT TO:<victim0", "RCPT TO:<victim1"] or len(told[4:]) == 2
        alerts = [taken for taken in back.taken if taken.rcpts == ("RCPT TO:<boss@admin.test>",)]
        assert len(alerts) == 2
        assert all(b"can neither be delivered nor returned" in one.content.replace(b"=\r\n", b"") for one in alerts)
        rows = gateway.run("quarantine", "list", "--json").stdout.splitlines()
        assert {json.loads(row)["class"] for row in rows} == {"undeliverable"}
        assert len(rows) == 2

"""Whom one of ours wrote to is known from then on: a stranger with that name who changes an account is phishing."""

from collections.abc import Callable

from tests.e2e.submitting import rows
from tests.parts.hop import hop
from tests.parts.mailock import UNASKED, UNDELAYED, Mailock, forwarding
from tests.parts.talk import talk

INSIDE = "127.0.0.2"
MTA = f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {{port}}\ninternal_networks = ["{INSIDE}"]\n'
ON = UNASKED + UNDELAYED + '\n[anti_spam]\nenabled = true\n[anti_spam.phishing]\naction = "quarantine"\n'
ORDER = (
    "From: Anna <anna@dest.test>\r\nTo: Petra Klein <petra@lieferant.de>\r\nSubject: Order\r\n\r\n"
    "Ten boxes, please.\r\n"
)
CHANGE = (
    "From: Petra Klein <petra.klein@lieferant-gmbh.de>\r\nTo: anna@dest.test\r\nSubject: Invoice 4471\r\n"
    "Message-ID: <{0}@lieferant-gmbh.de>\r\n\r\nHi Anna, our bank details have changed. Please use the new bank account"
    " for invoice 4471.\r\nPetra\r\n"
)


async def test_a_stranger_with_the_name_of_a_correspondent_is_found_out(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as server:
        gateway = start_mailock(MTA + forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")) + ON)

        async def send(sender: str, to: str, text: str, source: str) -> None:
            async with talk(gateway.address, source=source) as client:
                await client.hello()
                said = await client.message(sender, (to,), text.encode())
                assert said.code == 250, said

        await send("petra.klein@lieferant-gmbh.de", "anna@dest.test", CHANGE.format("before"), "127.0.0.1")
        await server.arrived(1)
        await send("anna@dest.test", "petra@lieferant.de", ORDER, INSIDE)
        await server.arrived(2)
        await send("petra.klein@lieferant-gmbh.de", "anna@dest.test", CHANGE.format("after"), "127.0.0.1")
        await gateway.tracked("to:anna@dest.test", "quarantined")
        (row,) = rows(gateway, "quarantine")
        assert row["class"] == "phishing"

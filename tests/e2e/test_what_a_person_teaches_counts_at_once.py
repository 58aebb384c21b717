"""What people say is wanted or not is learnt by the running gateway and by `scan`, without a restart, and can be taken
back.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.submitting import rows
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.talk import talk

ON = '\n[anti_spam]\nenabled = true\n[anti_spam.spam]\naction = "quarantine"\n'
OFFER = (
    "From: Lucky Prize <win@prize.test>\r\nTo: you@dest.test\r\nSubject: You have WON!!!\r\n"
    "Message-ID: <{0}@prize.test>\r\n\r\nDear friend, congratulations! Claim your lottery prize of 1,000,000 USD "
    "now at http://198.51.100.7/claim and send your bank account. Act now!!! {0}\r\n"
)
LETTER = "From: Ann <ann@source.test>\r\nTo: you@dest.test\r\nSubject: noon\r\n\r\nShall we meet at noon, Bob?\r\n"


def scanned(gateway: Mailock, file: Path) -> dict[str, Any]:
    done = gateway.run("scan", "--json", "-c", str(gateway.config), str(file), code=None)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def test_what_a_person_teaches_counts_at_once(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as server:
        gateway = start_mailock(ON + forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")))

        async def send(text: str) -> None:
            async with talk(gateway.address) as client:
                await client.hello()
                said = await client.message("win@prize.test", ("you@dest.test",), text.encode())
                assert said.code == 250, said

        await send(OFFER.format("first"))
        (record,) = await gateway.tracked("to:you@dest.test", "quarantined")
        (row,) = rows(gateway, "quarantine")
        assert row["class"] == "spam"
        told = gateway.run("quarantine", "report", row["id"], "--json").stdout
        assert json.loads(told)["outcome"] == "learnt"
        assert "Reported as wanted" in gateway.run("show", record["id"]).stdout
        await send(OFFER.format("second"))
        (taken,) = await server.arrived(1)
        assert b"second" in taken.content

        letter = gateway.folder / "letter.eml"
        letter.write_bytes(LETTER.encode())
        before = scanned(gateway, letter)
        gateway.run("learn", "spam", str(letter))
        after = scanned(gateway, letter)
        assert after["score"] > before["score"] + 3
        assert [one["kind"] for one in after["findings"]].count("spam.learnt") == 1
        gateway.run("learn", "forget", str(letter))
        assert abs(scanned(gateway, letter)["score"] - before["score"]) < 0.1

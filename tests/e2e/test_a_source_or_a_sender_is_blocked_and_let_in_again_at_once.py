"""An entry of a list counts on the running gateway at once, is told in the log, and ends when it is taken out."""

import json
from collections.abc import Callable

import pytest

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.swaks import swaks
from tests.parts.talk import talk

TENANT = '[virtual_system.acme]\ndomains = ["acme.test"]\n[[virtual_system.acme.mta.forwarding]]\n'


@pytest.mark.timeout(120)
async def test_a_source_or_a_sender_is_blocked_and_let_in_again_at_once(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as server:
        rules = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        tenant = TENANT + f'domain = "acme.test"\nnext_hop = "{server}"\n[[virtual_system.acme.mta.forwarding]]\n'
        tenant += f'direction = "outgoing"\ndomain = "*"\nnext_hop = "{server}"\n'
        written = '[[list.block]]\nwhat = ["*.pest.test"]\nbecause = "ticket 7"\n'
        gateway = start_mailock(rules + tenant + written)

        def act(*words: str) -> str:
            return gateway.run("list", *words, "-c", str(gateway.config)).stdout

        assert (await swaks(gateway.address, sender="a@mail.pest.test")).exit_code == 23
        added = json.loads(act("block", "add", "127.0.0.0/24", "--reason", "attack", "--for", "2h", "--json"))
        assert (added["what"], added["because"]) == ("127.0.0.0/24", "attack")
        refused = await swaks(gateway.address)
        assert not refused.ok
        assert any(line.startswith("554 5.7.1") and "(ref " in line for line in refused.replies), refused.transcript
        (record, *_) = await gateway.tracked("status:rejected ip:127.0.0.1", count=2)
        assert "attack" in record["reason"]
        gateway.ask("list.add", effect="allow", what="127.0.0.1", reason="it is ours")
        assert (await swaks(gateway.address)).ok
        gateway.ask("list.remove", effect="allow", what="127.0.0.1")
        gateway.ask("list.remove", effect="block", what="127.0.0.0/24")
        assert (await swaks(gateway.address)).ok

        gateway.ask("list.add", effect="block", what="sender@source.test", system="acme")
        async with talk(gateway.address) as client:
            await client.hello()
            taken = await client.envelope("sender@source.test", "user@dest.test", "user@acme.test")
            assert [said.code for said in taken] == [250, 550]

        gateway.kill()
        act("block", "add", "192.0.2.7")
        gateway.start()
        listed = [row["what"] for row in gateway.ask("list.list", effect="block")["entries"]]
        assert listed == ["sender@source.test", "192.0.2.7", "*.pest.test"]
        gateway.run("list", "check", "192.0.2.7", "-c", str(gateway.config), code=1)

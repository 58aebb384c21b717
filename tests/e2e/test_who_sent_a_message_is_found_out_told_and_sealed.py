"""Mail from outside: who sent it is asked of the DNS and told in a field of ours; one that pretends to be ours is taken
out, and then the message is sealed. What was not changed keeps its sender's signature.
"""

import json
from collections.abc import Callable

import dkim  # type: ignore[import-untyped]  # dkimpy ships no types

from mailock.core.authentication.fields import Split, split
from tests.parts.dns_server import DnsServer
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import LOOPBACK
from tests.parts.signing import key, signed
from tests.parts.talk import talk

PARTNER = key("partner.test", bits=2048)
OURS = "Authentication-Results: mx.gateway.test;"
ASKED = "\n[authentication]\nenabled = true\n"


def message(subject: str, *fields: str) -> bytes:
    """A message that the partner signed; `fields` were put on top by somebody."""
    head = f"From: Ann <ann@partner.test>\r\nTo: user@dest.test\r\nSubject: {subject}\r\n\r\nHello.\r\n"
    return "".join(f"{field}\r\n" for field in fields).encode() + signed(head.encode(), PARTNER)


def values(arrived: Split, name: str) -> list[str]:
    """The fields of a name, each on one line."""
    return [" ".join(field.value.decode().split()) for field in arrived.fields if field.lower == name.lower()]


async def test_who_sent_a_message_is_found_out_told_and_sealed(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    dns_parts.zone.txt("partner.test", f"v=spf1 ip4:{LOOPBACK} -all").txt(PARTNER.name, PARTNER.record)
    dns_parts.zone.txt("_dmarc.partner.test", "v=DMARC1; p=reject")
    dns_parts.publish()
    node = f'resolvers = ["{dns_parts.address[0]}:{dns_parts.address[1]}"]\n'
    async with hop() as server:
        routes = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        gateway = start_mailock(routes + ASKED, engines=True, node=node)
        gateway.run("key", "generate", "gateway.test", "-c", str(gateway.config))
        made = gateway.run("key", "rotate", "gateway.test", "--force", "--json", "-c", str(gateway.config))
        records = {json.loads(made.stdout)["name"]: json.loads(made.stdout)["record"], PARTNER.name: PARTNER.record}

        def txt(name: bytes, timeout: int = 5) -> bytes:
            return str(records[name.decode().rstrip(".")]).encode()

        async with talk(gateway.address) as client:
            await client.hello()
            for content in (
                message("plain"),
                message("forged", f"{OURS} dmarc=pass header.from=bank.test"),
                b"From: ceo@bank.test\r\n" + message("two"),
            ):
                assert (await client.message("ann@partner.test", ["user@dest.test"], content)).code == 250
        arrived = {one.content.partition(b"Subject: ")[2][:4]: one.content for one in await server.arrived(2)}

        plain = arrived[b"plai"]
        (told,) = values(split(plain), "Authentication-Results")
        assert told.startswith("mx.gateway.test; spf=pass ")
        assert "dkim=pass (2048-bit key) header.d=partner.test" in told
        assert "dmarc=pass (p=reject) header.from=partner.test" in told
        assert values(split(plain), "ARC-Seal") == []
        assert dkim.verify(plain, dnsfunc=txt)

        forged = arrived[b"forg"]
        (only,) = values(split(forged), "Authentication-Results")
        assert "bank.test" not in only
        assert forged.startswith(b"ARC-Seal: ")
        assert dkim.arc_verify(forged, dnsfunc=txt)[0] == b"pass"
        assert dkim.verify(forged, dnsfunc=txt)

        (record,) = await gateway.tracked("subject:two", "quarantined")
        shown = json.loads(gateway.run("show", record["id"], "--json", "-c", str(gateway.config)).stdout)
        assert shown["scan"]["auth"]["header_from"] == ["ceo@bank.test", "ann@partner.test"]
        assert shown["scan"]["auth"]["dmarc"]["result"] == "fail"

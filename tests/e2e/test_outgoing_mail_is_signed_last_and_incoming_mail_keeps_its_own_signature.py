"""Mail from inside is signed with all keys of its author's domain, whether or not it was changed, and so is our own.

The judge is dkimpy, which we did not write. Mail from outside that nobody changes leaves with its sender's signature.
"""

import json
from collections.abc import Callable

import dkim  # type: ignore[import-untyped]  # dkimpy ships no types

from tests.parts.dns_server import DnsServer
from tests.parts.hop import hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.signing import key, signed
from tests.parts.talk import talk

INSIDE, OUTSIDE, OTHERS = "127.0.0.2", "127.0.0.3", "127.0.0.4"
MTA = f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {{port}}\ninternal_networks = ["{INSIDE}", "{OTHERS}"]\n'
RULES = """
[mta.delivery]
retry_first = "1s"
[[rule]]
name = "tag"
when = { direction = "outgoing", subject = "TAG" }
then = { header = "X-From-Us" }
"""
ONLY = f'[[authentication.signing.only]]\ndomains = ["ours.test"]\nnetworks = ["{INSIDE}"]\n'
PARTNER = key("partner.test", bits=2048)
HEAD = b"From: Ann <ann@mail.ours.test>\r\nTo: bob@far.test\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"


def keys(gateway: Mailock, domain: str) -> dict[str, str]:
    """Makes a key of each kind, takes both into use, and gives the records to publish."""
    records = {}
    for algorithm in ("rsa", "ed25519"):
        gateway.run("key", "generate", domain, "--algorithm", algorithm, "-c", str(gateway.config))
        made = gateway.run(
            "key", "rotate", domain, "--algorithm", algorithm, "--force", "--json", "-c", str(gateway.config)
        )
        told = json.loads(made.stdout)
        records[told["name"]] = told["record"]
    return records


def holding(content: bytes, records: dict[str, str]) -> list[bool]:
    """Whether each signature of a message holds, from the top."""

    def txt(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode().rstrip(".")].encode()

    checker = dkim.DKIM(content)
    count = sum(line.lower().startswith(b"dkim-signature:") for line in content.split(b"\r\n"))
    return [checker.verify(idx=number, dnsfunc=txt) for number in range(count)]


async def test_outgoing_mail_is_signed_last_and_incoming_mail_keeps_its_own_signature(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as there:
        routes = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        gateway = start_mailock(MTA + routes + RULES + ONLY)
        records = keys(gateway, "ours.test") | keys(gateway, "gateway.test") | {PARTNER.name: PARTNER.record}
        async with talk(gateway.address, source=INSIDE) as client:
            await client.hello()
            for subject in (b"plain", b"TAG this"):
                content = HEAD + b"Subject: " + subject + b"\r\n\r\nHello.\r\n \r\n\r\n"
                assert (await client.message("ann@ours.test", ["bob@far.test"], content)).code == 250
            foreign = b"From: x@elsewhere.test\r\nSubject: foreign\r\n\r\nHello.\r\n"
            assert (await client.message("x@elsewhere.test", ["bob@far.test"], foreign)).code == 250
        # From inside, and not from those for whom the domain is kept.
        async with talk(gateway.address, source=OTHERS) as client:
            await client.hello()
            content = HEAD + b"Subject: other\r\n\r\nHello.\r\n"
            assert (await client.message("ann@ours.test", ["bob@far.test"], content)).code == 250
        partner = signed(b"From: p@partner.test\r\nSubject: theirs\r\n\r\nHello.  \r\n", PARTNER)
        async with talk(gateway.address, source=OUTSIDE) as client:
            await client.hello()
            assert (await client.message("p@partner.test", ["u@dest.test"], partner)).code == 250
        arrived = {one.content.partition(b"Subject: ")[2][:5]: one.content for one in await there.arrived(5)}

        for subject in (b"plain", b"TAG t"):
            content = arrived[subject]
            assert content.startswith(b"DKIM-Signature: ")
            assert (content.count(b"a=rsa-sha256"), content.count(b"a=ed25519-sha256")) == (1, 1)
            assert content.count(b"d=ours.test") == 2
            assert holding(content, records) == [True, True]
            # From is named once more than it stands there: a second one breaks the signature.
            assert not any(holding(b"From: ceo@bank.test\r\n" + content, records))
        assert b"X-From-Us: yes" in arrived[b"TAG t"]
        assert b"DKIM-Signature" not in arrived[b"forei"]
        assert b"DKIM-Signature" not in arrived[b"other"]
        # The trace is ours; what came is there byte for byte.
        assert arrived[b"their"].endswith(partner)
        assert holding(arrived[b"their"], records) == [True]


async def test_our_own_mail_is_signed_too(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        there.answer = lambda session, line: "550 5.1.1 no such user" if "bob@far.test" in line else None
        routes = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        gateway = start_mailock(MTA + routes + QUICK)
        records = keys(gateway, "gateway.test")
        async with talk(gateway.address, source=INSIDE) as client:
            await client.hello()
            assert (await client.message("ann@ours.test", ["bob@far.test"], HEAD + b"\r\nHello.\r\n")).code == 250
        (notice,) = await there.arrived()
        assert notice.mail.startswith("MAIL FROM:<>")
        assert b"d=gateway.test" in notice.content
        assert holding(notice.content, records) == [True, True]


async def test_signing_can_be_switched_off(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        routes = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        off = "\n[authentication]\nenabled = false\n[authentication.signing]\nenabled = false\n"
        gateway = start_mailock(MTA + routes + off)
        keys(gateway, "ours.test")
        async with talk(gateway.address, source=INSIDE) as client:
            await client.hello()
            assert (await client.message("ann@ours.test", ["bob@far.test"], HEAD + b"\r\nHello.\r\n")).code == 250
        (taken,) = await there.arrived()
        assert b"DKIM-Signature" not in taken.content


async def test_a_key_signs_once_its_record_is_published_and_the_old_one_stays_for_a_while(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    node = f'resolvers = ["{dns_parts.address[0]}:{dns_parts.address[1]}"]\n'
    gateway = start_mailock(MTA + forwarding(("*", "mx:", "outgoing")), node=node, start=False)
    config = ("--json", "-c", str(gateway.config))
    first = json.loads(gateway.run("key", "generate", "ours.test", *config).stdout)
    assert first["state"] == "waiting"
    unpublished = gateway.run("key", "rotate", "ours.test", *config, code=1)
    assert json.loads(unpublished.stdout)["record"] == first["record"]
    dns_parts.zone.txt(first["name"], first["record"])
    dns_parts.publish()
    assert json.loads(gateway.run("key", "rotate", "ours.test", *config).stdout)["state"] == "active"
    second = json.loads(gateway.run("key", "rotate", "ours.test", *config).stdout)
    assert second["state"] == "waiting"
    dns_parts.zone.txt(second["name"], second["record"])
    dns_parts.publish()
    gateway.run("key", "rotate", "ours.test", *config)
    listed = gateway.run("key", "list", *config).stdout
    states = {one["selector"]: one["state"] for one in map(json.loads, listed.splitlines())}
    assert states == {first["selector"]: "retired", second["selector"]: "active"}

"""`mx:` asks DNS for the servers of the recipient's domain: by preference, implicit, null, and never ourselves."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.parts.dns_server import DnsServer
from tests.parts.hop import Hop, hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk

MTA = '[mta]\ninterfaces = ["127.0.0.1"]\nport = {port}\ninternal_networks = ["127.0.0.2"]\n'


async def send(gateway: Mailock, *domains: str) -> None:
    async with talk(gateway.address, source="127.0.0.2") as client:
        await client.hello()
        for domain in domains:
            assert (await client.message("a@ours.test", [f"b@{domain}"])).code == 250


async def test_the_records_decide(start_mailock: Callable[..., Mailock], dns_parts: DnsServer) -> None:
    port = free_port()
    async with AsyncExitStack() as ending:
        first, second, plain = [
            await ending.enter_async_context(hop(host=f"127.0.0.{n}", port=port)) for n in (11, 12, 13)
        ]
        inside: Hop = await ending.enter_async_context(hop())
        zone = dns_parts.zone
        zone.mx("pref.test", "mx2.far.test", 20).mx("pref.test", "mx1.far.test", 10)
        zone.mx("down.test", "gone.far.test", 10).mx("down.test", "mx2.far.test", 20)
        zone.a("mx1.far.test", first.host).a("mx2.far.test", second.host).a("gone.far.test", "127.0.0.14")
        zone.a("implicit.test", plain.host)
        zone.mx("null.test", ".", 0).a("null.test", plain.host)
        zone.mx("nowhere.test", "nobody.far.test")
        dns_parts.publish()
        rules = forwarding(("ours.test", str(inside)), ("*", f"mx::{port}", "outgoing"))
        gateway = start_mailock(MTA + rules + QUICK, node=f'resolvers = ["127.0.0.1:{dns_parts.port}"]\n')

        await send(gateway, "pref.test", "down.test", "implicit.test", "null.test", "nowhere.test", "missing.test")
        await gateway.emptied()

        def taken(one: Hop) -> set[str]:
            return {rcpt for message in one.taken for rcpt in message.rcpts}

        assert taken(first) == {"RCPT TO:<b@pref.test>"}
        assert taken(second) == {"RCPT TO:<b@down.test>"}
        assert taken(plain) == {"RCPT TO:<b@implicit.test>"}
        # The other three can go nowhere, and their sender, who is internal, is told at once.
        notices = {line.split(b"@")[1]: one.content for one in inside.taken for line in finals(one.content)}
        assert b"Status: 5.1.10\r\n" in notices[b"null.test"]
        assert b"Status: 5.4.4\r\n" in notices[b"nowhere.test"]
        assert b"Status: 5.1.2\r\n" in notices[b"missing.test"]
        assert len(inside.taken) == 3
        assert not any(session.commands for session in plain.sessions[1:])


def finals(notice: bytes) -> list[bytes]:
    return [line for line in notice.split(b"\r\n") if line.startswith(b"Final-Recipient:")]


async def test_a_dns_that_cannot_be_asked_is_no_answer(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    dns_parts.zone.fail("broken.test")
    dns_parts.publish()
    port = free_port()
    async with hop(host="127.0.0.11", port=port) as server:
        rules = forwarding(("ours.test", str(server)), ("*", f"mx::{port}", "outgoing"))
        gateway = start_mailock(MTA + rules + QUICK, node=f'resolvers = ["127.0.0.1:{dns_parts.port}"]\n')
        await send(gateway, "broken.test")
        (record,) = await gateway.tracked("to:b@broken.test", "deferred")
        assert "DNS could not be asked" in record["reason"]
        dns_parts.zone.failing.clear()
        dns_parts.zone.mx("broken.test", "mx.far.test").a("mx.far.test", server.host)
        dns_parts.publish()
        await server.arrived()
        await gateway.emptied()


async def test_we_are_never_our_own_next_hop(start_mailock: Callable[..., Mailock], dns_parts: DnsServer) -> None:
    port = free_port()
    async with hop(host="127.0.0.11", port=port) as better, hop() as inside:
        zone = dns_parts.zone
        # By address, by name, and where only servers that are less preferred than we are would be left.
        zone.mx("loop.test", "us.far.test", 10).mx("loop.test", "worse.far.test", 20)
        zone.a("us.far.test", "127.0.0.1").a("worse.far.test", better.host)
        zone.mx("name.test", "mx.gateway.test").a("mx.gateway.test", "192.0.2.99")
        zone.mx("backup.test", "us.far.test", 20).mx("backup.test", "better.far.test", 10)
        zone.a("better.far.test", better.host)
        dns_parts.publish()
        rules = forwarding(("ours.test", str(inside)), ("*", f"mx::{port}", "outgoing"))
        # Where it listens everywhere, each address of the machine is its own.
        mta = f'[mta]\nport = {port}\ninterfaces = ["127.0.0.1", "127.0.0.5"]\ninternal_networks = ["127.0.0.2"]\n'
        gateway = start_mailock(mta + rules + QUICK, node=f'resolvers = ["127.0.0.1:{dns_parts.port}"]\n')
        gateway.port = port
        await send(gateway, "loop.test", "name.test", "backup.test")
        await gateway.emptied()
        assert [taken.rcpts for taken in better.taken] == [("RCPT TO:<b@backup.test>",)]
        notices = [one.content for one in inside.taken]
        assert len(notices) == 2
        assert all(b"Status: 5.4.6\r\n" in notice for notice in notices)


async def test_listening_everywhere_means_every_address_is_ours(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    port = free_port()
    async with hop() as inside:
        dns_parts.zone.mx("loop.test", "us.far.test").a("us.far.test", "127.0.0.1")
        dns_parts.publish()
        rules = forwarding(("ours.test", str(inside)), ("*", f"mx::{port}", "outgoing"))
        mta = f'[mta]\nport = {port}\ninterfaces = "all"\ninternal_networks = ["127.0.0.2"]\n'
        gateway = start_mailock(mta + rules + QUICK, node=f'resolvers = ["127.0.0.1:{dns_parts.port}"]\n')
        gateway.port = port
        await send(gateway, "loop.test")
        (notice,) = await inside.arrived()
        assert b"Status: 5.4.6\r\n" in notice.content
        assert b"Received:" not in notice.content.partition(b"message/rfc822")[2].partition(b"\r\n\r\n")[2]

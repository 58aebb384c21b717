"""Links in the clear: what arrives, what leaves, and how they end."""

import asyncio
import socket
import struct

import pytest

from mailock.net import link as link_module
from mailock.net.dialer import NetDialer
from mailock.net.link import HIGH_WATER
from mailock.net.listener import Listener
from mailock.net.peers import plain_ip
from mailock.ports.transport import Peer
from tests.contract.net.parties import HERE, Party, station


def echo(party: Party, data: bytes) -> None:
    party.link.write(data)


async def test_what_is_written_arrives_and_an_orderly_end_gives_no_reason() -> None:
    async with station(lambda: Party(echo)) as server:
        client = Party()
        await NetDialer().dial(server.target(), client, seconds=5)
        client.link.write(b"EHLO a\r\n")
        await client.until(lambda party: party.heard == b"EHLO a\r\n")
        client.link.close()
        assert await client.until_lost() == ""
        accepted = await server.party()
        assert await accepted.until_lost() == ""
        assert accepted.events == ["connected", "received", "ended", "lost"]
        assert client.peer is not None
        assert accepted.peer == Peer(ip=HERE, port=client.peer.local_port, local_ip=HERE, local_port=client.peer.port)


async def test_a_peer_that_closed_its_sending_side_still_gets_the_answer_owed() -> None:
    async with station(lambda: Party(owes=True)) as server:
        reader, writer = await asyncio.open_connection(HERE, server.port)
        writer.write(b"DATA that ends here")
        writer.write_eof()
        accepted = await server.party()
        await accepted.until(lambda party: "ended" in party.events)
        await asyncio.sleep(0.05)
        assert accepted.why is None
        accepted.link.write(b"250 kept\r\n")
        accepted.link.close()
        assert await asyncio.wait_for(reader.read(), 5) == b"250 kept\r\n"
        assert accepted.events == ["connected", "received", "ended", "lost"]
        writer.close()


async def test_a_half_closed_link_closes_when_the_last_answer_is_given() -> None:
    async with station(lambda: Party(owes=True)) as server:
        reader, writer = await asyncio.open_connection(HERE, server.port)
        writer.write_eof()
        accepted = await server.party()
        await accepted.until(lambda party: "ended" in party.events)
        accepted.link.write(b"354 first\r\n")
        await asyncio.sleep(0.05)
        accepted.owes = False
        accepted.link.write(b"250 last\r\n")
        assert await asyncio.wait_for(reader.read(), 5) == b"354 first\r\n250 last\r\n"
        assert await accepted.until_lost() == ""
        writer.close()


async def test_nothing_is_received_while_paused_and_all_of_it_afterwards() -> None:
    async with station() as server:
        client = Party()
        await NetDialer().dial(server.target(), client, seconds=5)
        accepted = await server.party()
        accepted.link.pause()
        client.link.write(b"one")
        await asyncio.sleep(0.1)
        assert accepted.heard == b""
        client.link.write(b"two")
        client.link.close()
        await asyncio.sleep(0.1)
        assert accepted.events == ["connected"]
        accepted.link.resume()
        await accepted.until_lost()
        assert accepted.heard == b"onetwo"
        assert accepted.events == ["connected", "received", "ended", "lost"]


async def test_a_slow_reader_bounds_the_backlog_and_drained_waits_for_him() -> None:
    piece, total = b"x" * 65_536, 32 * 1024 * 1024
    async with station() as server:
        client = Party()
        await NetDialer().dial(server.target(), client, seconds=5)
        client.link.pause()
        accepted = await server.party()
        highest = 0

        async def pour() -> None:
            nonlocal highest
            for _ in range(total // len(piece)):
                accepted.link.write(piece)
                highest = max(highest, accepted.link.backlog)
                await accepted.link.drained()
            accepted.link.close()

        pouring = asyncio.create_task(pour())
        await asyncio.sleep(0.3)
        assert not pouring.done()
        client.link.resume()
        await asyncio.wait_for(pouring, 30)
        await client.until(lambda party: party.why == "", seconds=10)
        assert len(client.heard) == total
        assert highest <= HIGH_WATER + 2 * len(piece)


async def test_drained_returns_when_the_connection_is_lost() -> None:
    async with station() as server:
        client = Party()
        await NetDialer().dial(server.target(), client, seconds=5)
        client.link.pause()
        accepted = await server.party()
        accepted.link.write(b"x" * 16_000_000)
        await asyncio.sleep(0)
        waiting = [asyncio.ensure_future(accepted.link.drained()) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert not any(one.done() for one in waiting)
        client.link.abort()
        await asyncio.wait_for(asyncio.gather(*waiting), 5)
        await accepted.until_lost()
        assert accepted.link.backlog == 0


async def test_close_sends_what_was_written_before() -> None:
    async with station() as server:
        reader, writer = await asyncio.open_connection(HERE, server.port)
        accepted = await server.party()
        accepted.link.write(b"y" * 3_000_000)
        accepted.link.close()
        accepted.link.write(b"after the end")
        assert len(await asyncio.wait_for(reader.read(), 10)) == 3_000_000
        writer.close()


def sends_all_then_reads(port: int) -> bytes:
    """A client that looks for an answer only when it has sent eight megabytes."""
    with socket.create_connection((HERE, port), timeout=10) as raw:
        raw.sendall(b"x" * 8_000_000)
        raw.shutdown(socket.SHUT_WR)
        return raw.recv(1000)


async def test_an_answer_in_the_middle_of_what_the_peer_sends_still_reaches_him() -> None:
    def refuses(party: Party, data: bytes) -> None:
        party.link.write(b"552 too much\r\n")
        party.link.pause()
        party.link.close()

    async with station(lambda: Party(refuses)) as server:
        assert await asyncio.to_thread(sends_all_then_reads, server.port) == b"552 too much\r\n"
        accepted = await server.party()
        assert await accepted.until_lost() == ""
        assert accepted.events == ["connected", "received", "lost"]


async def test_a_peer_that_never_reads_cannot_hold_a_closed_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "FLUSH_SECONDS", 0.2)
    async with station() as server:
        with socket.create_connection((HERE, server.port)):
            accepted = await server.party()
            accepted.link.write(b"z" * 32_000_000)
            accepted.link.close()
            await accepted.until_lost()


async def test_a_reset_is_told_in_words() -> None:
    async with station() as server:
        raw = socket.create_connection((HERE, server.port))
        accepted = await server.party()
        await accepted.until(lambda party: "connected" in party.events)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()
        assert await accepted.until_lost() == "the peer reset the connection"


async def test_who_is_not_admitted_hears_why_and_no_conversation_is_made() -> None:
    async with station(lambda: b"421 4.7.0 too many connections\r\n") as server:
        reader, writer = await asyncio.open_connection(HERE, server.port)
        assert await asyncio.wait_for(reader.read(), 5) == b"421 4.7.0 too many connections\r\n"
        writer.close()
        assert server.parties == []


async def test_a_stopped_listener_refuses_new_peers_and_keeps_those_it_has() -> None:
    async with station(lambda: Party(echo)) as server:
        client = Party()
        await NetDialer().dial(server.target(), client, seconds=5)
        await server.party()
        server.listener.stop()
        with pytest.raises(OSError, match="refused"):
            await NetDialer().dial(server.target(), Party(), seconds=5)
        client.link.write(b"still here")
        await client.until(lambda party: party.heard == b"still here")
        client.link.close()


async def test_an_ipv4_peer_of_a_dual_stack_socket_is_shown_as_ipv4() -> None:
    both = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    accepted = Party()

    def admit(peer: Peer) -> Party:
        return accepted

    listener = Listener([both], admit, None, False)
    await listener.start()
    client = socket.create_connection((HERE, both.getsockname()[1]))
    await accepted.until(lambda party: party.peer is not None)
    assert accepted.peer is not None
    assert (accepted.peer.ip, accepted.peer.local_ip) == (HERE, HERE)
    client.close()
    listener.stop()
    await accepted.until_lost()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:0:1", "::ffff:0:1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_addresses_are_shown_plainly(given: str, shown: str) -> None:
    assert plain_ip(given) == shown

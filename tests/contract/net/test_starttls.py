"""STARTTLS: encryption begins at one exact byte, and nothing from before it is taken for something from after it."""

import asyncio
import hashlib
import random
import socket
import ssl
import threading
from pathlib import Path

import pytest

from mailock.net.dialer import NetDialer
from mailock.net.tls import ClientTls, ServerTls
from tests.contract.net.parties import HERE, Party, identity, starts_tls, station
from tests.parts.certificates import Authority


@pytest.fixture
def server_tls(authority: Authority) -> ServerTls:
    return ServerTls([identity(authority.issue("mx.test"), "mx.test")])


def asks_for_tls(party: Party, data: bytes) -> None:
    """A client's reaction: begins the handshake once it was granted."""
    if party.heard == b"220 go\r\n":
        party.heard.clear()
        party.link.start_tls()


async def test_both_sides_learn_what_was_negotiated(authority: Authority, server_tls: ServerTls) -> None:
    async with station(lambda: Party(starts_tls), tls=server_tls) as server:
        client = Party(asks_for_tls)
        await NetDialer(client_tls=ClientTls(authority.root)).dial(server.target(verify=True), client, seconds=5)
        assert client.events == ["connected"]
        client.link.write(b"STARTTLS\r\n")
        await client.until(lambda party: party.tls is not None)
        client.link.write(b"hello")
        await client.until(lambda party: party.heard == b"hello")
        accepted = await server.party()
        assert client.tls == accepted.tls
        assert client.tls is not None
        assert client.tls.version == "TLSv1.3"
        assert client.tls.cipher.startswith("TLS_")
        client.link.close()
        assert await accepted.until_lost() == ""
        assert accepted.events == ["connected", "received", "tls", "received", "ended", "lost"]


def talk(port: int, lines: bytes, then: bytes, root: Path) -> bytes:
    """A client made of the standard library: sends `lines` in one piece, handshakes, sends `then`, reads as much."""
    context = ssl.create_default_context(cafile=root)
    with socket.create_connection((HERE, port), timeout=5) as raw:
        raw.sendall(lines)
        assert raw.recv(8) == b"220 go\r\n"
        with context.wrap_socket(raw, server_hostname="mx.test") as wrapped:
            wrapped.sendall(then)
            got = b""
            while len(got) < len(then):
                got += wrapped.recv(65_536)
            return got


async def test_plain_text_behind_starttls_never_reaches_the_encrypted_side(
    authority: Authority, server_tls: ServerTls
) -> None:
    async with station(lambda: Party(starts_tls), tls=server_tls) as server:
        injected = b"STARTTLS\r\nRCPT TO:<victim@example.com>\r\n"
        got = await asyncio.to_thread(talk, server.port, injected, b"NOOP\r\n", authority.root)
        assert got == b"NOOP\r\n"
        accepted = await server.party()
        # It was handed over before the handshake, to a conversation that forgot it.
        assert accepted.heard == b"NOOP\r\n"


async def test_plain_text_after_the_handshake_began_breaks_it(server_tls: ServerTls) -> None:
    async with station(lambda: Party(starts_tls), tls=server_tls) as server:
        reader, writer = await asyncio.open_connection(HERE, server.port)
        writer.write(b"STARTTLS\r\n")
        await reader.readline()
        writer.write(b"RCPT TO:<victim@example.com>\r\n")
        accepted = await server.party()
        assert await accepted.until_lost() == "TLS failed: the peer answered with something that is not TLS"
        assert accepted.heard == b""
        writer.close()


async def test_what_a_server_says_in_the_clear_behind_its_go_ahead_stays_in_the_clear(
    authority: Authority, server_tls: ServerTls
) -> None:
    def grants_and_goes_on(party: Party, data: bytes) -> None:
        party.link.write(b"220 go\r\n250-AUTH PLAIN\r\n")
        party.link.start_tls()

    def forgets(party: Party, data: bytes) -> None:
        party.heard.clear()
        party.link.start_tls()

    async with station(lambda: Party(grants_and_goes_on), tls=server_tls) as server:
        client = Party(forgets)
        await NetDialer(client_tls=ClientTls(authority.root)).dial(server.target(verify=True), client, seconds=5)
        client.link.write(b"STARTTLS\r\n")
        await client.until(lambda party: party.tls is not None)
        assert client.heard == b""


async def test_a_handshake_that_takes_too_long_is_ended(server_tls: ServerTls) -> None:
    async with station(lambda: Party(starts_tls), tls=server_tls, handshake_seconds=0.4) as server:
        reader, writer = await asyncio.open_connection(HERE, server.port)
        writer.write(b"STARTTLS\r\n")
        await reader.readline()
        accepted = await server.party()
        for byte in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03":
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        assert await accepted.until_lost() == "the TLS handshake took longer than 0.4 s"
        writer.close()


async def test_a_peer_that_leaves_in_the_handshake_is_said_to_have(server_tls: ServerTls) -> None:
    async with station(lambda: Party(starts_tls), tls=server_tls) as server:
        reader, writer = await asyncio.open_connection(HERE, server.port)
        writer.write(b"STARTTLS\r\n")
        await reader.readline()
        writer.close()
        accepted = await server.party()
        assert await accepted.until_lost() == "the peer closed the connection during the TLS handshake"
        assert "ended" not in accepted.events


async def test_start_tls_without_settings_ends_the_link() -> None:
    async with station(lambda: Party(starts_tls)) as server:
        client = Party()
        await NetDialer().dial(server.target(), client, seconds=5)
        client.link.write(b"STARTTLS\r\n")
        accepted = await server.party()
        assert await accepted.until_lost() == "TLS was asked for on a link that has no TLS settings"


async def test_megabytes_survive_pauses_in_both_directions(authority: Authority, server_tls: ServerTls) -> None:
    chance = random.Random(7)
    body = chance.randbytes(6_000_000)

    def stutters(party: Party, data: bytes) -> None:
        starts_tls(party, data)
        party.link.pause()
        asyncio.get_running_loop().call_later(chance.random() / 500, party.link.resume)

    async with station(lambda: Party(stutters), tls=server_tls) as server:
        client = Party(asks_for_tls)
        await NetDialer(client_tls=ClientTls(authority.root)).dial(server.target(verify=True), client, seconds=5)
        client.link.write(b"STARTTLS\r\n")
        await client.until(lambda party: party.tls is not None)
        for start in range(0, len(body), 100_000):
            client.link.write(body[start : start + 100_000])
            await client.link.drained()
        await client.until(lambda party: len(party.heard) >= len(body), seconds=30)
        assert hashlib.sha256(client.heard).digest() == hashlib.sha256(body).digest()
        assert hashlib.sha256((await server.party()).heard).digest() == hashlib.sha256(body).digest()


async def test_the_end_behind_paused_bytes_comes_after_them(authority: Authority, server_tls: ServerTls) -> None:
    async with station(lambda: Party(starts_tls), tls=server_tls) as server:
        client = Party(asks_for_tls)
        await NetDialer(client_tls=ClientTls(authority.root)).dial(server.target(verify=True), client, seconds=5)
        client.link.write(b"STARTTLS\r\n")
        await client.until(lambda party: party.tls is not None)
        accepted = await server.party()
        accepted.react = lambda party, data: party.link.pause()
        client.link.write(b"a" * 500_000)
        client.link.close()
        await accepted.until(lambda party: len(party.heard) > 0)
        while accepted.why is None:
            accepted.link.resume()
            await asyncio.sleep(0.002)
        assert len(accepted.heard) == 500_000
        assert accepted.events[-2:] == ["ended", "lost"]


async def test_a_client_that_sends_byte_by_byte_is_understood(authority: Authority, server_tls: ServerTls) -> None:
    async with station(lambda: Party(starts_tls), tls=server_tls) as server:
        with socket.socket() as relay:
            relay.bind((HERE, 0))
            relay.listen(1)
            done = threading.Thread(target=trickle, args=(relay, server.port), daemon=True)
            done.start()
            got = await asyncio.to_thread(
                talk, relay.getsockname()[1], b"STARTTLS\r\n", b"QUIT\r\n" * 20, authority.root
            )
        assert got == b"QUIT\r\n" * 20
        await asyncio.to_thread(done.join, 5)


def trickle(relay: socket.socket, port: int) -> None:
    """Passes a client's bytes on one by one, and the server's as they come."""
    near, _ = relay.accept()
    with near, socket.create_connection((HERE, port)) as far:
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=copy, args=(far, near), daemon=True)
        back.start()
        copy(near, far, piece=1)
        far.shutdown(socket.SHUT_WR)
        back.join(5)


def copy(source: socket.socket, target: socket.socket, *, piece: int = 65_536) -> None:
    """Until one of the two ends is closed, however that is done."""
    try:
        while data := source.recv(65_536):
            for start in range(0, len(data), piece):
                target.sendall(data[start : start + piece])
    except ConnectionError:
        pass

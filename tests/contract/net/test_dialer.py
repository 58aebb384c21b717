"""Dialling: where no connection comes about, one sentence says why, and the conversation hears nothing."""

import asyncio
import errno
import socket

import pytest

from mailock.net.dialer import NetDialer
from mailock.ports.transport import Target
from tests.contract.net.parties import HERE, Party, station
from tests.parts.ports import free_port


async def test_a_closed_port_is_called_refused() -> None:
    client = Party()
    with pytest.raises(ConnectionRefusedError) as raised:
        await NetDialer().dial(Target(host="mx.test", ip=HERE, port=free_port()), client, seconds=5)
    assert raised.value.errno == errno.ECONNREFUSED
    assert "mx.test (127.0.0.1:" in str(raised.value)
    assert "the connection was refused" in str(raised.value)
    assert client.events == []


async def test_a_host_that_does_not_answer_costs_its_seconds_and_no_more() -> None:
    with socket.socket() as full:
        full.bind((HERE, 0))
        full.listen(0)
        # The kernel drops further connection requests once this queue is full.
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        client = Party()
        started = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError, match=r"no connection within 0\.5 s"):
            await NetDialer().dial(Target(host="mx.test", ip=HERE, port=full.getsockname()[1]), client, seconds=0.5)
        assert asyncio.get_running_loop().time() - started < 2
        for one in waiting:
            one.close()
    await asyncio.sleep(0.05)
    assert client.events == []


async def test_a_server_that_keeps_silent_in_implicit_tls_is_a_time_out() -> None:
    async with station() as server:
        client = Party()
        with pytest.raises(OSError, match=r"within 0\.3 s|longer than 0\.3 s"):
            await NetDialer().dial(server.target(implicit_tls=True), client, seconds=0.3)
        assert await (await server.party()).until_lost() is not None
        assert client.events == []


async def test_a_server_that_hangs_up_in_implicit_tls_is_said_to_have() -> None:
    async with station(lambda: b"") as server:
        client = Party()
        with pytest.raises(OSError, match=r"closed the connection|reset the connection"):
            await NetDialer().dial(server.target(implicit_tls=True), client, seconds=5)
        assert client.events == []


async def test_the_local_address_is_used_for_targets_of_its_family() -> None:
    async with station() as server:
        dialer = NetDialer(local_address="127.0.0.77")
        client = Party()
        await dialer.dial(server.target(), client, seconds=5)
        accepted = await server.party()
        assert accepted.peer is not None
        assert accepted.peer.ip == "127.0.0.77"
        with pytest.raises(OSError, match="refused"):
            await dialer.dial(Target(host="", ip="::1", port=free_port("::1")), Party(), seconds=5)


async def test_a_local_address_that_is_not_here_is_named() -> None:
    with pytest.raises(OSError, match="local address"):
        await NetDialer(local_address="192.0.2.99").dial(
            Target(host="mx.test", ip=HERE, port=free_port()), Party(), seconds=5
        )


async def test_a_dial_that_is_cancelled_leaves_no_connection() -> None:
    async with station() as server:
        client = Party()
        dialling = asyncio.create_task(NetDialer().dial(server.target(implicit_tls=True), client, seconds=5))
        accepted = await server.party()
        await accepted.until(lambda party: "received" in party.events)
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        await accepted.until_lost()
        assert client.events == []

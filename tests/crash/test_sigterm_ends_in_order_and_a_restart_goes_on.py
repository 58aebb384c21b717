"""SIGTERM: a client hears 421 at its next command, what is under way is finished on both sides, nothing goes twice."""

import asyncio
import signal
import time
from collections.abc import Callable

from tests.crash.keeper import Deed, Keeper, Moment, Stall
from tests.crash.load import Book, Call
from tests.crash.marked import Marked, Mint
from tests.crash.policies import one_system
from tests.crash.reckoning import reckon
from tests.parts.mailock import Mailock

LARGE = 1_500_000


async def ended(gateway: Mailock) -> int:
    """Its exit code, once it has ended."""
    assert gateway.process is not None
    code = await asyncio.to_thread(gateway.process.wait, 40.0)
    gateway.process = None
    return code


def terminate(gateway: Mailock) -> None:
    """Asks it to end."""
    assert gateway.process is not None
    gateway.process.send_signal(signal.SIGTERM)


async def until_closed(call: Call) -> float:
    """Seconds until the gateway has closed a connection."""
    began = time.monotonic()
    assert await asyncio.wait_for(call.reader.read(), 10.0) == b""
    return time.monotonic() - began


async def begin(call: Call, message: Marked) -> None:
    """A transaction up to 354."""
    await call.say(b"MAIL FROM:<%b> BODY=8BITMIME\r\n" % message.sender.encode(), b"250")
    await call.say(b"RCPT TO:<%b>\r\n" % message.recipients[0].encode(), b"250")
    await call.say(b"DATA\r\n", b"354")


async def test_a_client_hears_421_at_once_or_at_its_next_command(start_mailock: Callable[..., Mailock]) -> None:
    async with Keeper() as keeper:
        gateway = start_mailock(one_system(keeper.hop))
        idle, busy = await Call.open(gateway.port), await Call.open(gateway.port)
        await busy.say(b"MAIL FROM:<x@sender.test>\r\n", b"250")
        terminate(gateway)
        await idle.expect(b"421")
        await until_closed(idle)
        await busy.say(b"RCPT TO:<y@a.test>\r\n", b"421")
        await until_closed(busy)
        assert await ended(gateway) == 0


async def test_a_message_that_is_coming_in_is_taken_to_its_end(start_mailock: Callable[..., Mailock]) -> None:
    mint, book = Mint(1), Book()
    async with Keeper() as keeper:
        gateway = start_mailock(one_system(keeper.hop))
        messages = [mint.message(f"m{size}", ("y@a.test",), size) for size in (2000, LARGE)]
        calls = [await Call.open(gateway.port) for _ in messages]
        for call, message in zip(calls, messages, strict=True):
            await begin(call, message)
            call.writer.write(message.stuffed[:1000])
            book.sent[message.number] = message
        terminate(gateway)
        await asyncio.sleep(1.5)
        for call, message in zip(calls, messages, strict=True):
            await call.say(message.stuffed[1000:], b"250")
            book.acknowledged[message.number] = 0.0
            await call.say(b"MAIL FROM:<x@sender.test>\r\n", b"421")
        assert await ended(gateway) == 0
        gateway.start()
        await gateway.emptied()
    found = reckon(book, keeper.arrivals, ports={"a.test": [keeper.port]}, kills={})
    assert not found.faults
    assert (found.deliveries, found.duplicates) == (2, 0)


async def test_a_client_that_never_ends_its_message_holds_the_end_up_for_no_longer_than_is_said(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with Keeper() as keeper:
        gateway = start_mailock(one_system(keeper.hop))
        call, message = await Call.open(gateway.port), Mint(1).message("m", ("y@a.test",), LARGE)
        await begin(call, message)
        call.writer.write(message.stuffed[:1000])
        began = time.monotonic()
        terminate(gateway)
        assert (await call.reader.read()).startswith(b"421")
        assert await ended(gateway) == 0
        assert time.monotonic() - began < 30.0
        assert not keeper.arrivals


async def test_a_transaction_past_its_final_dot_is_waited_for(start_mailock: Callable[..., Mailock]) -> None:
    mint, book = Mint(2), Book()
    reached = asyncio.Event()

    def slow(moment: Moment, what: str) -> Deed | None:
        if moment is not Moment.FINAL_DOT:
            return None
        reached.set()
        return Stall(4.0)

    async with Keeper(slow) as keeper:
        gateway = start_mailock(one_system(keeper.hop))
        call, message = await Call.open(gateway.port), mint.message("slow", ("y@a.test",), 5000)
        book.sent[message.number] = message
        await call.send(message, pipelined=True)
        book.acknowledged[message.number] = 0.0
        await asyncio.wait_for(reached.wait(), 10.0)
        terminate(gateway)
        began = time.monotonic()
        assert await ended(gateway) == 0
        assert time.monotonic() - began > 2.0
        gateway.start()
        await gateway.emptied()
    found = reckon(book, keeper.arrivals, ports={"a.test": [keeper.port]}, kills={})
    assert not found.faults
    assert (found.deliveries, found.duplicates) == (1, 0)

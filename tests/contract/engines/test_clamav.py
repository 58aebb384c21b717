"""The forwarder to clamd, with the real one, and with one that does what the real one cannot be made to do."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mailock.config.antivirus import ClamdAddress
from mailock.core.evidence.finding import Severity
from mailock.core.evidence.health import State
from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.clamav.forwarder import COUNTS, Clamav
from mailock.processes.clock import SystemClock
from tests.parts.clamd import FILE_MAXIMUM, NEEDLE, STREAM_MAXIMUM, UNWANTED, Clamd, clamd
from tests.parts.exhibits import exhibit
from tests.parts.hand_clock import HandClock
from tests.parts.hiding.payload import PAYLOAD
from tests.parts.ports import LOOPBACK
from tests.parts.scripted import Handler, Scripted, scripted

VERSION = b"ClamAV 1.4.6/27823/Mon Nov 23 09:12:00 2026"


def forwarder(address: ClamdAddress, clock: HandClock | SystemClock | None = None, **options: object) -> Clamav:
    """One with bounds that suit a test."""
    settings = {"seconds": 20.0, "connections": 4, "largest": 100 << 20} | options
    return Clamav(address, clock or SystemClock(), **settings)  # type: ignore[arg-type]  # as they are named above


async def refused(asked: Clamav, content: bytes = b"hay") -> Unfinished:
    """Why a content could not be scanned."""
    with pytest.raises(Unfinished) as raised:
        await asked.scan(exhibit(content))
    return raised.value


@pytest.fixture
def over_unix(real_clamd: Clamd) -> Clamav:
    return forwarder(ClamdAddress(path=str(real_clamd.socket)))


@pytest.mark.serial
class TestWithTheRealOne:
    async def test_what_it_knows_is_found_by_name_and_what_it_does_not_know_is_not(self, over_unix: Clamav) -> None:
        (eicar,) = await over_unix.scan(exhibit(PAYLOAD, name="a.com"))
        assert (eicar.kind, eicar.severity, eicar.part) == ("clamav.signature", Severity.MALICIOUS, "1.2")
        assert eicar.evidence == "ClamAV calls it Test.Eicar.UNOFFICIAL"
        (unwanted,) = await over_unix.scan(exhibit(b"hay " + UNWANTED))
        assert (unwanted.kind, unwanted.severity) == ("clamav.pua", Severity.SUSPICIOUS)
        assert await over_unix.scan(exhibit(b"hay")) == ()
        assert await over_unix.scan(exhibit(b"")) == ()
        assert over_unix.health.state is State.UP
        assert over_unix.manifest.version.startswith("ClamAV 1.")

    async def test_it_is_reached_over_tcp_by_address_and_by_name(self, real_clamd: Clamd) -> None:
        for host in (LOOPBACK, "localhost"):
            (found,) = await forwarder(ClamdAddress(host=host, port=real_clamd.port)).scan(exhibit(NEEDLE))
            assert "Test.Needle" in found.evidence

    async def test_a_needle_is_found_at_the_end_of_a_large_content_in_small_pieces(self, over_unix: Clamav) -> None:
        hay = b"hay " * 300_000
        (found,) = await over_unix.scan(exhibit(hay + NEEDLE, piece=4096))
        assert "Test.Needle" in found.evidence

    @pytest.mark.parametrize("piece", [1000, 65_536, 1 << 20, 10 << 20])
    async def test_what_it_does_not_take_is_incomplete_and_harms_nothing_else(
        self, over_unix: Clamav, piece: int
    ) -> None:
        late = await refused(over_unix, b"x" * (STREAM_MAXIMUM + piece))
        assert (late.why, late.detail) == (
            Why.TOO_LARGE,
            "clamd takes no stream of that size: raise its StreamMaxLength",
        )
        assert (await refused(over_unix, b"x" * (FILE_MAXIMUM + 1))).why is Why.TOO_COSTLY
        assert over_unix.health.state is State.UP

    async def test_what_is_larger_than_the_setting_is_not_sent(self, real_clamd: Clamd) -> None:
        asked = forwarder(ClamdAddress(path=str(real_clamd.socket)), largest=10)
        assert (await refused(asked, b"x" * 11)).why is Why.TOO_LARGE
        assert asked.manifest.largest == 10

    async def test_many_at_once_are_all_answered_each_with_its_own(self, over_unix: Clamav) -> None:
        contents = [b"hay %d " % number + (NEEDLE if number % 3 == 0 else b"") for number in range(60)]
        answers = await asyncio.gather(*(over_unix.scan(exhibit(content)) for content in contents))
        assert [len(answer) for answer in answers] == [1 if number % 3 == 0 else 0 for number in range(60)]

    async def test_it_says_its_version_and_that_its_signatures_are_not_official(self, over_unix: Clamav) -> None:
        health = await over_unix.probe()
        assert health.state is State.UP
        assert health.version.startswith("ClamAV 1.")
        assert "no official signatures" in health.notes[0]


@pytest.mark.serial
@pytest.mark.parametrize("concurrent", [True, False])
async def test_while_it_loads_its_signatures_nothing_passes_unscanned(concurrent: bool) -> None:
    with clamd(concurrent_reload=concurrent) as real:
        asked = forwarder(ClamdAddress(path=str(real.socket)))
        fresh = exhibit(b"what a new signature will know")
        assert await asked.scan(fresh) == ()
        real.fatten(100_000)
        real.sign("Test.Fresh", b"what a new signature will know")
        await asyncio.to_thread(real.reload)
        end, seen = time.monotonic() + 20, False
        while not seen and time.monotonic() < end:
            first, *others = await asyncio.gather(asked.scan(fresh), *(asked.scan(exhibit(NEEDLE)) for _ in range(4)))
            assert all(len(one) == 1 for one in others), "a needle went by while it loaded"
            seen = bool(first)
        assert seen, real.log()
        assert asked.health.state is State.UP


@pytest.mark.serial
async def test_a_clamd_that_is_killed_is_unreachable_and_one_that_comes_back_is_asked_again(tmp_path: Path) -> None:
    clock = HandClock()
    with clamd() as real:
        place = real.socket
        asked = forwarder(ClamdAddress(path=str(place)), clock)
        assert len(await asked.scan(exhibit(NEEDLE))) == 1
    asked = forwarder(ClamdAddress(path=str(place)), clock, sleep=lambda seconds: asyncio.sleep(0))
    fault = await refused(asked)
    assert fault.why is Why.UNREACHABLE
    assert fault.detail == f"unix:{place} cannot be reached: No such file or directory"


@asynccontextmanager
async def pretended(handler: Handler, folder: Path, **options: object) -> AsyncIterator[tuple[Scripted, Clamav]]:
    """A clamd that does what the test says, and a forwarder to it. Nobody waits between tries."""
    path = folder / "ctl"

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    async with scripted(handler, path=path) as server:
        yield server, forwarder(ClamdAddress(path=str(path)), HandClock(), sleep=at_once, **options)


def answering(*replies: bytes, reads: bool = True) -> Handler:
    """Reads a whole scan, then says these octets."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if reads:
            await reader.readuntil(b"zINSTREAM\0")
            while size := int.from_bytes(await reader.readexactly(4), "big"):
                await reader.readexactly(size)
        for reply in replies:
            writer.write(reply)
            await writer.drain()
            await asyncio.sleep(0)

    return handle


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes everything and never says a word."""
    while await reader.read(65_536):
        pass


async def test_replies_come_in_any_order_and_in_any_pieces(tmp_path: Path) -> None:
    whole = b"2: stream: Win.Test-1 FOUND\0" + b"1: " + VERSION + b"\0"
    for pieces in ([whole], [whole[at : at + 1] for at in range(len(whole))]):
        async with pretended(answering(*pieces), tmp_path) as (_, asked):
            assert len(await asked.scan(exhibit(b"hay"))) == 1
            assert asked.manifest.version.startswith(VERSION.decode())


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n\0", Why.NONSENSE),
        (b"1: " + VERSION + b"\0002: yes\0", Why.NONSENSE),
        (b"1: " + VERSION + b"\0003: stream: OK\0", Why.NONSENSE),
        (b"1: " + VERSION + b"\0001: stream: OK\0", Why.NONSENSE),
        (b"1: OK\0002: stream: OK\0", Why.NONSENSE),
        (b"x" * 100_000, Why.NONSENSE),
        (b"2: stream: OK", Why.DIED),
        (b"1: " + VERSION + b"\0", Why.DIED),
        (b"", Why.DIED),
        (b"1: " + VERSION + b"\0002: stream: Can't create temporary file ERROR\0", Why.DIED),
        (b"1: " + VERSION + b"\0002: INSTREAM size limit exceeded. ERROR\0", Why.TOO_LARGE),
        (b"1: " + VERSION + b"\0002: stream: Time limit reached ERROR\0", Why.TIMED_OUT),
    ],
)
async def test_nothing_but_a_whole_answer_counts(tmp_path: Path, reply: bytes, why: Why) -> None:
    async with pretended(answering(reply), tmp_path) as (server, asked):
        assert (await refused(asked)).why is why
        # A connection that ends is tried once more; the content may be what ends it.
        assert server.connections == (2 if reply in (b"", b"2: stream: OK", b"1: " + VERSION + b"\0") else 1)
        assert asked.health.failing is (why not in (Why.TOO_LARGE, Why.TIMED_OUT))


async def test_one_that_was_restarted_under_us_is_asked_again_and_nobody_notices(tmp_path: Path) -> None:
    good = answering(b"1: " + VERSION + b"\0002: stream: Win.Test-1 FOUND\0")

    async def first_ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.handler = good
        await reader.read(10)

    async with pretended(first_ends, tmp_path) as (server, asked):
        assert len(await asked.scan(exhibit(b"hay" * 100_000))) == 1
        assert (server.connections, asked.health.state) == (2, State.UP)


async def test_one_that_is_slow_is_late_and_one_that_does_not_even_answer_ping_is_reloading(tmp_path: Path) -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readexactly(6) == b"zPING\0":
            writer.write(b"PONG\0")
        await silent(reader, writer)

    async with pretended(busy, tmp_path, seconds=0.05) as (_, asked):
        assert (await refused(asked)).why is Why.TIMED_OUT
        assert not asked.health.failing, "one content that takes long keeps nobody from it"
    async with pretended(silent, tmp_path, seconds=0.05) as (_, asked):
        fault = await refused(asked)
        assert fault.why is Why.RELOADING
        assert "not even to PING" in fault.detail
        assert (await refused(asked)).why is Why.UNREACHABLE, "and for a while nobody waits for it"


async def test_one_that_is_away_is_tried_for_a_moment_and_then_left_alone_for_longer_and_longer(tmp_path: Path) -> None:
    clock, waited = HandClock(), []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    asked = forwarder(ClamdAddress(path=str(tmp_path / "ctl")), clock, sleep=sleep)
    assert (await refused(asked)).why is Why.UNREACHABLE
    assert waited == [0.1, 0.4, 1.0]
    for seconds in (1, 2, 4, 8):
        assert "it is tried again in" in (await refused(asked)).detail
        assert sum(waited) == 1.5, "who comes while it is left alone waits for nothing"
        clock.pass_(seconds)
        assert "it is tried again in" not in (await refused(asked)).detail
    async with scripted(answering(b"1: " + VERSION + b"\0002: stream: OK\0"), path=tmp_path / "ctl"):
        clock.pass_(16)
        assert await asked.scan(exhibit(b"hay")) == ()
    assert asked.health.state is State.UP


async def test_no_more_connections_are_open_than_it_may_have(tmp_path: Path) -> None:
    async with pretended(answering(b"1: " + VERSION + b"\0002: stream: OK\0"), tmp_path, connections=3) as (
        server,
        asked,
    ):
        await asyncio.gather(*(asked.scan(exhibit(b"hay")) for _ in range(30)))
        assert (server.connections, server.most_open) == (30, 3)


async def test_another_version_and_another_ten_minutes_are_another_manifest(tmp_path: Path) -> None:
    async with pretended(answering(b"1: " + VERSION + b"\0002: stream: OK\0"), tmp_path) as (server, asked):
        before = asked.manifest.version
        await asked.scan(exhibit(b"hay"))
        first = asked.manifest.version
        server.handler = answering(b"1: ClamAV 1.4.6/27824/Tue Nov 24 09:12:00 2026\0002: stream: OK\0")
        await asked.scan(exhibit(b"hay"))
        second = asked.manifest.version
        asked._clock.pass_(COUNTS)  # type: ignore[attr-defined]  # the hand clock that `pretended` gave it
        assert len({before, first, second, asked.manifest.version}) == 4
        assert "27824" in second


async def test_who_gives_up_leaves_no_connection_behind(tmp_path: Path) -> None:
    taken, ended = asyncio.Event(), asyncio.Event()

    async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set()
        await silent(reader, writer)
        ended.set()

    async with pretended(noting, tmp_path) as (_, asked):
        task = asyncio.ensure_future(asked.scan(exhibit(b"hay")))
        await taken.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(ended.wait(), 5)

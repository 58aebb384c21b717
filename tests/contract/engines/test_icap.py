"""The forwarder to an ICAP service, with c-icap and clamd behind it, and with one that does what no real one does."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from mailock.config.antivirus import IcapUrl
from mailock.core.evidence.finding import Severity
from mailock.core.evidence.health import State
from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.icap.forwarder import Icap
from mailock.processes.clock import SystemClock
from tests.parts.c_icap import LARGEST, CIcap, c_icap
from tests.parts.certificates import Authority
from tests.parts.clamd import NEEDLE, Clamd
from tests.parts.exhibits import exhibit
from tests.parts.hand_clock import HandClock
from tests.parts.hiding.payload import PAYLOAD
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.scripted import Handler, Scripted, scripted

OPTIONS = b'ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nService: Pretended\r\nISTag: "one"\r\nEncapsulated: null-body=0\r\n'
CLEAN = b'ICAP/1.0 204 No Content\r\nISTag: "one"\r\nEncapsulated: null-body=0\r\n\r\n'
PAGE = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\n"
BLOCKED = b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=%d\r\n\r\n%b5\r\npage!\r\n0\r\n\r\n" % (
    len(PAGE),
    PAGE,
)


def forwarder(url: str, **options: object) -> Icap:
    """One with bounds that suit a test."""
    settings = {"clock": SystemClock(), "name": "icap", "seconds": 20.0, "connections": 4, "largest": 100 << 20}
    return Icap(IcapUrl.read(url), **(settings | options))  # type: ignore[arg-type]  # as they are named above


async def refused(asked: Icap, content: bytes = b"hay") -> Unfinished:
    """Why a content could not be scanned."""
    with pytest.raises(Unfinished) as raised:
        await asked.scan(exhibit(content))
    return raised.value


@pytest.fixture(scope="session")
def real(real_clamd: Clamd) -> Iterator[CIcap]:
    with c_icap(real_clamd, keep=20) as started:
        yield started


@pytest.mark.serial
class TestWithARealOne:
    @pytest.mark.parametrize("service", ["avscan", "no204"])
    async def test_what_it_knows_is_found_and_what_it_does_not_know_is_not(self, real: CIcap, service: str) -> None:
        asked = forwarder(real.url(service))
        (found,) = await asked.scan(exhibit(PAYLOAD, name="a.com"))
        assert (found.engine, found.kind, found.severity) == ("icap", "icap.infection", Severity.MALICIOUS)
        assert found.evidence == "the ICAP service calls it Test.Eicar.UNOFFICIAL"
        for hay in (b"", b"hay", b"hay " * 200, b"hay " * 256, b"hay " * 257, b"hay " * 300_000):
            assert await asked.scan(exhibit(hay)) == ()
            if hay:
                assert len(await asked.scan(exhibit(hay + NEEDLE, piece=5000))) == 1
        assert "C-ICAP" in asked.manifest.version
        assert asked.health.state is State.UP
        await asked.close()

    async def test_connections_are_kept_and_one_that_it_ends_costs_nothing(self, real: CIcap) -> None:
        asked = forwarder(real.url())
        for number in range(50):
            assert len(await asked.scan(exhibit(b"hay %d " % number + NEEDLE))) == 1
        answers = await asyncio.gather(*(asked.scan(exhibit(b"hay" + NEEDLE * (n % 2))) for n in range(40)))
        assert [len(answer) for answer in answers] == [n % 2 for n in range(40)]
        await asked.close()

    async def test_where_it_sends_back_while_it_scans_nothing_passes(self, real: CIcap) -> None:
        """Without the options of `avscan` it begins to send large contents back before it has scanned them."""
        asked = forwarder(real.url("virus_scan"))
        hay = b"hay " * 400_000
        assert await asked.scan(exhibit(hay)) == ()
        (found,) = await asked.scan(exhibit(hay + NEEDLE))
        assert found.kind in ("icap.blocked", "icap.infection")
        await asked.close()

    async def test_what_it_lets_pass_by_its_size_is_incomplete_unless_that_is_wanted(self, real: CIcap) -> None:
        large = b"x" * (LARGEST + 1)
        asked = forwarder(real.url("virus_scan"))
        assert (await refused(asked, large)).why is Why.EXCLUDED
        assert asked.health.state is State.UP
        trusting = forwarder(real.url("virus_scan"), trust_preview=True)
        assert await trusting.scan(exhibit(large)) == ()

    async def test_a_service_that_is_not_there_is_named_with_the_mend(self, real: CIcap) -> None:
        asked = forwarder(real.url("nosuch"))
        fault = await refused(asked)
        assert fault.why is Why.UNREACHABLE
        assert "correct its URL" in fault.detail
        assert (await asked.probe()).failing


def pretended(*answers: bytes, options: bytes = OPTIONS + b"\r\n", whole: bool = True) -> Handler:
    """Answers OPTIONS, and each content with the next of the answers; reads all of it first where `whole`."""
    left = list(answers)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"OPTIONS"):
                writer.write(options)
                continue
            size = int(re.findall(rb"-body=(\d+)", head)[0])
            await reader.readexactly(size)
            if whole:
                await _body(reader)
            answer = left.pop(0) if len(left) > 1 else left[0]
            writer.write(answer)
            await writer.drain()
            if not whole:
                await asyncio.Event().wait()  # it has answered, and hears nothing of what still comes

    return handle


async def _body(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body


@asynccontextmanager
async def serving(handler: Handler, **options: object) -> AsyncIterator[tuple[Scripted, Icap]]:
    """A service that does what the test says, and a forwarder to it. Nobody waits between tries."""

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    async with scripted(handler) as server:
        asked = forwarder(f"icap://{LOOPBACK}:{server.port}/scan", **{"clock": HandClock(), "sleep": at_once} | options)
        yield server, asked
        await asked.close()


async def test_one_connection_serves_many_contents() -> None:
    async with serving(pretended(CLEAN)) as (server, asked):
        for _ in range(10):
            assert await asked.scan(exhibit(b"hay")) == ()
        assert server.connections == 1


async def test_a_page_in_its_place_is_a_finding_although_no_field_names_one() -> None:
    async with serving(pretended(BLOCKED)) as (_, asked):
        (found,) = await asked.scan(exhibit(b"hay"))
        assert found.kind == "icap.blocked"
        assert "403 Forbidden" in found.evidence


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", Why.NONSENSE),
        (b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=x\r\n\r\n", Why.NONSENSE),
        (b"ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\nzz\r\n", Why.NONSENSE),
        (b"ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\nffffffff\r\n", Why.NONSENSE),
        (b"ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\n3\r\nhayhay\r\n", Why.NONSENSE),
        (b"x" * 100_000 + b"\r\n\r\n", Why.NONSENSE),
        (b"ICAP/1.0 403 Forbidden\r\n\r\n", Why.NONSENSE),
        (b"ICAP/1.0 413 Too Large\r\n\r\n", Why.TOO_LARGE),
        (b"ICAP/1.0 500 Error\r\n\r\n", Why.DIED),
        (b"ICAP/1.0 503 Overloaded\r\n\r\n", Why.UNREACHABLE),
        (b"", Why.DIED),
        (b"ICAP/1.0 204", Why.DIED),
        (b"ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\n3\r\nhay\r\n", Why.DIED),
        (b"ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\n3\r\nh", Why.DIED),
    ],
)
async def test_nothing_but_a_whole_answer_counts(answer: bytes, why: Why) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"OPTIONS"):
            writer.write(OPTIONS + b"\r\n")
            await reader.readuntil(b"\r\n\r\n")
        await reader.readuntil(b"0\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    async with serving(handle) as (_, asked):
        assert (await refused(asked)).why is why
        assert asked.health.failing is (why is not Why.TOO_LARGE)


async def test_exactly_what_was_sent_is_clean_and_a_letter_less_is_not() -> None:
    content = b"hay " * 100_000

    def sent_back(octets: bytes) -> bytes:
        page = b"HTTP/1.1 200 OK\r\n\r\n"
        head = b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=%d\r\n\r\n%b" % (len(page), page)
        return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(octets), octets)

    async with serving(pretended(sent_back(content), sent_back(content[:-1] + b"x"))) as (_, asked):
        assert await asked.scan(exhibit(content)) == ()
        (found,) = await asked.scan(exhibit(content))
        assert found.kind == "icap.blocked"


async def test_an_answer_before_the_end_of_the_content_counts_and_ends_the_connection() -> None:
    named = b"ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Threat=Early;\r\nEncapsulated: null-body=0\r\n\r\n"
    async with serving(pretended(named, whole=False)) as (server, asked):
        for _ in range(2):
            (found,) = await asked.scan(exhibit(b"hay " * 2_000_000))
            assert "Early" in found.evidence
        assert server.connections == 2


async def test_a_preview_is_sent_and_the_rest_where_the_service_wants_it() -> None:
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"OPTIONS"):
                writer.write(OPTIONS + b"Preview: 8\r\nAllow: 204\r\n\r\n")
                continue
            assert b"Preview: 8\r\n" in head
            await reader.readexactly(int(re.findall(rb"-body=(\d+)", head)[0]))
            first = b""
            while size := int((line := await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
                first += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
            heard.append(first + line.strip())
            if b"ieof" not in line:
                writer.write(b"ICAP/1.0 100 Continue\r\n\r\n")
                heard.append(await _body(reader))
            writer.write(CLEAN)

    async with serving(handle) as (server, asked):
        assert await asked.scan(exhibit(b"1234567890", piece=3)) == ()
        assert await asked.scan(exhibit(b"12345678")) == ()
        assert await asked.scan(exhibit(b"")) == ()
        assert heard == [b"123456780", b"90", b"123456780; ieof", b"0; ieof"]
        assert server.connections == 1


async def test_a_service_that_wants_no_more_than_the_preview_has_not_looked() -> None:
    options = OPTIONS + b"Preview: 4\r\nAllow: 204\r\n\r\n"
    async with serving(pretended(CLEAN, options=options)) as (_, asked):
        assert (await refused(asked, b"hay hay")).why is Why.EXCLUDED
        assert await asked.scan(exhibit(b"hay")) == ()


async def test_another_istag_is_another_version_and_asks_what_it_can_do_again() -> None:
    other = CLEAN.replace(b"one", b"two")
    async with serving(pretended(CLEAN, other)) as (_, asked):
        await asked.scan(exhibit(b"hay"))
        first = asked.manifest.version
        assert first.startswith("Pretended one ")
        await asked.scan(exhibit(b"hay"))
        assert asked._options is None, "it is asked again before the next content"


async def test_no_more_connections_are_open_than_the_service_wants() -> None:
    options = OPTIONS + b"Max-Connections: 2\r\n\r\n"
    async with serving(pretended(CLEAN, options=options), connections=50) as (server, asked):
        await asked.probe()
        await asyncio.gather(*(asked.scan(exhibit(b"hay")) for _ in range(30)))
        assert server.most_open <= 2


async def test_one_that_is_silent_is_late_and_one_that_is_away_is_left_alone() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            pass

    async with serving(silent, seconds=0.05) as (_, asked):
        assert (await refused(asked)).why is Why.TIMED_OUT
    clock, waited = HandClock(), []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    asked = forwarder(f"icap://{LOOPBACK}:{free_port()}/scan", clock=clock, sleep=sleep)
    assert (await refused(asked)).why is Why.UNREACHABLE
    assert waited == [0.1, 0.4, 1.0]
    assert "it is tried again in 1 s" in (await refused(asked)).detail
    clock.pass_(1)
    assert "it is tried again" not in (await refused(asked)).detail


async def test_over_tls_the_server_has_to_be_who_it_should_be(authority: Authority) -> None:
    mine = authority.issue("scanner.test", "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(mine.certificate, mine.key)
    trusting = ssl.create_default_context(cafile=str(authority.root))
    async with scripted(pretended(CLEAN), tls=context) as server:
        asked = forwarder(f"icaps://localhost:{server.port}/scan", tls=trusting)
        assert await asked.scan(exhibit(b"hay")) == ()
        await asked.close()
        for url, tls in (
            (f"icaps://{LOOPBACK}:{server.port}/scan", trusting),
            (f"icaps://localhost:{server.port}/scan", ssl.create_default_context()),
        ):
            fault = await refused(forwarder(url, tls=tls, sleep=lambda seconds: asyncio.sleep(0)))
            assert fault.why is Why.UNREACHABLE
            assert "its certificate is not accepted" in fault.detail

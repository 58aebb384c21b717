"""The forwarder to rspamd, with the real one, and with one that does what the real one cannot be made to do."""

import json
from collections.abc import Iterator

import pytest

from mailock.config.filters import Rspamd as Settings
from mailock.config.filters import RspamdAddress
from mailock.config.units import Duration, Size
from mailock.core.evidence.health import State
from mailock.core.evidence.report import Why
from mailock.engines.rspamd.forwarder import Rspamd
from mailock.processes.clock import SystemClock
from tests.contract.engines.filtered import answering, letter, pretended, refused, silent
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.rspamd import FRIEND, LARGEST, NEEDLE, SPAM, rspamd
from tests.parts.rspamd import Rspamd as Real

GOOD = {"is_skipped": False, "score": 3.0, "required_score": 15.0, "action": "no action"}


def forwarder(address: str, *, seconds: float = 20.0, weight: float = 1.0, largest: int = 4 << 20) -> Rspamd:
    """One with bounds that suit a test."""
    settings = Settings(
        server=RspamdAddress.read(address), weight=weight, timeout=Duration(seconds), largest=Size(largest)
    )
    return Rspamd(settings, SystemClock())


def at(port: int) -> Rspamd:
    """One for a pretended rspamd."""
    return forwarder(f"http://{LOOPBACK}:{port}", seconds=1.0)


def http(body: object, status: str = "200 OK", more: str = "") -> bytes:
    """A response, with a JSON body unless it is octets."""
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nServer: rspamd/9.9\r\n{more}Content-Length: {len(octets)}\r\n\r\n".encode() + octets


@pytest.fixture(scope="module")
def real() -> Iterator[Real]:
    """rspamd with rules of the tests' own."""
    with rspamd() as started:
        yield started


@pytest.mark.serial
class TestWithTheRealOne:
    async def test_its_symbols_become_sentences_with_weights_that_add_up_to_its_score(self, real: Real) -> None:
        asked = forwarder(real.url)
        found = await asked.scan(letter(NEEDLE, sender=FRIEND))
        told = {one.evidence: one.weight for one in found}
        assert told["rspamd gives +7.5 for TEST_NEEDLE: A needle is in it"] == 6.25
        assert told["rspamd gives -2.0 for TEST_FRIEND"] == -1.667
        assert told["rspamd gives 5.6 of 15.0 points (no action)"] == 0.0
        assert sum(told.values()) == pytest.approx(5.6 * 5 / 6, abs=0.01)
        assert asked.manifest.version == "rspamd/3.4"
        assert asked.health.state is State.UP
        await asked.close()

    async def test_it_is_told_of_the_envelope(self, real: Real) -> None:
        asked = forwarder(real.url)
        (envelope,) = [one for one in await asked.scan(letter(b"hay")) if "TEST_ENVELOPE" in one.evidence]
        assert envelope.evidence.endswith("(198.51.100.7, mx.source.test, bob@dest.test, carol@dest.test)")
        assert await asked.scan(letter(b"hay", sender=None))
        await asked.close()

    async def test_the_weight_of_the_settings_multiplies_and_a_large_message_streams(self, real: Real) -> None:
        asked = forwarder(real.url, weight=2.0)
        found = await asked.scan(letter(b"hay " * 100_000 + SPAM))
        assert max(one.weight for one in found) == 30.0
        await asked.close()

    async def test_what_it_does_not_take_is_incomplete(self, real: Real) -> None:
        asked = forwarder(real.url)
        late = await refused(asked, letter(b"x" * (LARGEST + 1)))
        assert late.why is Why.DIED
        assert "see its log, and its max_message" in late.detail
        small = forwarder(real.url, largest=100)
        assert (await refused(small, letter(b"x" * 100))).why is Why.TOO_LARGE
        assert len(await asked.scan(letter(b"hay"))) == 2
        await asked.close()
        await small.close()


@pytest.mark.serial
async def test_one_that_is_killed_is_unreachable_and_then_left_alone() -> None:
    with rspamd() as real:
        asked = forwarder(real.url)
        assert (await asked.probe()).state is State.UP
        assert asked.health.version == "rspamd/3.4"
    gone = await refused(asked, letter(b"hay"))
    assert gone.why is Why.UNREACHABLE
    assert gone.detail.startswith(f"{real.url} cannot be reached: ")
    assert "it is tried again in" in (await refused(asked, letter(b"hay"))).detail
    await asked.close()


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (http(b"pong\r\n"), Why.NONSENSE),
        (http([]), Why.NONSENSE),
        (http({"score": 3.0}), Why.NONSENSE),
        (http(GOOD | {"score": "3"}), Why.NONSENSE),
        (http(GOOD | {"score": 1e300}), Why.NONSENSE),
        (http(b'{"score": NaN, "required_score": 15, "action": ""}'), Why.NONSENSE),
        (http(GOOD | {"symbols": {"A": {"score": -1e9}}}), Why.NONSENSE),
        (http(b'{"x":' + b"[" * 100_000), Why.NONSENSE),
        (http(GOOD | {"x": "y" * (5 << 20)}), Why.NONSENSE),
        (http(GOOD | {"is_skipped": True}), Why.EXCLUDED),
        (http(b"{}", "403 Forbidden"), Why.UNREACHABLE),
        (http(b"{}", "404 Not found"), Why.UNREACHABLE),
        (http(b"{}", "413 Too large"), Why.TOO_LARGE),
        (http(b"{}", "500 Broken"), Why.DIED),
        (http(GOOD)[:-10], Why.DIED),
        (b"", Why.DIED),
        (b"220 mail.example ESMTP\r\n\r\n", Why.NONSENSE),
        (b"x" * (1 << 20), Why.NONSENSE),
    ],
)
async def test_nothing_but_a_whole_answer_counts(reply: bytes, why: Why) -> None:
    async with pretended(answering(reply), at) as (_, asked):
        assert (await refused(asked, letter(b"hay"))).why is why
        assert isinstance(asked, Rspamd)
        assert asked.health.failing is (why not in (Why.TOO_LARGE, Why.EXCLUDED))
        await asked.close()


async def test_a_good_answer_counts_in_whatever_pieces_it_comes() -> None:
    whole = http(GOOD | {"symbols": {"A": {"score": 1.0, "options": ["b", 3]}, "ZERO": {"score": 0}}})
    for pieces in ([whole], [whole[at_ : at_ + 7] for at_ in range(0, len(whole), 7)]):
        async with pretended(answering(*pieces), at) as (_, asked):
            found = await asked.scan(letter(b"hay"))
            assert [(one.evidence, one.weight) for one in found] == [
                ("rspamd gives +1.0 for A (b)", 0.833),
                ("rspamd gives 3.0 of 15.0 points (no action)", 1.667),
            ]


async def test_one_that_hangs_is_late_and_harms_no_other_message() -> None:
    async with pretended(silent, lambda port: forwarder(f"http://{LOOPBACK}:{port}", seconds=0.1)) as (server, asked):
        late = await refused(asked, letter(b"hay"))
        assert (late.why, late.detail) == (Why.TIMED_OUT, "rspamd did not answer within 0.1 s")
        server.handler = answering(http(GOOD))
        assert await asked.scan(letter(b"hay"))


async def test_one_that_was_restarted_under_us_is_asked_again() -> None:
    good = answering(http(GOOD))

    async def first_ends(reader: object, writer: object) -> None:
        server.handler = good

    async with pretended(first_ends, at) as (server, asked):
        assert await asked.scan(letter(b"hay" * 100_000))
        assert server.connections == 2


async def test_nothing_listens() -> None:
    asked = forwarder(f"http://{LOOPBACK}:{free_port()}")
    assert (await asked.probe()).state is State.FAILING
    await asked.close()

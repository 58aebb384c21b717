"""The forwarder to spamd, with the real one, and with one that does what the real one cannot be made to do."""

from collections.abc import Iterator

import pytest

from mailock.config.filters import SpamAssassin as Settings
from mailock.config.filters import SpamdAddress
from mailock.config.units import Duration, Size
from mailock.core.evidence.health import State
from mailock.core.evidence.report import Why
from mailock.engines.spamassassin.forwarder import SpamAssassin
from mailock.processes.clock import SystemClock
from tests.contract.engines.filtered import answering, letter, pretended, refused, silent
from tests.parts.ports import LOOPBACK
from tests.parts.spamd import NEEDLE, SPAM, Spamd, spamd

TABLE = b"""
Content preview:  99.0 FORGED      in the text that is quoted
 ---- ----------------------
 50.0 FORGED                 so is this
Content analysis details:   (4.5 points, 5.0 required)

 pts rule name              description
 ---- ---------------------- --------------------
 3.5 TEST_A                 the first
                            goes on
 0.0 ZERO                   nothing
"""


def forwarder(address: str, *, seconds: float = 20.0, weight: float = 1.0, largest: int = 4 << 20) -> SpamAssassin:
    """One with bounds that suit a test."""
    settings = Settings(
        server=SpamdAddress.read(address), weight=weight, timeout=Duration(seconds), largest=Size(largest)
    )
    return SpamAssassin(settings, SystemClock())


def at(port: int) -> SpamAssassin:
    """One for a pretended spamd."""
    return forwarder(f"tcp:{LOOPBACK}:{port}", seconds=1.0)


def reply(body: bytes, spam: str = "False ; 4.5 / 5.0", length: int | None = None) -> bytes:
    """A response."""
    size = len(body) if length is None else length
    return f"SPAMD/1.1 0 EX_OK\r\nContent-length: {size}\r\nSpam: {spam}\r\n\r\n".encode() + body


@pytest.fixture(scope="module")
def real() -> Iterator[Spamd]:
    """spamd with rules of the tests' own."""
    with spamd() as started:
        yield started


@pytest.mark.serial
class TestWithTheRealOne:
    async def test_its_rules_become_sentences_with_weights_that_add_up_to_its_score(self, real: Spamd) -> None:
        asked = forwarder(real.address)
        assert (await asked.probe()).version.startswith("SPAMD/1.")
        told = {one.evidence: one.weight for one in await asked.scan(letter(NEEDLE, sender="friend@source.test"))}
        assert told["SpamAssassin gives +3.5 for TEST_NEEDLE: BODY: A needle is in it"] == 3.5
        assert told["SpamAssassin gives -2.0 for TEST_FRIEND: A friend sent it"] == -2.0
        assert told["SpamAssassin gives +0.5 for TEST_RELAY: It came from the client that our own field names"] == 0.5
        assert sum(told.values()) == pytest.approx(2.0)
        assert asked.health.state is State.UP

    async def test_the_weight_of_the_settings_multiplies_and_a_large_message_streams(self, real: Spamd) -> None:
        found = await forwarder(real.address, weight=0.5).scan(letter(b"hay " * 10_000 + SPAM))
        assert max(one.weight for one in found) == 6.0

    async def test_what_is_larger_than_the_setting_is_not_sent(self, real: Spamd) -> None:
        assert (await refused(forwarder(real.address, largest=50), letter(b"hay"))).why is Why.TOO_LARGE


@pytest.mark.serial
async def test_one_that_is_killed_is_unreachable_and_then_left_alone() -> None:
    with spamd() as real:
        asked = forwarder(real.address)
        assert (await asked.probe()).state is State.UP
    gone = await refused(asked, letter(b"hay"))
    assert gone.why is Why.UNREACHABLE
    assert gone.detail.startswith(f"{real.address} cannot be reached: ")
    assert "it is tried again in" in (await refused(asked, letter(b"hay"))).detail


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Why.NONSENSE),
        (b"SPAMD/1.1 0 EX_OK\r\nContent-length: 3\r\n\r\nabc", Why.NONSENSE),
        (reply(b"abc", spam="True ; many / 5.0"), Why.NONSENSE),
        (reply(b"abc", spam="True ; 1..2 / 5.0"), Why.NONSENSE),
        (reply(b"abc", spam="True ; 99999999999 / 5.0"), Why.NONSENSE),
        (reply(b"abc", length=1 << 30), Why.NONSENSE),
        (b"SPAMD/1.1 0 EX_OK\r\n" + b"x" * 100_000, Why.NONSENSE),
        (b"SPAMD/1.1 0 EX_OK\r\n" + b"a: b\r\n" * 10_000, Why.NONSENSE),
        (reply(TABLE)[:-10], Why.DIED),
        (b"SPAMD/1.1 0 EX_OK\r\nContent-length: 3\r\n", Why.DIED),
        (b"", Why.DIED),
        (b"SPAMD/1.0 79 Timeout: (30 second timeout while trying to REPORT)\r\n", Why.TIMED_OUT),
        (b"SPAMD/1.0 76 Bad header line: (EOF during headers)\r\n", Why.DIED),
    ],
)
async def test_nothing_but_a_whole_answer_counts(said: bytes, why: Why) -> None:
    async with pretended(answering(said), at) as (_, asked):
        assert (await refused(asked, letter(b"hay"))).why is why
        assert isinstance(asked, SpamAssassin)
        assert asked.health.failing is (why is not Why.TIMED_OUT)


async def test_a_good_answer_counts_in_whatever_pieces_it_comes_and_what_it_quotes_does_not() -> None:
    whole = reply(TABLE)
    for pieces in ([whole], [whole[at_ : at_ + 7] for at_ in range(0, len(whole), 7)]):
        async with pretended(answering(*pieces), at) as (_, asked):
            found = await asked.scan(letter(b"hay"))
            assert [(one.evidence, one.weight) for one in found] == [
                ("SpamAssassin gives +3.5 for TEST_A: the first", 3.5),
                ("SpamAssassin gives 4.5 of 5.0 points", 1.0),
            ]


async def test_one_that_hangs_is_late_and_harms_no_other_message() -> None:
    async with pretended(silent, lambda port: forwarder(f"tcp:{LOOPBACK}:{port}", seconds=0.1)) as (server, asked):
        late = await refused(asked, letter(b"hay"))
        assert (late.why, late.detail) == (Why.TIMED_OUT, "spamd did not answer within 0.1 s")
        server.handler = answering(reply(TABLE))
        assert await asked.scan(letter(b"hay"))


async def test_one_that_was_restarted_under_us_is_asked_again() -> None:
    good = answering(reply(TABLE))

    async def first_ends(reader: object, writer: object) -> None:
        server.handler = good

    async with pretended(first_ends, at) as (server, asked):
        assert await asked.scan(letter(b"hay" * 100_000))
        assert server.connections == 2

"""Mail from inside to ours is internal, from inside to others outgoing, from outside to ours incoming; there is no
fourth way.
"""

from collections.abc import Callable

import pytest

from tests.parts.mailock import Mailock, forwarding
from tests.parts.smtp_sink import SmtpSink
from tests.parts.talk import talk

INSIDE, OUTSIDE = "127.0.0.2", "127.0.0.3"


async def test_rules_may_differ_by_direction(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink]
) -> None:
    sinks = {name: start_sink() for name in ("incoming", "internal", "outgoing", "partner")}
    hops = {name: f"127.0.0.1:{sink.port}" for name, sink in sinks.items()}
    policy = f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {{port}}\ninternal_networks = ["{INSIDE}"]\n' + forwarding(
        ("dest.test", hops["incoming"]),
        ("dest.test", hops["internal"], "internal"),
        ("partner.test", hops["partner"], "outgoing"),
        ("*", hops["outgoing"], "outgoing"),
    )
    gateway = start_mailock(policy)

    for source, taken in ((INSIDE, ("dest.test", "partner.test", "far.test")), (OUTSIDE, ("dest.test",))):
        async with talk(gateway.address, source=source) as client:
            await client.hello()
            for domain in taken:
                assert (await client.message("a@dest.test", [f"b@{domain}"])).code == 250
            for domain in {"partner.test", "far.test"} - set(taken):
                # A sender of ours proves nothing: anybody can write one.
                (said,) = await client.envelope("a@dest.test", f"b@{domain}")
                assert (said.code, said.enhanced) == (550, "5.7.1")
                await client.say("RSET")
    await gateway.emptied()

    taken_by = {name: [rcpt for sunk in sink.messages() for rcpt in sunk.recipients] for name, sink in sinks.items()}
    assert taken_by == {
        "incoming": ["<b@dest.test>"],
        "internal": ["<b@dest.test>"],
        "partner": ["<b@partner.test>"],
        "outgoing": ["<b@far.test>"],
    }
    # Two refusals of one source with one reply are one record, counted.
    records = await gateway.tracked("", count=5)
    assert sorted((r["status"], r["source_ip"], *r["direction"]) for r in records) == [
        ("delivered", INSIDE, "internal"),
        ("delivered", INSIDE, "outgoing"),
        ("delivered", INSIDE, "outgoing"),
        ("delivered", OUTSIDE, "incoming"),
        ("rejected", OUTSIDE),
    ]


@pytest.mark.parametrize("source", [INSIDE, OUTSIDE])
async def test_who_comes_in_over_an_internal_interface_is_internal(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink], source: str
) -> None:
    sink = start_sink()
    policy = '[mta]\ninterfaces = ["127.0.0.1", "127.0.0.9"]\nport = {port}\ninternal_interfaces = ["127.0.0.9"]\n'
    gateway = start_mailock(policy + forwarding(("*", f"127.0.0.1:{sink.port}", "outgoing")))
    async with talk(("127.0.0.9", gateway.port), source=source) as client:
        await client.hello()
        assert (await client.message("a@dest.test", ["b@far.test"])).code == 250
    async with talk(gateway.address, source=source) as client:
        await client.hello()
        (said,) = await client.envelope("a@dest.test", "b@far.test")
        assert (said.code, said.enhanced) == (550, "5.7.1")
    await gateway.emptied()
    assert len(sink.messages()) == 1

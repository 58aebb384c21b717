"""Forwarding rules are asked in their order: an address, a domain, all names below a domain, a list of them."""

from collections.abc import Callable

from tests.parts.mailock import Mailock, forwarding
from tests.parts.smtp_sink import SmtpSink
from tests.parts.talk import talk

WANTED = {
    "VIP@Dest.test": "address",
    "vip+news@dest.test": "address",
    "other@dest.test": "domain",
    "a@sub.dest.test": "below",
    "a@deep.sub.dest.test": "below",
    "a@two.test": "list",
    "a@three.test": "list",
}


async def test_rules_are_asked_in_their_order(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink]
) -> None:
    sinks = {name: start_sink() for name in ("address", "domain", "below", "list", "late")}
    rules = [
        ("vip@dest.test", "address"),
        ("dest.test", "domain"),
        ("*.dest.test", "below"),
        ("vip@dest.test", "late"),
    ]
    policy = forwarding(*[(domain, f"127.0.0.1:{sinks[name].port}") for domain, name in rules])
    policy += f'[[mta.forwarding]]\ndomain = ["two.test", "three.test"]\nnext_hop = "127.0.0.1:{sinks["list"].port}"\n'
    gateway = start_mailock(policy + forwarding(("*", "127.0.0.1:1", "outgoing")))

    async with talk(gateway.address) as client:
        await client.hello()
        for recipient in WANTED:
            assert (await client.message("a@source.test", [recipient])).code == 250
        await gateway.emptied()
        # What no rule takes is nobody's: below a domain is not the domain, and not what merely ends like it.
        for stranger in ("a@notdest.test", "a@test", "a@sub.two.test"):
            (said,) = await client.envelope("a@source.test", stranger)
            assert (said.code, said.enhanced) == (550, "5.7.1"), stranger
            await client.say("RSET")

    for name, sink in sinks.items():
        expected = sorted(f"<{recipient.replace('D', 'd')}>" for recipient, taker in WANTED.items() if taker == name)
        assert sorted(rcpt for sunk in sink.messages() for rcpt in sunk.recipients) == expected, name


async def test_one_message_goes_to_each_of_its_recipients_by_the_rule_of_each(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink]
) -> None:
    one, two = start_sink(), start_sink()
    rules = forwarding(("one.test", f"127.0.0.1:{one.port}"), ("two.test", f"127.0.0.1:{two.port}"))
    gateway = start_mailock(rules + forwarding(("*", "127.0.0.1:1", "outgoing")))
    async with talk(gateway.address) as client:
        await client.hello()
        await client.message("a@source.test", ["a@one.test", "a@two.test", "b@one.test"])
    await gateway.emptied()
    assert [sunk.recipients for sunk in one.messages()] == [("<a@one.test>", "<b@one.test>")]
    assert [sunk.recipients for sunk in two.messages()] == [("<a@two.test>",)]
    assert one.messages()[0].content.rstrip().endswith(b"Subject: x\n\nx")

"""The implied rule opens the port, may be narrowed or switched off; rules follow in order; who is denied is logged."""

from collections.abc import Callable

from tests.parts.mailock import Mailock, forwarding
from tests.parts.talk import talk

RULES = forwarding(("dest.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing"))


async def greeting(gateway: Mailock, source: str) -> int:
    async with talk(gateway.address, source=source, greeted=False) as client:
        return (await client.hear()).code


async def test_rules_are_asked_in_order_and_the_last_denies(start_mailock: Callable[..., Mailock]) -> None:
    access = """\
[mta.implied_rule]
sources = ["127.0.0.2", "lan"]
[[mta.access]]
name = "not him"
action = "deny"
sources = ["127.0.0.20"]
[[mta.access]]
action = "allow"
sources = ["127.0.0.16/28"]
[object.lan]
network = ["127.0.1.0/24"]
"""
    gateway = start_mailock(RULES + access)
    codes = {ip: await greeting(gateway, ip) for ip in ("127.0.0.2", "127.0.1.77", "127.0.0.17", "127.0.0.20")}
    assert codes == {"127.0.0.2": 220, "127.0.1.77": 220, "127.0.0.17": 220, "127.0.0.20": 554}

    async with talk(gateway.address, source="127.0.0.99", greeted=False) as client:
        said = await client.hear()
        assert (said.code, said.enhanced) == (554, "5.7.1")
        # RFC 5321 section 3.1: nothing but QUIT is of use then.
        assert (await client.say("EHLO x")).code == 503
        assert (await client.say("MAIL FROM:<a@b.test>")).code == 503
        assert (await client.say("QUIT")).code == 221
    records = await gateway.tracked("ip:127.0.0.99", "rejected")
    assert any("the last rule denies" in record["reason"] for record in records)
    (denied,) = await gateway.tracked("ip:127.0.0.20", "rejected")
    assert "not him" in denied["reason"]
    assert denied["refused"]["reply"].startswith("554 5.7.1")


async def test_without_the_implied_rule_only_access_rules_let_anybody_in(start_mailock: Callable[..., Mailock]) -> None:
    off = "[mta.implied_rule]\nenabled = false\n"
    gateway = start_mailock(RULES + off + '[[mta.access]]\naction = "allow"\nsources = ["127.0.0.2"]\n')
    assert await greeting(gateway, "127.0.0.2") == 220
    assert await greeting(gateway, "127.0.0.3") == 554
    # Opened again by an install, without a restart.
    text = gateway.config.read_text().replace(off, "")
    gateway.config.write_text(text)
    gateway.run("policy", "install", "-c", str(gateway.config))
    assert await greeting(gateway, "127.0.0.3") == 220

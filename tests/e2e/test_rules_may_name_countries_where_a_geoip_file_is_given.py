"""Access rules and rules of the rulebase may name countries; without a GeoIP file that is a mistake with its line."""

from collections.abc import Callable
from pathlib import Path

from tests.parts.mailock import Mailock, forwarding
from tests.parts.mmdb import write_countries
from tests.parts.talk import talk

RULES = forwarding(("dest.test", "0.0.0.0"), ("*", "127.0.0.1:1", "outgoing"))
POLICY = (
    RULES
    + """\
[mta.implied_rule]
sources = ["country:DE", "country:FR"]
[[rule]]
name = "strangers"
when = { country = "FR" }
then = { disposition = "hold" }
"""
)


async def test_who_comes_from_elsewhere_is_not_let_in_and_rules_tell_countries_apart(
    start_mailock: Callable[..., Mailock], tmp_path: Path
) -> None:
    file = write_countries(tmp_path / "c.mmdb", {"127.0.0.2/32": "DE", "127.0.0.3/32": "US", "127.0.0.4/32": "FR"})
    gateway = start_mailock(
        POLICY.replace('"dest.test"\nnext_hop = "0.0.0.0"', '"dest.test"\nnext_hop = "127.0.0.1:1"'),
        node=f'geoip = "{file}"\n',
    )
    for source in ("127.0.0.3", "127.0.0.5"):
        async with talk(gateway.address, source=source, greeted=False) as client:
            assert (await client.hear()).code == 554
    for source in ("127.0.0.2", "127.0.0.4"):
        async with talk(gateway.address, source=source) as client:
            await client.hello()
            await client.message(f"from-{source}@source.test", ["b@dest.test"])
    (held,) = await gateway.tracked("status:hold", "hold")
    assert (held["source_ip"], held["rule"]) == ("127.0.0.4", "strangers")
    (other,) = await gateway.tracked("ip:127.0.0.2", "deferred")
    assert other["rule"] != "strangers"


def test_without_a_file_it_is_a_mistake(start_mailock: Callable[..., Mailock]) -> None:
    gateway = start_mailock(POLICY, start=False)
    told = gateway.run("policy", "check", "-c", str(gateway.config), code=2)
    said = told.stdout + told.stderr
    assert '"country:DE" cannot be known, there is no GeoIP file: name one with [node] geoip' in said
    assert "[rule.when] country: countries cannot be known" in said


def test_scan_knows_the_country_too(start_mailock: Callable[..., Mailock], tmp_path: Path) -> None:
    file = write_countries(tmp_path / "c.mmdb", {"203.0.113.0/24": "FR"})
    gateway = start_mailock(POLICY, start=False, node=f'geoip = "{file}"\n')
    mail = tmp_path / "a.eml"
    mail.write_bytes(b"From: a@source.test\r\nTo: b@dest.test\r\nSubject: x\r\n\r\nHello\r\n")
    for ip, rule in (("203.0.113.9", "strangers"), ("192.0.2.1", "mta")):
        said = gateway.run("scan", str(mail), "--json", "--client-ip", ip, "-c", str(gateway.config), code=None)
        assert f'"rule":"{rule}"' in said.stdout.replace('": ', '":')

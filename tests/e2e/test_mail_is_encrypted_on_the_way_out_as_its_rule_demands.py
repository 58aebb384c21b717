"""none, opportunistic with its fallback, required, verified: against a real Postfix, and the log tells which."""

import datetime
from collections.abc import Callable

from tests.parts.certificates import Authority
from tests.parts.dns_server import DnsServer
from tests.parts.hop import HopSession, hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.postfix import Postfix
from tests.parts.talk import talk

OUT = forwarding(("*", "127.0.0.1:1", "outgoing"))


def rule(domain: str, next_hop: object, tls: str) -> str:
    """A forwarding rule with a demand."""
    return forwarding((domain, str(next_hop))) + f'tls = "{tls}"\n'


async def send(gateway: Mailock, *domains: str) -> None:
    async with talk(gateway.address) as client:
        await client.hello()
        for domain in domains:
            assert (await client.message("a@source.test", [f"b@{domain}"])).code == 250


async def test_a_real_next_hop_gets_what_the_rule_says(
    start_mailock: Callable[..., Mailock], start_next_hop: Callable[..., Postfix], authority: Authority
) -> None:
    there = start_next_hop(certificate=authority.issue("mail.test", "127.0.0.1"))
    here = f"127.0.0.1:{there.port}"
    demands = {name: rule(f"{name}.test", here, name) for name in ("none", "opportunistic", "required", "verified")}
    node = f'authorities = "{authority.root}"\n'
    gateway = start_mailock("".join(demands.values()) + OUT + QUICK, node=node)
    await send(gateway, *(f"{name}.test" for name in demands))
    await there.arrived(4)
    records = await gateway.tracked("", "delivered", count=4)
    used = {one["recipients"][0]["address"].split("@")[1]: one["recipients"][0]["tls"] for one in records}
    assert used["none.test"] == ""
    for name in ("opportunistic", "required", "verified"):
        assert used[f"{name}.test"].startswith("TLSv1.3 TLS_"), used
    plain = [mail for mail in there.mailbox() if "with ESMTPS" not in str(mail.message["Received"])]
    assert [mail.recipient for mail in plain] == ["b@none.test"]


async def test_without_tls_opportunistic_mail_goes_in_the_clear_and_demanded_waits(
    start_mailock: Callable[..., Mailock],
) -> None:
    def breaks(session: HopSession, line: str) -> str | None:
        return "220 go ahead" if line == "STARTTLS" else None

    def refuses(session: HopSession, line: str) -> str | None:
        return "454 4.7.0 not now" if line == "STARTTLS" else None

    async with (
        hop() as plain,
        hop(extensions=("STARTTLS",), answer=breaks) as broken,
        hop(extensions=("STARTTLS",), answer=refuses) as refusing,
    ):
        rules = "".join(
            rule(f"{tls}.{name}.test", there, tls)
            for name, there in (("plain", plain), ("broken", broken), ("refusing", refusing))
            for tls in ("opportunistic", "required")
        )
        gateway = start_mailock(rules + OUT + QUICK)
        names = ("plain", "broken", "refusing")
        await send(gateway, *(f"opportunistic.{name}.test" for name in names))
        for there in (plain, broken, refusing):
            assert "b@opportunistic" in (await there.arrived())[0].rcpts[0]
        # Broken TLS is not argued with on the same connection.
        assert len(broken.sessions) == 2
        await send(gateway, *(f"required.{name}.test" for name in names))
        reasons = {}
        for name in names:
            (record,) = await gateway.tracked(f"to:b@required.{name}.test", "deferred")
            reasons[name] = record["reason"]
        assert "does not offer TLS" in reasons["plain"]
        assert "plain text came behind the answer to STARTTLS" in reasons["broken"]
        assert not any("required" in str(one.rcpts) for there in (plain, broken, refusing) for one in there.taken)
        assert not any("MAIL" in line and "SIZE" in line for line in broken.sessions[-1].commands)
        # A rule that demands less sends what waits.
        gateway.config.write_text(gateway.config.read_text().replace('tls = "required"', 'tls = "opportunistic"'))
        gateway.run("policy", "install", "-c", str(gateway.config))
        await gateway.emptied()
        assert [len(there.taken) for there in (plain, broken, refusing)] == [2, 2, 2]


async def test_a_certificate_that_proves_nothing_makes_verified_mail_wait_and_no_other(
    start_mailock: Callable[..., Mailock],
    start_next_hop: Callable[..., Postfix],
    authority: Authority,
    dns_parts: DnsServer,
) -> None:
    good = start_next_hop(certificate=authority.issue("good.inside.test"))
    expired = start_next_hop(certificate=authority.issue("old.inside.test", life=datetime.timedelta(days=-1)))
    for name in ("good", "wrong", "old"):
        dns_parts.zone.a(f"{name}.inside.test", "127.0.0.1")
    dns_parts.publish()
    rules = (
        rule("good.test", f"good.inside.test:{good.port}", "verified")
        + rule("wrong.test", f"wrong.inside.test:{good.port}", "verified")
        + rule("old.test", f"old.inside.test:{expired.port}", "verified")
        + rule("easy.test", f"wrong.inside.test:{good.port}", "required")
    )
    node = f'authorities = "{authority.root}"\nresolvers = ["127.0.0.1:{dns_parts.port}"]\n'
    gateway = start_mailock(rules + OUT + QUICK.replace('dead_for = "1s"', 'dead_for = "1h"'), node=node)
    await send(gateway, "wrong.test", "old.test")
    (wrong,) = await gateway.tracked("to:b@wrong.test", "deferred")
    assert "its certificate is not made out for wrong.inside.test" in wrong["reason"]
    (old,) = await gateway.tracked("to:b@old.test", "deferred")
    assert "its certificate has expired" in old["reason"]
    # The very same server is as alive as before for whom its certificate is good enough.
    await send(gateway, "good.test", "easy.test")
    await good.arrived(1, recipient="b@good.test")
    await good.arrived(1, recipient="b@easy.test")
    records = await gateway.tracked("status:delivered", count=2)
    assert {record["attempts"] for record in records} == {1}
    assert not good.mailbox("b@wrong.test")

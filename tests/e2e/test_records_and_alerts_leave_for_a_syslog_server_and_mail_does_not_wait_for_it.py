"""Where policy names a syslog server, it gets each record as it changes, and alerts; mail goes on where it is away."""

import json
from collections.abc import Callable

from tests.parts.certificates import Authority
from tests.parts.hop import hop, until
from tests.parts.mailock import Mailock, forwarding
from tests.parts.rsyslog import rsyslog
from tests.parts.talk import talk


async def test_records_leave_and_what_a_server_missed_follows(
    start_mailock: Callable[..., Mailock], authority: Authority
) -> None:
    with rsyslog(authority) as first:
        ports, tcp, udp = first.ports, first.url("tcp"), first.url("udp")
        async with hop() as there:
            gateway = start_mailock(
                f'{forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))}[alerts]\nsyslog = "{udp}"\n'
                f'[[log.forward]]\nto = "{tcp}"\nformat = "json"\n'
            )
            async with talk(gateway.address) as client:
                await client.hello()
                await client.message("a@from.test", ["b@dest.test"])
            told = gateway.run("alert", "test", "--json", "-c", str(gateway.config))
            assert json.loads(told.stdout)["syslog"] == ""

            def delivered() -> bool:
                return any('"status":"delivered"' in one["msg"] for one in first.messages())

            await until(delivered, 20, lambda: f"{first.messages()}\n{gateway.log()}")
            assert any(one["msgid"] == "alert" for one in first.messages())
            first.process.stop()
            async with talk(gateway.address) as client:
                await client.hello()
                await client.message("a@from.test", ["late@dest.test"])
            await there.arrived(2)
            await until(lambda: "records of the log do not leave" in gateway.log(), 20, gateway.log)
            with rsyslog(authority, ports=ports) as second:
                await until(lambda: any("late@dest.test" in one["msg"] for one in second.messages()), 40, gateway.log)
                await until(lambda: "none was lost" in gateway.log(), 20, gateway.log)

"""Installing changes everything at once and drops nothing: by command, by SIGHUP, and back again when it cannot be."""

import asyncio
import signal
from collections.abc import Callable

from tests.parts.hop import hop, until
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.smtp_sink import SmtpSink
from tests.parts.smtp_source import smtp_source
from tests.parts.talk import talk


def install(gateway: Mailock, before: str, after: str, *, code: int = 0) -> str:
    """Changes the file and installs it; what was printed."""
    text = gateway.config.read_text()
    assert before in text
    gateway.config.write_text(text.replace(before, after))
    done = gateway.run("policy", "install", "-c", str(gateway.config), code=code)
    return done.stdout + done.stderr


async def test_traffic_goes_on_through_ten_installs(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink]
) -> None:
    one, two = start_sink(), start_sink()
    rules = forwarding(("dest.test", f"127.0.0.1:{one.port}"), ("*", "127.0.0.1:1", "outgoing"))
    gateway = start_mailock(rules + QUICK)
    source = asyncio.create_task(
        smtp_source(gateway.address, messages=3000, sessions=4, recipient="b@dest.test", keep_connections=True)
    )
    hops = [f"127.0.0.1:{sink.port}" for sink in (one, two)]
    number = 0
    while not source.done() and number < 10:
        await asyncio.to_thread(install, gateway, hops[number % 2], hops[(number + 1) % 2])
        number += 1
    # Each session of smtp-source was one connection from start to end, and none saw an error.
    run = await source
    assert run.ok, run.printed
    assert number >= 2
    await gateway.emptied()
    assert len(one.messages()) + len(two.messages()) == 3000
    assert one.messages()
    assert two.messages()
    assert gateway.ask("status")["revision"] == number + 1


async def test_a_transaction_that_is_open_is_judged_by_one_revision_and_sent_by_the_next(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as old, hop() as new:
        gateway = start_mailock(forwarding(("dest.test", str(old)), ("*", str(old), "outgoing")) + QUICK)
        async with talk(gateway.address) as client:
            await client.hello()
            await client.envelope("a@source.test", "b@dest.test")
            install(gateway, f'domain = "dest.test"\nnext_hop = "{old}"', f'domain = "dest.test"\nnext_hop = "{new}"')
            assert (await client.data(b"Subject: x\r\n\r\n")).code == 250
            assert (await client.message("a@source.test", ["c@dest.test"])).code == 250
        await new.arrived(2)
        assert not old.taken
        for record in await gateway.tracked("", "delivered", count=2):
            assert (record["accept_revision"], record["judge_revision"]) == (2, 2)


async def test_mail_that_waits_follows_the_rules_of_the_day(start_mailock: Callable[..., Mailock]) -> None:
    dead = f"127.0.0.1:{free_port()}"
    async with hop() as there:
        rules = forwarding(("dest.test", dead), ("gone.test", dead), ("scan.test", dead), ("*", str(there), "outgoing"))
        gateway = start_mailock(rules + QUICK)
        async with talk(gateway.address) as client:
            await client.hello()
            for domain in ("dest.test", "gone.test", "scan.test"):
                await client.message("a@source.test", [f"b@{domain}"])
        await gateway.tracked("", "deferred", count=3)
        text = gateway.config.read_text()
        text = text.replace(forwarding(("gone.test", dead)), "").replace(
            forwarding(("scan.test", dead)), forwarding(("scan.test", "0.0.0.0"))
        )
        gateway.config.write_text(text)
        install(gateway, f'domain = "dest.test"\nnext_hop = "{dead}"', f'domain = "dest.test"\nnext_hop = "{there}"')
        await there.arrived()
        await gateway.tracked("to:b@scan.test", "scan_ended")
        # A rule that is gone bounces nothing: its mail waits, with that reason, until there is one again.
        await until(
            lambda: "no forwarding rule" in gateway.track("to:b@gone.test")[0]["reason"], 20, lambda: "another reason"
        )
        gateway.config.write_text(gateway.config.read_text() + forwarding(("gone.test", str(there))))
        gateway.run("policy", "install", "-c", str(gateway.config))
        await there.arrived(2)
        await gateway.emptied()


async def test_sighup_installs_the_file_and_a_bad_one_changes_nothing(start_mailock: Callable[..., Mailock]) -> None:
    taken, other = free_port(), free_port()
    rules = forwarding(("dest.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing"))
    gateway = start_mailock(rules)
    blocker = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", taken)
    async with talk(gateway.address) as client:
        await client.hello()

        async def hup(change: str, words: str) -> None:
            gateway.config.write_text(original + change)
            assert gateway.process is not None
            gateway.process.send_signal(signal.SIGHUP)
            await until(lambda: words in gateway.log(), 20, gateway.log)

        original = gateway.config.read_text()
        listener = '[[mta.listener]]\nname = "more"\naddress = "127.0.0.1"\nport = {}\n'
        await hup(listener.format(other), "revision 2")
        async with talk(("127.0.0.1", other)) as second:
            await second.hello()
            # A port that somebody else has: nothing is installed, and what was there stands.
            await hup(listener.format(taken), f"another program has it (`ss -ltnp 'sport = :{taken}'` names it)")
            assert gateway.ask("status")["revision"] == 2
            await hup("[mta.delivery]\nretry_frist = 1\n", "there is no such setting: did you mean retry_first?")
            assert gateway.ask("status")["revision"] == 2
            assert (await second.say("NOOP")).code == 250
            # Closed by an install, the listener takes nobody new and lets go of nobody.
            await hup("", "revision 3")
            assert (await second.message("a@source.test", ["b@dest.test"])).code == 250
        assert (await client.say("NOOP")).code == 250
    assert [one["port"] for one in gateway.ask("status")["listening"]] == [gateway.port]
    blocker.close()

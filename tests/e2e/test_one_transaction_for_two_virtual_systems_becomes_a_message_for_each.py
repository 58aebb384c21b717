"""A virtual system is a fact of the recipient: each has its own rules, its own message and its own record."""

from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk

OUT = forwarding(("*", "127.0.0.1:1", "outgoing"))


def system(name: str, more: str, *rules: tuple[str, ...]) -> str:
    """The policy text of a virtual system."""
    return f"[virtual_system.{name}]\n{more}" + forwarding(*rules).replace("[mta.", f"[virtual_system.{name}.mta.")


async def test_each_system_has_its_own_message_rules_and_record(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as default, hop() as red, hop() as blue:
        gateway = start_mailock(
            forwarding(("dest.test", str(default)))
            + OUT
            + system("red", "", ("red.test", str(red)), ("*", "127.0.0.1:1", "outgoing"))
            + system("blue", 'domains = ["blue.test"]\n', ("*", str(blue)), ("*", "127.0.0.1:1", "outgoing"))
        )
        async with talk(gateway.address) as client:
            await client.hello()
            recipients = ["a@red.test", "a@blue.test", "b@red.test", "a@dest.test"]
            assert (await client.message("a@source.test", recipients, b"Subject: shared\r\n\r\nx\r\n")).code == 250
        await gateway.emptied()

        assert [taken.rcpts for taken in red.taken] == [("RCPT TO:<a@red.test>", "RCPT TO:<b@red.test>")]
        assert [taken.rcpts for taken in blue.taken] == [("RCPT TO:<a@blue.test>",)]
        assert [taken.rcpts for taken in default.taken] == [("RCPT TO:<a@dest.test>",)]
        records = await gateway.tracked("subject:shared", "delivered", count=3)
        told = {one["virtual_system"]: [r["address"] for r in one["recipients"]] for one in records}
        assert told == {"red": ["a@red.test", "b@red.test"], "blue": ["a@blue.test"], "default": ["a@dest.test"]}
        # They came together, and nothing in what one system got tells of the others.
        assert len({(one["session"], one["ordinal"]) for one in records}) == 1
        assert len({one["id"] for one in records}) == 3
        assert b"blue.test" not in red.taken[0].content
        assert b"red.test" not in blue.taken[0].content
        (alone,) = gateway.track("system:blue")
        assert alone["virtual_system"] == "blue"


async def test_the_listener_of_a_system_lets_in_mail_for_that_system_only(
    start_mailock: Callable[..., Mailock],
) -> None:
    port = free_port()
    async with hop() as red, hop() as blue:
        gateway = start_mailock(
            OUT
            + f'[[mta.listener]]\nname = "red-door"\naddress = "127.0.0.1"\nport = {port}\n'
            + system("red", 'listeners = ["red-door"]\n', ("red.test", str(red)), ("*", "127.0.0.1:1", "outgoing"))
            + system("blue", "", ("blue.test", str(blue)), ("*", "127.0.0.1:1", "outgoing"))
        )
        async with talk(("127.0.0.1", port)) as client:
            await client.hello()
            (red_said, blue_said) = await client.envelope("a@source.test", "a@red.test", "a@blue.test")
            assert red_said.code == 250
            assert (blue_said.code, blue_said.enhanced) == (550, "5.7.1")
            assert (await client.data(b"Subject: x\r\n\r\n")).code == 250
        # The common door takes both.
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("a@source.test", ["a@red.test", "a@blue.test"])
        await gateway.emptied()
        assert (len(red.taken), len(blue.taken)) == (2, 1)
        (record,) = await gateway.tracked("from:a@source.test system:blue", "delivered")
        assert record["recipients"][0]["address"] == "a@blue.test"


async def test_a_system_may_take_less_and_give_up_sooner_than_the_gateway(
    start_mailock: Callable[..., Mailock],
) -> None:
    limits = '[virtual_system.red.mta.limits]\nmessage_size = "100KiB"\nrecipients = 2\nmessage_rate = 1\n'
    limits += '[virtual_system.red.mta.delivery]\nqueue_lifetime = "1s"\n'
    async with hop() as red, hop() as default:
        gateway = start_mailock(
            forwarding(("dest.test", str(default)), ("down.test", "127.0.0.1:1"))
            + OUT
            + QUICK
            + system(
                "red", "", ("red.test", str(red)), ("a.down.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing")
            )
            + limits
        )
        large = b"Subject: large\r\n\r\n" + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 1500
        async with talk(gateway.address) as client:
            await client.hello()
            said = await client.envelope("a@source.test", "a@red.test", "b@red.test", "c@red.test", "a@dest.test")
            assert [(one.code, one.enhanced) for one in said] == [
                (250, "2.1.5"),
                (250, "2.1.5"),
                (452, "4.5.3"),
                (250, "2.1.5"),
            ]
            # Not declared, so it is known only when it is there.
            refused = await client.data(large)
            assert (refused.code, refused.enhanced) == (552, "5.3.4")
            assert (await client.say(f"MAIL FROM:<a@source.test> SIZE={len(large)}")).code == 250
            assert (await client.say("RCPT TO:<a@red.test>")).code == 552
            assert (await client.say("RCPT TO:<a@dest.test>")).code == 250
            assert (await client.data(large)).code == 250
        await gateway.emptied()
        assert (len(red.taken), len(default.taken)) == (0, 1)
        records = await gateway.tracked("", "rejected", count=2)
        assert any("the virtual system red takes 102400 octets" in one["reason"] for one in records)
        async with talk(gateway.address, source="127.0.0.2") as client:
            await client.hello()
            # From the null path, so that nobody is told; to a next hop that is not there.
            await client.message("", ["a@a.down.test", "a@down.test"])
            assert (await client.say("MAIL FROM:<a@source.test>")).code == 250
            often = await client.say("RCPT TO:<a@red.test>")
            assert (often.code, often.enhanced) == (450, "4.7.1")
            assert (await client.say("RCPT TO:<a@dest.test>")).code == 250
        (gone,) = await gateway.tracked("system:red to:a.down.test", "bounced")
        assert "Given up after" in gone["reason"]
        await gateway.tracked("to:a@down.test", "deferred")


def test_a_system_cannot_take_more_than_the_gateway(start_mailock: Callable[..., Mailock]) -> None:
    limits = '[virtual_system.red.mta.limits]\nmessage_size = "1GB"\nrecipients = 2000\n'
    rules = system("red", "", ("red.test", "0.0.0.0"), ("*", "127.0.0.1:1", "outgoing"))
    gateway = start_mailock(OUT + rules + limits, start=False)
    told = gateway.run("policy", "check", "-c", str(gateway.config), code=2)
    said = told.stdout + told.stderr
    assert "message_size: is not within what the gateway takes" in said
    assert "recipients: is more than the 1000 of [mta.limits]" in said

"""The next hop 0.0.0.0 of one rule means scan only for its recipients; where every rule says so, nothing leaves."""

from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.talk import talk


async def test_the_recipients_of_that_rule_end_and_the_others_are_delivered(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as there:
        rules = forwarding(("scan.test", "0.0.0.0"), ("dest.test", str(there)), ("*", str(there), "outgoing"))
        gateway = start_mailock(rules + QUICK)
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("a@source.test", ["b@scan.test", "b@dest.test"])
            await client.message("a@source.test", ["c@scan.test"])
        await gateway.emptied()
        assert [taken.rcpts for taken in there.taken] == [("RCPT TO:<b@dest.test>",)]
        (both,) = await gateway.tracked("to:b@scan.test", "scan_ended")
        assert {one["address"]: one["status"] for one in both["recipients"]} == {
            "b@scan.test": "scan_ended",
            "b@dest.test": "delivered",
        }
        (alone,) = await gateway.tracked("to:c@scan.test", "scan_ended")
        assert alone["recipients"][0]["status"] == "scan_ended"


async def test_monitoring_only_sends_nothing_to_anybody(start_mailock: Callable[..., Mailock]) -> None:
    rules = forwarding(("*", "0.0.0.0"), ("*", "0.0.0.0", "outgoing"))
    # Not even an alert that is to go by mail leaves, and nobody is told of a failure or of a success.
    gateway = start_mailock(rules + QUICK + '[alerts]\nmail_to = ["boss@source.test"]\n')
    async with talk(gateway.address) as client:
        await client.hello()
        await client.say("MAIL FROM:<a@source.test>")
        await client.say("RCPT TO:<b@dest.test> NOTIFY=SUCCESS,FAILURE,DELAY")
        assert (await client.data(b"Subject: x\r\n\r\n")).code == 250
    gateway.run("alert", "test", "-c", str(gateway.config))
    await gateway.emptied()
    told = {record["sender"]: (record["own"], record["status"]) for record in await gateway.tracked("", count=2)}
    assert told == {"a@source.test": (None, "scan_ended"), "<>": ("notice", "scan_ended")}


async def test_the_command_line_says_that_nothing_is_enforced(start_mailock: Callable[..., Mailock]) -> None:
    gateway = start_mailock(forwarding(("*", "0.0.0.0"), ("*", "0.0.0.0", "outgoing")))
    assert "nothing is enforced" in gateway.log()
    told = gateway.run("policy", "check", "-c", str(gateway.config))
    assert "nothing is enforced" in told.stdout + told.stderr

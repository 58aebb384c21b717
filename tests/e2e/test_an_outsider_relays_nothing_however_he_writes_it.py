"""Never an open relay: recipients elsewhere are refused in every spelling, with a code that `mailock show` knows."""

from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.talk import talk

ELSEWHERE = (
    "victim@far.test",
    "victim%far.test@gateway.test",
    "@ours.test:victim@far.test",
    "@far.test,@ours.test:victim@far.test",
    '"victim@far.test"@far.test',
    "victim@[192.0.2.1]",
    "victim@[127.0.0.1]",
    "victim@[IPv6:::1]",
    "victim@[IPv6:2001:db8::1]",
    "victim@localhost",
    "victim@xn--ours-.test",
    "victim@ours.test.far.test",
    "victim@notours.test",
    "victim@.ours.test",
    "victim@ours.test.",
    "victim@mx.gateway.test",
    "far.test!victim@gateway.test",
)
NO_ADDRESS = (
    "victim@far.test@ours.test@far.test",
    "victim@ours.test@far.test",
    "victim@far.test@ours.test",
    "victim",
    "victim@",
    "far.test!victim",
    "victim%far.test",
    "@ours.test",
    "victim@ours.test victim@far.test",
    "victim@ours.test>,<victim@far.test",
    "victim@ours..test",
    "victim@192.0.2.1",
    "victim@ours.test\x00.far.test",
    "victim@ours.test\rRCPT TO:<x@far.test>",
)


async def test_everything_that_leads_elsewhere_is_refused(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as inside, hop() as outside:
        gateway = start_mailock(forwarding(("ours.test", str(inside)), ("*", str(outside), "outgoing")))
        for recipient in ELSEWHERE:
            async with talk(gateway.address) as client:
                await client.hello()
                (said,) = await client.envelope("boss@ours.test", recipient)
                assert (said.code, said.enhanced) in ((550, "5.7.1"), (501, "5.1.3")), (recipient, said)
                assert said.reference
                assert (await client.data(b"Subject: x\r\n\r\n")).code >= 500
        for recipient in NO_ADDRESS:
            async with talk(gateway.address) as client:
                await client.hello()
                await client.say("MAIL FROM:<boss@ours.test>")
                said = await client.say(f"RCPT TO:<{recipient}>")
                assert 500 <= said.code < 600, (recipient, said)
        await gateway.emptied()
        assert not outside.sessions
        assert not inside.sessions


async def test_what_names_a_mailbox_of_ours_reaches_ours_and_nobody_else(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as inside, hop() as outside:
        gateway = start_mailock(forwarding(("ours.test", str(inside)), ("*", str(outside), "outgoing")))
        written = {
            "victim%far.test@ours.test": "<victim%far.test@ours.test>",
            "@far.test:user@ours.test": "<user@ours.test>",
            '"victim@far.test"@ours.test': '<"victim@far.test"@ours.test>',
            "far.test!victim@ours.test": "<far.test!victim@ours.test>",
            "user@OURS.Test": "<user@ours.test>",
        }
        async with talk(gateway.address) as client:
            await client.hello()
            for recipient in written:
                assert (await client.message("a@far.test", [recipient])).code == 250, recipient
        await gateway.emptied()
        assert [taken.rcpts[0].removeprefix("RCPT TO:") for taken in inside.taken] == list(written.values())
        assert not outside.sessions

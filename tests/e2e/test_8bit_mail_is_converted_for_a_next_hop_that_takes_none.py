"""8BITMIME (RFC 6152): what a next hop without it gets is 7bit, for its recipients alone; what is signed comes back."""

from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.talk import talk

HEAD = b"From: <a@source.test>\r\nMIME-Version: 1.0\r\n"
TEXT = (
    HEAD + b"Subject: text\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"Gr\xc3\xbc\xc3\x9fe!\r\n"
)
SIGNED = (
    HEAD + b"Subject: signed\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe!\r\n--b\r\n"
    b"Content-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
)


async def test_a_copy_for_it_is_converted_and_what_cannot_be_is_returned(start_mailock: Callable[..., Mailock]) -> None:
    async with hop(extensions=("PIPELINING", "SIZE", "DSN")) as old, hop() as new:
        convert = f'[[mta.forwarding]]\ndomain = "old.test"\nnext_hop = "{old}"\neight_bit = "convert"\n'
        rules = convert + forwarding(("new.test", str(new)), ("*", str(new), "outgoing"))
        tag = '[[rule]]\nname = "tag"\nwhen = { recipient = "b@old.test" }\nthen = { subject_prefix = "[EXT] " }\n'
        gateway = start_mailock(rules + QUICK + tag)
        async with talk(gateway.address) as client:
            await client.hello()
            for content in (TEXT, SIGNED):
                assert (await client.say("MAIL FROM:<a@source.test> BODY=8BITMIME")).code == 250
                for to in ("a@old.test", "b@old.test", "c@new.test") if content is TEXT else ("d@old.test",):
                    assert (await client.say(f"RCPT TO:<{to}>")).code == 250
                assert (await client.data(content)).code == 250
        taken = {one.rcpts: one for one in await old.arrived(2)}
        assert set(taken) == {("RCPT TO:<a@old.test>",), ("RCPT TO:<b@old.test>",)}
        for one in taken.values():
            assert "BODY" not in one.mail
            assert b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe!\r\n" in one.content
        # What was changed before it was converted is still changed.
        assert b"Subject: [EXT] text\r\n" in taken["RCPT TO:<b@old.test>",].content
        straight, notice = sorted(await new.arrived(2), key=lambda one: "null" if "<>" in one.mail else "")
        assert straight.content.endswith(TEXT)
        assert "BODY=8BITMIME" in straight.mail
        assert b"Status: 5.6.3" in notice.content
        said = b" ".join(notice.content.split())
        assert b"cannot be converted" in said
        assert b"signed or encrypted" in said
        (record,) = await gateway.tracked("subject:text", "delivered")
        changes = {one["address"]: one["changes"] for one in record["recipients"]}
        assert changes["a@old.test"] == ["Wrote part 1 as quoted-printable, which is 7bit."]
        assert len(changes["b@old.test"]) == 2
        assert changes["c@new.test"] == []


async def test_so_is_a_message_whose_judgement_was_not_written_yet(start_mailock: Callable[..., Mailock]) -> None:
    async with hop(extensions=("PIPELINING", "SIZE")) as old:
        convert = f'[[mta.forwarding]]\ndomain = "old.test"\nnext_hop = "{old}"\neight_bit = "convert"\n'
        gateway = start_mailock(convert + forwarding(("*", str(old), "outgoing")) + QUICK)
        async with talk(gateway.address) as client:
            await client.hello()
            # The second is declared 8-bit and is not, so there is nothing to convert.
            for content in (TEXT, b"Subject: plain\r\n\r\nhello\r\n"):
                assert (await client.say("MAIL FROM:<a@source.test> BODY=8BITMIME")).code == 250
                assert (await client.say("RCPT TO:<a@old.test>")).code == 250
                assert (await client.data(content)).code == 250
        converted, plain = sorted((one.content for one in await old.arrived(2)), key=lambda one: b"plain" in one)
        assert converted.endswith(b"\r\n\r\nGr=C3=BC=C3=9Fe!\r\n")
        assert plain.endswith(b"Subject: plain\r\n\r\nhello\r\n")
        await gateway.emptied()

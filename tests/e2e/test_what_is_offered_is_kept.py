"""The extensions that EHLO lists do what their RFCs say: pipelining, chunks, 8-bit mail, status codes, order."""

import re
from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.postfix import Postfix
from tests.parts.talk import talk

EIGHT = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhällo\r\n".encode()


async def test_the_list_and_status_codes(start_mailock: Callable[..., Mailock]) -> None:
    gateway = start_mailock(forwarding(("dest.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing")))
    async with talk(gateway.address) as client:
        offered = await client.hello()
        assert offered.lines[0] == "mx.gateway.test"
        names = {line.split()[0] for line in offered.lines[1:]}
        assert names == {
            *("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS")
        }
        # Every reply but those that must not have one carries an enhanced code of its own class (RFC 2034).
        said = {}
        for line in (
            *("NOOP", "VRFY b@dest.test", "HELP", "EXPN list", "FOO", "RCPT TO:<b@dest.test>", "MAIL FROM:a", "RSET"),
            *("MAIL FROM:<a@b.test> FOO=BAR", "MAIL FROM:<a@b.test>", "MAIL FROM:<a@b.test>", "DATA", "DATA now"),
            *("RCPT TO:<nobody>", "RCPT TO:<x@far.test>", "RCPT TO:<b@dest.test>", "QUIT"),
        ):
            said[line] = await client.say(line)
        for line, reply in said.items():
            assert re.match(r"[245]\.\d+\.\d+ ", reply.text), (line, reply)
            assert reply.text[0] == str(reply.code)[0], (line, reply)
        assert said["QUIT"].code == 221


async def test_a_pipelined_group_gets_its_replies_in_order(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        gateway = start_mailock(forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")))
        async with talk(gateway.address) as client:
            await client.hello()
            one = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<x@far.test>\r\nRCPT TO:<b@dest.test>\r\nDATA\r\n"
            client.send(one)
            assert [(await client.hear()).code for _ in range(4)] == [250, 550, 250, 354]
            # The end of one message, and the whole of the next, in one write.
            client.send(b"Subject: one\r\n\r\n.\r\n" + one)
            assert [(await client.hear()).code for _ in range(5)] == [250, 250, 550, 250, 354]
            client.send(b"Subject: two\r\n\r\n.\r\nRSET\r\nNOOP\r\nQUIT\r\n")
            assert [said.code for said in await client.hear_all()] == [250, 250, 250, 221]
        await gateway.emptied()
        # We pipeline too: MAIL, RCPT and DATA left together, over one connection or two.
        assert [one.rcpts for one in there.taken] == [("RCPT TO:<b@dest.test>",)] * 2
        reads = [read for session in there.sessions for read in session.reads]
        assert sum(b"MAIL" in read and b"RCPT" in read and b"DATA" in read for read in reads) == 2


async def test_chunks_carry_any_octets_and_need_no_dots(
    start_mailock: Callable[..., Mailock], postfix_next_hop: Postfix
) -> None:
    there = f"127.0.0.1:{postfix_next_hop.port}"
    gateway = start_mailock(forwarding(("dest.test", there), ("*", there, "outgoing")))
    body = (
        b"Subject: chunks\r\n\r\n.\r\n..\r\n.x\r\nQUIT\r\n" + bytes(range(128, 256)) + b"\r\n" + b"y" * 3000 + b"\r\n"
    )
    async with talk(gateway.address) as client:
        await client.hello()
        assert [said.code for said in await client.envelope("a@b.test", "b@dest.test")] == [250]
        for start in range(0, len(body), 700):
            piece = body[start : start + 700]
            client.send(b"BDAT %d\r\n%b" % (len(piece), piece))
            assert (await client.hear()).code == 250
        assert (await client.say("BDAT 0 LAST")).code == 250
        # Where no transaction is open the octets are swallowed, and are no commands.
        client.send(b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")
        assert [(await client.hear()).code, (await client.hear()).code] == [503, 250]
    (delivered,) = await postfix_next_hop.arrived(1)
    assert delivered.body == body.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n")


async def test_eight_bit_mail_to_a_hop_that_does_not_offer_it(start_mailock: Callable[..., Mailock]) -> None:
    async with hop(extensions=("PIPELINING",)) as old, hop() as back:
        rules = forwarding(("dest.test", str(old)), ("strict.test", str(old))) + 'eight_bit = "return"\n'
        gateway = start_mailock(rules + forwarding(("*", str(back), "outgoing")))
        async with talk(gateway.address) as client:
            await client.hello()
            for domain in ("dest.test", "strict.test"):
                assert (await client.say("MAIL FROM:<a@b.test> BODY=8BITMIME")).code == 250
                assert (await client.say(f"RCPT TO:<b@{domain}>")).code == 250
                assert (await client.data(EIGHT)).code == 250
            # What is plain goes there under either policy.
            assert (await client.message("a@b.test", ["plain@strict.test"])).code == 250
        await gateway.emptied()
        assert {taken.rcpts[0] for taken in old.taken} == {"RCPT TO:<b@dest.test>", "RCPT TO:<plain@strict.test>"}
        sent = next(taken for taken in old.taken if "dest.test" in taken.rcpts[0])
        assert sent.content.endswith(EIGHT)
        assert "BODY" not in sent.mail
        (notice,) = back.taken
        assert b"\r\nStatus: 5.6.3\r\n" in notice.content


async def test_lines_of_any_length_and_dots_arrive_as_they_were(
    start_mailock: Callable[..., Mailock], postfix_next_hop: Postfix
) -> None:
    there = f"127.0.0.1:{postfix_next_hop.port}"
    gateway = start_mailock(forwarding(("dest.test", there), ("*", there, "outgoing")))
    async with hop() as exact:
        body = b".\r\n..\r\n...\r\n.a\r\n" + b"z" * 200_000 + b"\r\n\r\n"
        stuffed = b"".join(b"." * line.startswith(b".") + line for line in body.splitlines(keepends=True))
        text = gateway.config.read_text() + forwarding(("exact.test", str(exact)))
        gateway.config.write_text(text)
        gateway.run("policy", "install", "-c", str(gateway.config))
        async with talk(gateway.address) as client:
            await client.hello()
            assert (await client.message("a@b.test", ["b@exact.test"], b"Subject: x\r\n\r\n" + stuffed)).code == 250
        (taken,) = await exact.arrived()
        assert taken.content.endswith(b"Subject: x\r\n\r\n" + body)

"""SMTPUTF8 (RFC 6531): through to a hop that knows it, back with 5.6.7 from one that does not; IDNA domains match."""

import base64
from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.postfix import Postfix
from tests.parts.talk import talk

UTF8 = "jörg@bücher.test"
HEAD = f"From: <{UTF8}>\r\nSubject: Grüße\r\n\r\nhällo\r\n".encode()


async def test_through_a_real_next_hop(start_mailock: Callable[..., Mailock], postfix_next_hop: Postfix) -> None:
    there = f"127.0.0.1:{postfix_next_hop.port}"
    gateway = start_mailock(forwarding(("bücher.test", there), ("*", there, "outgoing")))
    async with talk(gateway.address) as client:
        await client.hello()
        assert (await client.say("MAIL FROM:<chloé@source.test> SMTPUTF8 BODY=8BITMIME")).code == 250
        assert (await client.say(f"RCPT TO:<{UTF8}>")).code == 250
        # The same domain in its other spelling.
        assert (await client.say("RCPT TO:<anna@xn--bcher-kva.test>")).code == 250
        assert (await client.data(HEAD)).code == 250
    delivered = await postfix_next_hop.arrived(2)
    assert all("chloé@source.test".encode() in mail.raw for mail in delivered)
    assert all("hällo".encode() in mail.body for mail in delivered)
    (record,) = await gateway.tracked("subject:grüße", "delivered")
    assert record["sender"] == "chloé@source.test"
    assert any(one["address"].startswith("jörg@") for one in record["recipients"])


async def test_back_from_one_that_does_not_know_it(start_mailock: Callable[..., Mailock]) -> None:
    async with hop(extensions=("PIPELINING", "8BITMIME")) as there, hop() as back:
        gateway = start_mailock(forwarding(("bücher.test", str(there)), ("*", str(back), "outgoing")))
        async with talk(gateway.address) as client:
            await client.hello()
            assert (await client.say("MAIL FROM:<a@source.test> SMTPUTF8")).code == 250
            assert (await client.say(f"RCPT TO:<{UTF8}>")).code == 250
            assert (await client.data(HEAD)).code == 250
            # ASCII mail to the same domain goes there.
            assert (await client.message("a@source.test", ["anna@xn--bcher-kva.test"])).code == 250
        (notice,) = await back.arrived()
        # RFC 6533: the address as it is, in a notice that goes to a mailbox without SMTPUTF8 all the same.
        status = notice.content.partition(b"Content-Type: message/global-delivery-status\r\n")[2]
        encoding, _, rest = status.partition(b"\r\n\r\n")
        assert encoding == b"Content-Transfer-Encoding: base64"
        fields = base64.b64decode(rest.partition(b"\r\n--")[0]).decode()
        assert "\r\nStatus: 5.6.7\r\n" in fields
        assert "\r\nFinal-Recipient: utf-8; jörg@xn--bcher-kva.test\r\n" in fields
        assert "SMTPUTF8" not in notice.mail
        await gateway.emptied()
        assert [taken.rcpts for taken in there.taken] == [("RCPT TO:<anna@xn--bcher-kva.test>",)]


async def test_without_the_extension_such_an_address_is_refused(start_mailock: Callable[..., Mailock]) -> None:
    gateway = start_mailock(forwarding(("bücher.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing")))
    async with talk(gateway.address) as client:
        await client.hello()
        assert (await client.say("MAIL FROM:<chloé@source.test>")).code == 553
        assert (await client.say("MAIL FROM:<a@source.test>")).code == 250
        said = await client.say(f"RCPT TO:<{UTF8}>")
        assert (said.code, said.enhanced) == (553, "5.6.7")

"""RFC 3461: what a sender asks for is passed on to a next hop that knows it, and else answered by us (RFC 3464)."""

from collections.abc import Callable
from email import message_from_bytes
from email.message import Message

from tests.parts.dovecot import Dovecot
from tests.parts.hop import HopSession, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.postfix import Postfix
from tests.parts.talk import Talk, talk

NO_DSN = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")


async def send(client: Talk, recipients: list[str], mail: str = "", body: bytes = b"x" * 500 + b"\r\n") -> None:
    """One message from a@source.test; recipients with their parameters."""
    assert (await client.say(f"MAIL FROM:<a@source.test>{mail}")).code == 250
    for recipient in recipients:
        assert (await client.say(f"RCPT TO:{recipient}")).code == 250
    assert (await client.data(b"Subject: the subject\r\n\r\n" + body)).code == 250


def parts(notice: bytes) -> tuple[dict[str, str], list[dict[str, str]], str]:
    """The fields of the message, those of each recipient, and the type of what is returned."""
    message = message_from_bytes(notice)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Auto-Submitted"] == "auto-replied"
    inside = message.get_payload()
    assert isinstance(inside, list)
    _, status, returned = inside
    assert isinstance(status, Message)
    assert isinstance(returned, Message)
    blocks = status.get_payload()
    assert isinstance(blocks, list)
    fields = [dict(block.items()) for block in blocks if isinstance(block, Message)]
    return fields[0], fields[1:], returned.get_content_type()


async def test_the_wishes_are_passed_on_word_by_word(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        gateway = start_mailock(forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")))
        async with talk(gateway.address) as client:
            await client.hello()
            await send(
                client,
                [
                    "<b@dest.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;first+2Bb@dest.test",
                    "<c@dest.test> NOTIFY=NEVER",
                    "<d@dest.test>",
                ],
                " RET=HDRS ENVID=QQ+2B314159",
            )
        (taken,) = await there.arrived()
        assert taken.mail.endswith("> SIZE=" + taken.mail.split("SIZE=")[1].split()[0] + " RET=HDRS ENVID=QQ+2B314159")
        assert taken.rcpts == (
            "RCPT TO:<b@dest.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;first+2Bb@dest.test",
            "RCPT TO:<c@dest.test> NOTIFY=NEVER",
            "RCPT TO:<d@dest.test>",
        )
        # The next hop has taken the duty over, so we say nothing.
        await gateway.emptied()
        assert len(there.taken) == 1


async def test_a_real_next_hop_answers_the_wish_that_we_passed_on(
    start_mailock: Callable[..., Mailock], postfix_next_hop: Postfix
) -> None:
    hop_ = f"127.0.0.1:{postfix_next_hop.port}"
    gateway = start_mailock(forwarding(("dest.test", hop_), ("*", hop_, "outgoing")))
    async with talk(gateway.address) as client:
        await client.hello()
        await send(client, ["<b@dest.test> NOTIFY=SUCCESS"], " ENVID=E77")
    (notice,) = await postfix_next_hop.arrived(1, recipient="a@source.test")
    assert "next-hop.test" in str(notice.message["From"])
    assert "Original-Envelope-Id: E77" in notice.raw.decode()


async def test_where_the_next_hop_cannot_we_say_relayed_or_delivered(
    start_mailock: Callable[..., Mailock], start_lmtp: Callable[..., Dovecot]
) -> None:
    box = start_lmtp(users=["user@box.test"])
    async with hop(extensions=NO_DSN) as there, hop() as back:
        gateway = start_mailock(
            forwarding(
                ("dest.test", str(there)), ("box.test", f"lmtp:127.0.0.1:{box.port}"), ("*", str(back), "outgoing")
            )
        )
        async with talk(gateway.address) as client:
            await client.hello()
            await send(
                client, ["<b@dest.test> NOTIFY=SUCCESS ORCPT=rfc822;old@dest.test", "<c@dest.test>"], " ENVID=E1"
            )
            await send(client, ["<user@box.test> NOTIFY=SUCCESS,FAILURE"], " RET=FULL")
        notices = [parts(one.content) for one in await back.arrived(2)]
        relayed = next(one for one in notices if one[1][0]["Action"] == "relayed")
        delivered = next(one for one in notices if one[1][0]["Action"] == "delivered")
        assert relayed[0]["Original-Envelope-Id"] == "E1"
        assert relayed[0]["Reporting-MTA"] == "dns; mx.gateway.test"
        assert [one["Final-Recipient"] for one in relayed[1]] == ["rfc822; b@dest.test"]
        assert relayed[1][0]["Original-Recipient"] == "rfc822; old@dest.test"
        assert relayed[1][0]["Status"].startswith("2.")
        assert delivered[1][0]["Final-Recipient"] == "rfc822; user@box.test"
        # A success never brings the whole message back, whatever RET says (RFC 3461 section 4.3).
        assert {relayed[2], delivered[2]} == {"text/rfc822-headers"}
        assert all(one.mail.startswith("MAIL FROM:<>") for one in back.taken)


async def test_a_failure_is_told_unless_he_wants_none_and_brings_back_what_he_wants(
    start_mailock: Callable[..., Mailock],
) -> None:
    def refuse(session: HopSession, line: str) -> str | None:
        return "550 5.1.1 nobody here" if line.startswith("RCPT") else None

    async with hop(answer=refuse) as there, hop() as back:
        mta = '[mta]\ninterfaces = ["127.0.0.1"]\nport = {port}\ninternal_networks = ["127.0.0.2"]\n'
        gateway = start_mailock(mta + forwarding(("dest.test", str(there)), ("*", str(back), "outgoing")))
        # To one of ours the whole message may go back; an outsider, who may be anybody, gets the header at most.
        async with talk(gateway.address, source="127.0.0.2") as client:
            await client.hello()
            await send(client, ["<never@dest.test> NOTIFY=NEVER", "<delay@dest.test> NOTIFY=SUCCESS,DELAY"])
            await send(client, ["<b@dest.test>", "<c@dest.test> NOTIFY=FAILURE ORCPT=rfc822;old@dest.test"], " ENVID=X")
            await send(client, ["<b@dest.test> NOTIFY=FAILURE"], " RET=HDRS")
            # Without a return path nobody is told.
            assert (await client.message("", ["b@dest.test"])).code == 250
        whole, headers = [parts(one.content) for one in await back.arrived(2)]
        await gateway.emptied()
        assert len(back.taken) == 2
        assert (whole[2], headers[2]) == ("message/rfc822", "text/rfc822-headers")
        assert whole[0]["Original-Envelope-Id"] == "X"
        assert [(one["Final-Recipient"], one["Action"], one["Status"]) for one in whole[1]] == [
            ("rfc822; b@dest.test", "failed", "5.1.1"),
            ("rfc822; c@dest.test", "failed", "5.1.1"),
        ]
        assert whole[1][1]["Original-Recipient"] == "rfc822; old@dest.test"
        assert whole[1][0]["Diagnostic-Code"] == "smtp; 550 5.1.1 nobody here"
        assert whole[1][0]["Remote-MTA"].startswith("dns; ")
        (record,) = await gateway.tracked("to:never@dest.test", "bounced")
        assert {one["status"] for one in record["recipients"]} == {"bounced"}

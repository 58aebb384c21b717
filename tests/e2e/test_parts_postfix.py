"""The Postfix parts work by themselves: mail that goes in comes out, and what is refused is refused."""

from tests.parts.certificates import Authority
from tests.parts.postfix import next_hop, previous_hop
from tests.parts.smtp_sink import smtp_sink
from tests.parts.smtp_source import smtp_source
from tests.parts.swaks import swaks

MESSAGE = (
    b"From: a@source.test\r\nTo: user@dest.test\r\nSubject: whole\r\n\r\nfirst line\r\n.dotted\r\n\r\nlast line\r\n"
)


async def test_a_next_hop_delivers_what_swaks_sent_to_each_recipients_maildir() -> None:
    with next_hop() as hop:
        talk = await swaks(hop.address, sender="a@source.test", recipients=("u@dest.test", "v@b.test"), message=MESSAGE)
        assert talk.ok, talk.transcript
        both = await hop.arrived(2)
    assert {mail.recipient for mail in both} == {"u@dest.test", "v@b.test"}
    for mail in both:
        assert mail.return_path == "a@source.test"
        assert mail.message["Subject"] == "whole"


async def test_the_body_arrives_byte_for_byte() -> None:
    with next_hop() as hop:
        await swaks(hop.address, message=MESSAGE)
        (mail,) = await hop.arrived()
        assert mail.body == b"first line\n.dotted\n\nlast line\n"


async def test_a_next_hop_refuses_the_recipients_it_was_told_to() -> None:
    with next_hop(refuse={"gone@dest.test": "550 5.1.1 No such user", "busy.test": "450 4.2.0 Later"}) as hop:
        gone = await swaks(hop.address, recipients=("gone@dest.test",))
        busy = await swaks(hop.address, recipients=("anyone@busy.test",))
        fine = await swaks(hop.address, recipients=("user@dest.test",))
    assert gone.exit_code == busy.exit_code == 24
    assert any(reply.startswith("550 5.1.1") for reply in gone.replies)
    assert any(reply.startswith("450 4.2.0") for reply in busy.replies)
    assert fine.ok


async def test_a_next_hop_with_a_certificate_offers_starttls(authority: Authority) -> None:
    with next_hop(certificate=authority.issue("next-hop.test", "127.0.0.1")) as hop:
        talk = await swaks(hop.address, options=["--tls", "--tls-verify", "--tls-ca-path", str(authority.root)])
    assert talk.ok, talk.transcript
    assert "STARTTLS" in talk.said


async def test_a_previous_hop_relays_to_the_next() -> None:
    with next_hop() as last, previous_hop(last.address) as first:
        await first.submit(MESSAGE, sender="a@source.test", recipients=["user@dest.test"])
        (mail,) = await last.arrived()
        await first.queue_emptied()
    assert "by previous-hop.test" in str(mail.message.get_all("Received"))


async def test_a_previous_hop_keeps_what_the_next_refuses_for_now() -> None:
    with next_hop(refuse={"dest.test": "450 4.2.0 Not yet"}) as last, previous_hop(last.address) as first:
        await first.submit(MESSAGE, sender="a@source.test", recipients=["user@dest.test"])
        await first.logged("status=deferred")
        assert first.queue()[0]["recipients"][0]["address"] == "user@dest.test"
        last.configure({"smtpd_recipient_restrictions": "permit"})
        first.flush()
        await last.arrived()
        await first.queue_emptied()


async def test_smtp_source_and_smtp_sink_count_the_same() -> None:
    with smtp_sink() as sink:
        run = await smtp_source(sink.address, messages=25, sessions=5, size=3000, recipients=2, sender="x@y.test")
        taken = await sink.arrived(25)
    assert run.ok, run.printed
    assert run.per_second > 1
    assert len(taken) == 25
    assert {one.mail_from for one in taken} == {"<x@y.test>"}
    assert {len(one.recipients) for one in taken} == {2}
    assert all(len(one.content) > 2000 for one in taken)


async def test_a_sink_refuses_to_order_and_smtp_source_says_so() -> None:
    with smtp_sink(options=["-f", "RCPT"]) as sink:
        run = await smtp_source(sink.address)
    assert not run.ok
    assert "recipient rejected: 5" in run.printed


async def test_a_sink_speaks_lmtp_with_a_reply_for_each_recipient() -> None:
    with smtp_sink(lmtp=True) as sink:
        talk = await swaks(sink.address, protocol="LMTP", recipients=("a@dest.test", "b@dest.test"), message=MESSAGE)
        (one,) = await sink.arrived()
    assert talk.ok, talk.transcript
    assert one.recipients == ("<a@dest.test>", "<b@dest.test>")
    assert one.content.startswith(b"Received: ") or b"Subject: whole\n" in one.content

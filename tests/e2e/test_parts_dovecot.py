"""The Dovecot part works by itself: LMTP in, Maildir out, and an answer of its own for every recipient."""

from tests.parts.dovecot import dovecot_lmtp
from tests.parts.swaks import swaks

MESSAGE = b"From: a@source.test\r\nTo: u@dest.test\r\nSubject: by lmtp\r\n\r\nhello\r\n"


async def test_a_message_sent_by_lmtp_lands_in_the_maildir() -> None:
    with dovecot_lmtp(users=["u@dest.test"]) as dovecot:
        talk = await swaks(dovecot.address, protocol="LMTP", recipients=("u@dest.test",), message=MESSAGE)
        assert talk.ok, talk.transcript
        (mail,) = await dovecot.arrived(recipient="u@dest.test")
        assert mail.message["Subject"] == "by lmtp"
        assert mail.body == b"hello\n"


async def test_somebody_unknown_is_refused_at_rcpt() -> None:
    with dovecot_lmtp(users=["u@dest.test"]) as dovecot:
        talk = await swaks(dovecot.address, protocol="LMTP", recipients=("nobody@dest.test",), message=MESSAGE)
    assert talk.exit_code == 24
    assert any(reply.startswith("550 5.1.1") for reply in talk.replies)


async def test_one_of_two_recipients_is_over_quota() -> None:
    with dovecot_lmtp(users=["u@dest.test"], full=["fat@dest.test"]) as dovecot:
        talk = await swaks(
            dovecot.address, protocol="LMTP", recipients=("u@dest.test", "fat@dest.test"), message=MESSAGE
        )
        await dovecot.arrived(recipient="u@dest.test")
        assert not dovecot.mailbox("fat@dest.test")
    assert any(reply.startswith(("452", "552")) for reply in talk.replies), talk.transcript

"""Dovecot over LMTP takes a message for one recipient, has no room for another, and knows nothing of a third."""

from collections.abc import Callable

from tests.parts.dovecot import Dovecot
from tests.parts.mailock import Mailock, forwarding
from tests.parts.smtp_sink import SmtpSink
from tests.parts.talk import talk


async def test_each_recipient_has_the_ending_that_its_own_reply_says(
    start_mailock: Callable[..., Mailock], start_lmtp: Callable[..., Dovecot], start_sink: Callable[..., SmtpSink]
) -> None:
    lmtp = start_lmtp(users=["user@dest.test", "two@dest.test"], full=["full@dest.test"])
    notices = start_sink()
    gateway = start_mailock(
        forwarding(("dest.test", f"lmtp:127.0.0.1:{lmtp.port}"), ("*", f"127.0.0.1:{notices.port}", "outgoing"))
    )
    recipients = ["user@dest.test", "full@dest.test", "gone@dest.test", "two@dest.test"]
    async with talk(gateway.address) as client:
        await client.hello()
        assert (await client.message("a@source.test", recipients)).code == 250

    await lmtp.arrived(1, recipient="user@dest.test")
    await lmtp.arrived(1, recipient="two@dest.test")
    (record,) = await gateway.tracked("from:a@source.test", "bounced")
    said = {one["address"]: (one["status"], one["reply"][:9]) for one in record["recipients"]}
    assert said == {
        "user@dest.test": ("delivered", "250 2.0.0"),
        "full@dest.test": ("bounced", "552 5.2.2"),
        "gone@dest.test": ("bounced", "550 5.1.1"),
        "two@dest.test": ("delivered", "250 2.0.0"),
    }
    # One notice tells of both, and of nobody else.
    (notice,) = await notices.arrived(1)
    assert notice.recipients == ("<a@source.test>",)
    told = [line for line in notice.content.splitlines() if line.startswith(b"Final-Recipient:")]
    assert told == [b"Final-Recipient: rfc822; full@dest.test", b"Final-Recipient: rfc822; gone@dest.test"]

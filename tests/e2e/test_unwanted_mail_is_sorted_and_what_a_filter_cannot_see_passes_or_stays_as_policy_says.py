"""Spam filters are attached; what they say sorts mail into classes, and each class is treated as its section says.

Where they cannot be asked, mail comes in all the same and does not go out.
"""

import asyncio
import json
import signal
from collections.abc import Callable
from typing import Any

from tests.parts.hop import Hop, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.rspamd import Rspamd, rspamd
from tests.parts.spamd import Spamd, spamd
from tests.parts.talk import talk

INSIDE, OUTSIDE = "127.0.0.2", "127.0.0.3"
MTA = f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {{port}}\ninternal_networks = ["{INSIDE}"]\n'
FILTERED = """
[anti_virus]
enabled = false
[anti_spam]
spam_from = 15
[anti_spam.suspected]
flag_header = "X-Class"
track = "alert"
[anti_spam.rspamd]
server = "{rspamd}"
timeout = "5s"
[anti_spam.spamassassin]
server = "{spamd}"
timeout = "5s"
"""


def policy(there: Hop, filters: tuple[Rspamd, Spamd]) -> str:
    """With both filters attached."""
    routes = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
    return MTA + routes + FILTERED.format(rspamd=filters[0].url, spamd=filters[1].address)


async def send(gateway: Mailock, subject: str, text: str, *, source: str = OUTSIDE, to: str = "b@dest.test") -> None:
    """One message."""
    async with talk(gateway.address, source=source) as client:
        await client.hello()
        content = f"From: a@source.test\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{text}\r\n"
        assert (await client.message("a@source.test", [to], content.encode())).code == 250


async def shown(gateway: Mailock, subject: str, status: str) -> dict[str, Any]:
    """The whole story of the message with this subject."""
    (record,) = await gateway.tracked(f"subject:{subject}", status)
    found: dict[str, Any] = json.loads(gateway.run("show", record["id"], "--json").stdout)
    return found


async def test_each_class_is_treated_as_its_section_says(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        with rspamd() as one, spamd() as other:
            gateway = start_mailock(policy(there, (one, other)), engines=True)
            await send(gateway, "clean", "hay")
            # rspamd gives 7.5 of its points, 6.25 of ours; SpamAssassin another 3.5.
            await send(gateway, "suspected", "a needle-in-the-hay")
            await send(gateway, "wicked", "needle-in-the-hay and spam-in-the-hay")
            clean = await shown(gateway, "clean", "delivered")
            assert (clean["class"], clean["scan"]["coverage"]) == ("ham", "complete")
            spam = await shown(gateway, "wicked", "quarantined")
            assert (spam["class"], spam["quarantine_class"], spam["rule"]) == ("spam", "spam", "mta")
            told = " ".join(spam["recipients"][0]["because"])
            assert "it counts as spam with a score of" in told
            assert "for which anti-spam says quarantine" in told
            weights = {one["evidence"]: one["weight"] for one in spam["scan"]["findings"]}
            assert weights["rspamd gives +18.0 for TEST_SPAM: Spam is in it"] == 15.0
            assert weights["SpamAssassin gives +12.0 for TEST_SPAM: BODY: Spam is in it"] == 12.0
            assert spam["scan"]["score"] == round(sum(weights.values()), 2)
            suspected = await shown(gateway, "suspected", "delivered")
            assert suspected["class"] == "suspected_spam"
            taken = {taken.content for taken in await there.arrived(2)}
            (flagged,) = [content for content in taken if b"SUSPECTED" in content]
            assert b"Subject: [SUSPECTED SPAM] suspected\r\n" in flagged
            assert f"X-Class: suspected_spam; score={suspected['scan']['score']:.1f}".encode() in flagged
            assert "is suspected_spam: deliver, by rule mta" in gateway.log()
            await detecting(gateway, there)


async def test_a_filter_that_dies_lets_mail_in_and_none_out(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        with rspamd() as one, spamd() as other:
            gateway = start_mailock(policy(there, (one, other)), engines=True)
            for filter_ in (one, other):
                filter_.process.signal(signal.SIGKILL)
            # Their children go on for a moment, and answer.
            await asyncio.sleep(0.2)
            one.process.stop()
            other.process.stop()
            await send(gateway, "inward", "hay")
            await send(gateway, "outward", "hay", source=INSIDE, to="b@far.test")
            passed = await shown(gateway, "inward", "delivered")
            why = {gap["engine"]: gap["why"] for gap in passed["scan"]["incomplete"]}
            assert (why["rspamd"], why["spamassassin"]) == ("unreachable", "unreachable")
            assert "fail-open" in " ".join(passed["recipients"][0]["because"])
            kept = await shown(gateway, "outward", "quarantined")
            assert kept["quarantine_class"] == "unscanned"
            assert "fail-close" in " ".join(kept["recipients"][0]["because"])


async def detecting(gateway: Mailock, there: Hop) -> None:
    """With detect-only it is said what would have been done, and nothing is done."""
    text = gateway.config.read_text()
    gateway.config.write_text(text.replace("spam_from = 15", "spam_from = 15\ndetect_only = true"))
    await asyncio.to_thread(gateway.run, "policy", "install", "-c", str(gateway.config))
    await send(gateway, "again", "needle-in-the-hay and spam-in-the-hay")
    passed = await shown(gateway, "again", "delivered")
    assert passed["class"] == "spam"
    (recipient,) = passed["scan"]["recipients"]
    assert (recipient["disposition"], recipient["would_have"]) == ("deliver", "quarantine")
    page = gateway.run("show", passed["id"]).stdout
    assert "would have    quarantine for b@dest.test, and deliver was done" in page
    assert "only detected: it counts as spam" in page
    await there.arrived(3)
    assert any(b"Subject: again\r\n" in taken.content for taken in there.taken)

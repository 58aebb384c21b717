"""A refusal carries a code, and the log tells its story; what became of mail is there when the gateway is down, too."""

import json
import re
import smtplib
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.submitting import submit
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding


def refused(gateway: Mailock, recipient: str) -> str:
    """The code in the reply that refuses a recipient."""
    with smtplib.SMTP(*gateway.address, timeout=20) as client:
        client.ehlo("client.test")
        client.mail("mallory@source.test")
        code, text = client.rcpt(recipient)
    assert code == 550, text
    found = re.search(rb"\(ref ([0-9A-Z]{13})\)", text)
    assert found, text
    return found[1].decode()


def shown(gateway: Mailock, name: str) -> dict[str, Any]:
    """What `mailock show` prints."""
    story: dict[str, Any] = json.loads(gateway.run("show", name, "--json", "-c", str(gateway.config)).stdout)
    return story


@pytest.mark.timeout(120)
async def test_a_refusal_carries_a_code_that_the_log_tells_the_story_of(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as server:
        gateway = start_mailock(forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")))
        await submit(gateway, "bob@dest.test", subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?G1szMW0=?=")
        codes = {refused(gateway, f"user{number}@elsewhere.test") for number in range(4)}
        assert len(codes) == 1
        (code,) = codes
        await gateway.tracked("status:rejected")
        story = shown(gateway, code)
        assert (story["sender"], story["recipients"][0]["address"]) == ("mallory@source.test", "user0@elsewhere.test")
        assert story["helo"] == "client.test"
        assert story["refused"]["reference"] == code
        (mail,) = await gateway.tracked("grusse to:bob status:delivered")

    assert gateway.stop() == 0
    assert shown(gateway, code)["refused"]["count"] == 4
    story = shown(gateway, mail["id"])
    assert "\x1b" not in story["subject"]
    assert [line["status"] for line in story["timeline"]] == ["new", "scan_ended", "delivered"]
    assert gateway.track("status:deferred") == []

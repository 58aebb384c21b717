"""The 22 attacks of "Composition Kills" (USENIX Security 2020): none gets the author that it shows authenticated.

The attacker's own domain is in perfect order, and its address may send for it; the one that is spoofed protects itself.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.authentication.worlds import authenticated
from tests.parts.data import data_file

ATTACKER = "192.0.2.66"
ZONE = {
    "attack.com": [["TXT", f"v=spf1 ip4:{ATTACKER} -all"], ["A", ATTACKER]],
    "33.attack.com": [["TXT", f"v=spf1 ip4:{ATTACKER} -all"]],
    "helo.attack.com": [["TXT", f"v=spf1 ip4:{ATTACKER} -all"]],
    "any.attack.com": [["TXT", f"v=spf1 ip4:{ATTACKER} -all"]],
    "a.attack.com": [["TXT", f"v=spf1 ip4:{ATTACKER} -all"]],
    "_dmarc.attack.com": [["TXT", "v=DMARC1; p=reject"]],
    "legitimate.com": [["TXT", "v=spf1 ip4:198.51.100.1 -all"]],
    "_dmarc.legitimate.com": [["TXT", "v=DMARC1; p=reject"]],
    "sender.legitimate.com": [["TXT", "v=spf1 ip4:198.51.100.1 -all"]],
    "example.com": [["TXT", "v=spf1 ip4:198.51.100.2 -all"]],
    "_dmarc.example.com": [["TXT", "v=DMARC1; p=reject"]],
}


def cases() -> Iterator[tuple[str, Any]]:
    """Their names, and what they are."""
    yield from json.loads(data_file("espoofer-cases.json").read_text(encoding="utf-8")).items()


def message(case: Any) -> bytes:
    """The message of a case."""
    data = case["data"]
    header = data["from_header"] + data["to_header"] + data["subject_header"] + data["other_headers"]
    return f"{header}{data['body']}".encode()


@pytest.mark.parametrize("above", [b"", b"Received: from x by y; Tue, 24 Nov 2026 02:06:53 +0000\r\n"])
def test_no_attack_gets_its_author_authenticated(above: bytes) -> None:
    told = dict(cases())
    assert len(told) == 22
    for name, case in told.items():
        sender = case["mailfrom"].removeprefix("<").removesuffix(">")
        zone = dict(ZONE)
        if name in ("client_a1", "client_a2"):
            # The attacker has an account at the domain that it spoofs, so the domain stands behind the message.
            zone["example.com"] = [["TXT", f"v=spf1 ip4:{ATTACKER} -all"]]
        found = authenticated(above + message(case), zone, ip=ATTACKER, helo=case["helo"], sender=sender)
        assert found.dmarc.result.value in ("fail", "permerror"), (name, found.dmarc)
        assert not found.authenticated_author, name
        assert any("legitimate.com" in shown or "example.com" in shown for shown in found.author.addresses), name

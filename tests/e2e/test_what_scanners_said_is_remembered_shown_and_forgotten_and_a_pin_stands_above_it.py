"""What scanners said of a content is kept for the next message with it, over a restart; people see it, have it
forgotten, and say of a file themselves what it is, which becomes a revision of the policy.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.test_scanners_rules_and_feeds_are_attached_and_what_they_cannot_see_is_kept import settings
from tests.e2e.test_what_is_dangerous_is_kept_and_the_rest_goes_on import message, send
from tests.parts.c_icap import c_icap
from tests.parts.clamd import NEEDLE, clamd
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding

CONTENT = b"hay " + NEEDLE
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def told(gateway: Mailock, *arguments: str, code: int = 0) -> Any:
    """What a command prints as JSON: one value, or a list of those of its lines."""
    done = gateway.run("cache", *arguments, "--json", "-c", str(gateway.config), code=code)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines if arguments[0] == "list" else lines[0]


async def test_answers_are_remembered_over_a_restart_until_they_are_forgotten(
    start_mailock: Callable[..., Mailock],
) -> None:
    with clamd() as scanner:
        async with hop() as server:
            text = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")) + settings(
                f'clamav = "unix:{scanner.socket}"'
            )
            gateway = start_mailock(text, engines=True)
            await send(gateway, message("first", ("file.bin", CONTENT)))
            await gateway.tracked("subject:first", "quarantined")
            (row,) = [one for one in told(gateway, "list") if one["sha256"] == DIGEST]
            assert (row["engine"], row["verdict"]) == ("clamav", "malicious")
            assert row["findings"][0]["kind"] == "clamav.signature"
            assert row["until"] - row["since"] == 7 * 86_400

            # While the gateway is down, and after a restart.
            gateway.stop()
            assert told(gateway, "show", DIGEST)["verdicts"] == [row]
            gateway.start()
            assert gateway.ask("cache.show", sha256=DIGEST)["verdicts"] == [row]

            assert told(gateway, "purge", DIGEST) == {"forgotten": 1}
            assert gateway.ask("cache.show", sha256=DIGEST) == {"sha256": DIGEST, "verdicts": [], "pin": None}
            assert "no SHA-256" in gateway.run("cache", "show", "abc", "-c", str(gateway.config), code=2).stderr
            with pytest.raises(AssertionError, match="what is to be forgotten"):
                gateway.ask("cache.purge")


async def test_a_pin_is_a_revision_with_a_reason_and_an_end_and_lifts_that_file_alone(
    start_mailock: Callable[..., Mailock],
) -> None:
    with clamd() as scanner, c_icap(scanner) as service:
        async with hop() as server:
            scanners = settings(f'clamav = "unix:{scanner.socket}"', f'icap = ["{service.url()}"]')
            gateway = start_mailock(
                forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")) + scanners, engines=True
            )
            config = str(gateway.config)
            pin = ("cache", "pin", DIGEST, "benign", "-c", config)
            past = gateway.run(*pin, "--because", "x", "--until", "2020-01-01", code=2)
            assert "that day is over" in past.stderr
            gateway.run(*pin, "--because", 'looked at "by hand", ticket 7', "--until", "2099-12-31")

            await send(gateway, message("pinned", ("file.bin", CONTENT)))
            await gateway.tracked("subject:pinned", "delivered")
            await send(gateway, message("another", ("file.bin", CONTENT + b".")))
            await gateway.tracked("subject:another", "quarantined")

            shown = gateway.ask("cache.show", sha256=DIGEST)
            assert {one["engine"] for one in shown["verdicts"]} == {"clamav", "icap"}
            assert shown["pin"]["verdict"] == "benign" and shown["pin"]["because"] == 'looked at "by hand", ticket 7'
            history = json.loads(gateway.run("policy", "history", "--json", "-c", config).stdout)
            assert history[0]["running"] and history[0]["note"].startswith(f"pin {DIGEST} as benign: looked at")
            # The file said what ran, so it got the pin too.
            assert gateway.run("policy", "diff", "-c", config).stdout == ""

            # A draft that says something else is left alone, and may not undo what was installed meanwhile unseen.
            gateway.config.write_text(gateway.config.read_text() + "\n[mta.limits]\nrecipients = 77\n")
            other = ("cache", "pin", "0" * 64, "malicious", "--because", "a campaign", "-c", config)
            assert "put this into it" in gateway.run(*other).stdout
            assert "0" * 64 not in gateway.config.read_text()
            assert "not installed" in gateway.run("policy", "install", "-c", config, code=1).stderr

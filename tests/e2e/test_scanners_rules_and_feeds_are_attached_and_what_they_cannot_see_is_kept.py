"""Scanners, rules and feeds that an administrator attaches: what they know is kept back, what they could not look at is
kept back too, and everything changes without a restart.
"""

import asyncio
import hashlib
import json
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.submitting import rows
from tests.e2e.test_what_is_dangerous_is_kept_and_the_rest_goes_on import message, send
from tests.parts.c_icap import c_icap
from tests.parts.clamd import NEEDLE, Clamd, clamd
from tests.parts.dns_server import DnsServer
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import LOOPBACK

RULE = 'rule house_word {{ meta: severity = "malicious" kind = "house.word" strings: $a = "{word}" condition: $a }}\n'


def settings(*lines: str) -> str:
    """Their section of the policy; who sent the mail is not asked."""
    return "\n".join(
        ["", "[authentication]", "enabled = false", "[anti_spam]", "enabled = false", "[anti_virus]", *lines, ""]
    )


async def kinds_of(gateway: Mailock, subject: str, status: str = "quarantined") -> set[tuple[str, str]]:
    """Engines and kinds of what was found in a message, once it has come to this status."""
    (record,) = await gateway.tracked(f"subject:{subject}", status)
    shown = json.loads(gateway.run("show", record["id"], "--json").stdout)
    return {(one["engine"], one["kind"]) for one in shown["scan"]["findings"]}


async def test_what_is_attached_is_asked_and_what_changes_counts_without_a_restart(
    tmp_path: Path, start_mailock: Callable[..., Mailock]
) -> None:
    tmp_path.chmod(0o755)
    listed = b"a file that a feed lists"
    feed, rules = tmp_path / "hashes.txt", tmp_path / "rules"
    feed.write_text(hashlib.md5(listed).hexdigest() + "\n")
    rules.mkdir()
    (rules / "house.yar").write_text(RULE.format(word="first-house-word"))
    with ExitStack() as ending:
        scanner = ending.enter_context(clamd())
        service = ending.enter_context(c_icap(scanner))
        text = settings(
            f'clamav = "unix:{scanner.socket}"',
            f'icap = ["{service.url()}"]',
            f'rules = "{rules}"',
            "[[anti_virus.feed]]",
            'name = "house"',
            f'file = "{feed}"',
            'lists = "hashes"',
        )
        async with hop() as server:
            routes = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
            gateway = start_mailock(routes + text, engines=True)
            states = {one["name"]: one["state"] for one in gateway.ask("status")["engines"]}
            assert states == {"clamav": "up", "icap": "up", "feeds": "up"}
            for subject, content in (
                ("clean", b"nothing of interest\r\n"),
                ("needle", b"hay " + NEEDLE),
                ("listed", listed),
                ("worded", b"the first-house-word stands here"),
                ("unworded", b"the second-house-word stands here"),
            ):
                await send(gateway, message(subject, ("file.bin", content)))
            assert await kinds_of(gateway, "needle") == {
                ("clamav", "clamav.signature"),
                ("icap", "icap.infection"),
            }
            assert await kinds_of(gateway, "listed") == {("feeds", "feed.hash")}
            assert await kinds_of(gateway, "worded") == {("yara", "house.word")}
            for subject in ("clean", "unworded"):
                (passed,) = await gateway.tracked(f"subject:{subject}", "delivered")
                assert passed["verdict"] == "benign"

            await other_rules(gateway, rules)
        assert {row["class"] for row in rows(gateway, "quarantine")} == {"malware"}


async def other_rules(gateway: Mailock, rules: Path) -> None:
    """Rules with a mistake change nothing, and right ones count without a restart."""
    (rules / "house.yar").write_text(RULE.format(word="second-house-word") + "rule broken { condition: no }\n")
    refused = gateway.run("policy", "check", "-c", str(gateway.config), code=2)
    assert 'house.yar:2: unknown identifier "no"' in refused.stderr
    (rules / "house.yar").write_text(RULE.format(word="second-house-word"))
    await installed_again(gateway)
    await send(gateway, message("later", ("file.bin", b"the second-house-word stands here")))
    assert await kinds_of(gateway, "later") == {("yara", "house.word")}


def gone(scanner: Clamd) -> None:
    """Returns when it has ended."""
    while scanner.process.alive:
        time.sleep(0.02)


async def installed_again(gateway: Mailock) -> None:
    """Has the running gateway read again what its policy names."""
    mailflow = await asyncio.to_thread(gateway.run, "policy", "install", "-c", str(gateway.config))
    assert "nothing was installed" in mailflow.stdout


async def test_a_scanner_that_dies_lets_nothing_pass_and_the_doctor_names_it(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    dns_parts.zone.a("mx.gateway.test", LOOPBACK).ptr(LOOPBACK, "mx.gateway.test").mx("dest.test", "mx.gateway.test")
    dns_parts.publish()
    node = f'resolvers = ["{dns_parts.address[0]}:{dns_parts.address[1]}"]\n'
    async with hop() as server:
        with clamd() as scanner:
            text = settings(f'clamav = "unix:{scanner.socket}"')
            routes = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
            gateway = start_mailock(routes + text, engines=True, node=node)
            await send(gateway, message("before", ("file.bin", b"nothing of interest\r\n")))
            await gateway.tracked("subject:before", "delivered")
            scanner.process.signal(signal.SIGKILL)
            await asyncio.to_thread(gone, scanner)
            await send(gateway, message("after", ("file.bin", b"nobody looked at this\r\n")))
            (kept,) = await gateway.tracked("subject:after", "quarantined")
            shown = json.loads(gateway.run("show", kept["id"], "--json").stdout)
            assert shown["verdict"] == "unknown"
            assert any("clamav" in sentence for sentence in shown["recipients"][0]["because"])
            incomplete = {one["engine"]: one["why"] for one in shown["scan"]["incomplete"]}
            assert incomplete["clamav"] == "unreachable"
            assert incomplete["icap"] == "not configured"
            # In a thread, for the next hop that it asks lives in this loop.
            done = await asyncio.to_thread(gateway.run, "doctor", "--json", "-c", str(gateway.config), code=None)
            (check,) = [one for one in json.loads(done.stdout)["checks"] if one["area"] == "engine clamav"]
            assert check["level"] == "error"
            assert check["mend"] == "start clamd, or correct [anti_virus] clamav"
    assert len(server.taken) == 1

"""Each fault of a scanner and of an engine in the jail, for recipients whose rules fail open, fail close, hold and
strip: what becomes of the mail, what the log says of it, and what counts as not looked at.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.e2e.submitting import rows
from tests.e2e.test_what_is_dangerous_is_kept_and_the_rest_goes_on import message, zipped
from tests.parts.hop import Hop, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.scripted import Scripted, scripted
from tests.parts.talk import talk

VERSION: Final = b"ClamAV 1.4.5/27823/Mon Nov 23 09:12:00 2026"
CLEAN: Final = b"1: " + VERSION + b"\0002: stream: OK\0"
MODES: Final = ("open", "close", "hold", "strip")
DISPOSITIONS: Final = {"open": "deliver", "close": "quarantine", "hold": "hold", "strip": "deliver"}
NUMBERS_ONLY: Final = 2_000_000_000
POLICY: Final = """
[anti_spam]
enabled = false

[scan]
time = "20s"
unpacked = "1MiB"

[anti_virus]
rules = "{rules}"
rules_timeout = "1s"
clamav = "unix:{socket}"
clamav_timeout = "1s"
clamav_largest = "100KiB"
"""
RULE: Final = 'rule endless {{ strings: $a = "FAULT-endless" condition: $a and for all i in (0..{n}) : (i >= 0) }}\n'


@dataclass(frozen=True)
class Fault:
    """A content that meets with a fault: whose, and which."""

    name: str
    content: bytes
    engine: str
    why: str
    file: str = "file.bin"


FAULTS: Final = (
    Fault("hangs", b"FAULT-hangs here", "clamav", "timed out"),
    Fault("reloads", b"FAULT-reloads here", "clamav", "reloading"),
    Fault("dies", b"FAULT-dies here", "clamav", "died"),
    Fault("nonsense", b"FAULT-nonsense here", "clamav", "answered nonsense"),
    Fault("refuses", b"FAULT-refuses here", "clamav", "died"),
    Fault("toolarge", b"large " * 30_000, "clamav", "too large"),
    Fault("endless", b"FAULT-endless here", "yara", "timed out"),
    Fault("costly", zipped("zeros.bin", bytes(3 << 20)), "archives", "too costly", "files.zip"),
)


class FaultyClamd:
    """A clamd that answers well, and badly to contents that ask for it."""

    def __init__(self) -> None:
        self._loading = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        first = await reader.readuntil(b"\0")
        if first == b"zPING\0":
            await asyncio.sleep(5 if self._loading else 0)
            writer.write(b"PONG\0")
        elif first != b"zIDSESSION\0":
            writer.write(VERSION + b"\0")
        else:
            await reader.readuntil(b"zINSTREAM\0")
            content = b""
            while size := int.from_bytes(await reader.readexactly(4), "big"):
                content += await reader.readexactly(size)
            await self._answer(content, writer)
        await writer.drain()

    async def _answer(self, content: bytes, writer: asyncio.StreamWriter) -> None:
        self._loading = b"FAULT-reloads" in content
        if self._loading or b"FAULT-hangs" in content:
            await asyncio.sleep(60)
        elif b"FAULT-nonsense" in content:
            writer.write(b"1: " + VERSION + b"\0002: perhaps\0")
        elif b"FAULT-refuses" in content:
            writer.write(b"1: " + VERSION + b"\0002: stream: Can't create temporary file ERROR\0")
        elif b"FAULT-dies" not in content:
            writer.write(CLEAN)


def modes(server: Hop) -> str:
    """Routes, and a rule with a profile of its own for each way to fail."""
    text = forwarding(*((f"{mode}.test", str(server)) for mode in MODES), ("*", str(server), "outgoing"))
    for mode in MODES:
        text += f'\n[profile.{mode}.judgement.incoming]\nmalware = "{mode}"\n'
        text += f'\n[[rule]]\nname = "{mode}"\nwhen = {{ recipient = "*@{mode}.test" }}\nprofile = "{mode}"\n'
        text += 'because = "this is a test"\n'
    return text


async def send(gateway: Mailock, subject: str, content: bytes, file: str = "file.bin") -> None:
    """A message with this file to one recipient a mode."""
    async with talk(gateway.address) as client:
        await client.hello()
        recipients = [f"user@{mode}.test" for mode in MODES]
        said = await client.message("ann@partner.test", recipients, message(subject, (file, content)))
        assert said.code == 250, said


async def judged(gateway: Mailock) -> None:
    """Returns when no message waits to be examined or judged."""
    for _ in range(400):
        messages = gateway.ask("status")["messages"]
        if not messages["accepted"] and not messages["examined"]:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"not judged: {messages}")


async def stories(gateway: Mailock) -> dict[str, Any]:
    """The whole story of each message, by its subject."""
    await gateway.tracked("", count=len(FAULTS) + 2)
    found = {}
    for record in gateway.track():
        if not record["subject"].startswith("nudge"):
            shown = await asyncio.to_thread(gateway.run, "show", record["id"], "--json")
            found[record["subject"]] = json.loads(shown.stdout)
    return found


@pytest.mark.timeout(240)
async def test_each_fault_is_named_and_each_recipients_rule_says_what_becomes_of_it(
    tmp_path: Any, start_mailock: Callable[..., Mailock]
) -> None:
    tmp_path.chmod(0o755)
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "endless.yar").write_text(RULE.format(n=NUMBERS_ONLY))
    async with hop() as server:
        policy = POLICY.format(rules=rules, socket=tmp_path / "ctl")
        # It is not there when the gateway starts: that stops nothing, and nothing passes as looked at.
        gateway = await asyncio.to_thread(start_mailock, modes(server) + policy, engines=True)
        await send(gateway, "missing", b"nobody there yet")
        await judged(gateway)
        async with scripted(FaultyClamd(), path=tmp_path / "ctl") as clamd:
            await until_up(gateway, clamd)
            for fault in FAULTS:
                await send(gateway, fault.name, fault.content, fault.file)
                await judged(gateway)
                await until_up(gateway, clamd)
            await send(gateway, "well", b"nothing of interest")
            await judged(gateway)
        told = await stories(gateway)
        checked(told["missing"], "clamav", "unreachable")
        for fault in FAULTS:
            checked(told[fault.name], fault.engine, fault.why)
        assert {one["why"] for one in told["well"]["scan"]["incomplete"]} == {"not configured"}
        assert {one["disposition"] for one in told["well"]["recipients"]} == {"deliver"}
        classes = {row["class"] for row in await asyncio.to_thread(rows, gateway, "quarantine")}
        assert classes == {"unscanned"}


def checked(story: Any, engine: str, why: str) -> None:
    """The log says who could not look, and why; each recipient gets what his rule says, and for that reason."""
    incomplete = {(one["engine"], one["why"]) for one in story["scan"]["incomplete"]}
    assert (engine, why) in incomplete, incomplete
    assert story["verdict"] == "unknown"
    for one in story["recipients"]:
        mode = one["address"].partition("@")[2].removesuffix(".test")
        assert one["disposition"].startswith(DISPOSITIONS[mode]), (mode, one)
        assert any(engine in sentence and why in sentence for sentence in one["because"]), (mode, one["because"])


async def until_up(gateway: Mailock, clamd: Scripted) -> None:
    """Returns when the gateway asks clamd again: after a fault it is left alone for some seconds."""
    for number in range(60):
        engines = {one["name"]: one["state"] for one in gateway.ask("status")["engines"]}
        if engines["clamav"] == "up":
            return
        await send(gateway, f"nudge-{clamd.connections}", b"nudge %d %d" % (clamd.connections, number))
        await judged(gateway)
        await asyncio.sleep(0.2)
    pytest.fail(f"clamd is not asked again: {engines}, {clamd.connections} connections, {clamd.broken}")

"""What people are told of the verdict cache, and what they may ask of it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.mime.part import PartPath
from mailock.core.policy.installed import Installed
from mailock.core.policy.lists import Lists, Pin, Pinned
from mailock.core.policy.rulebase import Rulebase
from mailock.core.routing.rules import Routes
from mailock.operations.verdicts import commands
from mailock.ports.commands import Command, Refused, Speaker
from mailock.ports.verdicts import Asked, Remembered
from mailock.storage.memory.verdicts import MemoryVerdicts
from tests.unit.operations.hands import HandClock

SOMEBODY = Speaker(0, "root")
DIGEST = "ab" * 32
ASKED = Asked(sha256=bytes.fromhex(DIGEST), engine="clamav", version="1\x1b[0m", inputs=b"")
FOUND = Finding(
    engine="clamav",
    kind="clamav.signature",
    severity=Severity.MALICIOUS,
    confidence=Confidence.HIGH,
    part=PartPath("1"),
    evidence="Test\x1b[31m",
)


class Broken:
    """A cache whose file cannot be used."""

    async def find(self, *, sha256: bytes | None, engine: str | None, now: float, limit: int) -> Sequence[Remembered]:
        """Never."""
        raise OSError("the file is not used")

    async def purge(self, *, sha256: bytes | None, engine: str | None) -> int:
        """Never."""
        raise OSError("the file is not used")


def offered(pins: Sequence[Pin] = (), desk: MemoryVerdicts | Broken | None = None) -> dict[str, Command]:
    """The commands over a cache with one answer and these pins."""
    clock = HandClock()
    if desk is None:
        desk = MemoryVerdicts()
        desk.put(ASKED, [FOUND], clock.now())
        desk.put(replace(ASKED, sha256=b"\2" * 32), [], clock.now())
    rulebase = Rulebase(lists=Lists(pins={pin.sha256: pin for pin in pins}))
    installed = Installed(revision=1, hostname="mx.test", enabled=True, routes=Routes(rules=()), rulebase=rulebase)
    return commands(desk, lambda: installed, clock)


async def test_what_scanners_said_is_shown_without_what_would_write_on_a_terminal() -> None:
    shown = await offered()["cache.show"]({"sha256": DIGEST.upper()}, SOMEBODY)
    assert isinstance(shown, dict)
    (row,) = shown["verdicts"]
    assert (row["sha256"], row["verdict"], shown["pin"]) == (DIGEST, "malicious", None)
    assert "\x1b" not in str(row)
    listed = await offered()["cache.list"]({"limit": 1}, SOMEBODY)
    assert isinstance(listed, dict) and len(listed["verdicts"]) == 1


async def test_a_pin_that_holds_is_shown_and_one_whose_time_is_over_is_not() -> None:
    pin = Pin(sha256=DIGEST, pinned=Pinned.BENIGN, because="ticket 7", until=HandClock().now() + 1)
    for until, expected in ((pin.until, "benign"), (HandClock().now(), None)):
        shown = await offered([replace(pin, until=until)])["cache.show"]({"sha256": DIGEST}, SOMEBODY)
        assert isinstance(shown, dict)
        assert (shown["pin"] or {}).get("verdict") == expected


@pytest.mark.parametrize(
    ("arguments", "count"),
    [({"sha256": [DIGEST]}, 1), ({"engine": "clamav"}, 2), ({"engine": "icap"}, 0), ({"all": True}, 2)],
)
async def test_what_is_meant_is_forgotten(arguments: dict[str, object], count: int) -> None:
    assert await offered()["cache.purge"](arguments, SOMEBODY) == {"forgotten": count}


@pytest.mark.parametrize(
    ("command", "arguments"),
    [("cache.purge", {}), ("cache.show", {}), ("cache.show", {"sha256": "xyz"}), ("cache.purge", {"sha256": ["ab"]})],
)
async def test_what_cannot_be_meant_is_said(command: str, arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        await offered()[command](arguments, SOMEBODY)


@pytest.mark.parametrize(("command", "arguments"), [("cache.list", {}), ("cache.purge", {"all": True})])
async def test_a_file_that_cannot_be_used_is_a_refusal(command: str, arguments: dict[str, object]) -> None:
    with pytest.raises(Refused, match="not used"):
        await offered(desk=Broken())[command](arguments, SOMEBODY)

"""The verdict cache in people's hands: what is remembered of which content, and how it is forgotten.

What an administrator says of a content himself is no part of it: that is a pin, which stands in the policy (DECISIONS
21).
"""

from collections.abc import Callable, Sequence

import msgspec

from mailock.core.evidence.finding import Severity
from mailock.core.mail.shown import cleaned
from mailock.core.policy.installed import Installed
from mailock.core.policy.lists import Pin
from mailock.operations.filtering import read_arguments
from mailock.ports.clock import Clock
from mailock.ports.commands import Arguments, Command, Refused, Speaker
from mailock.ports.verdicts import Remembered, VerdictDesk

MOST_LISTED = 10_000
NOTHING_FOUND = "nothing found"
Row = dict[str, object]


class Listing(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `cache.list` and, with a hash, of `cache.show`."""

    sha256: str | None = None
    engine: str | None = None
    limit: int = 100


class Purging(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `cache.purge`: `all` has to be said where nothing else is."""

    sha256: list[str] = []
    engine: str | None = None
    all: bool = False


def commands(desk: VerdictDesk, standing: Callable[[], Installed], clock: Clock) -> dict[str, Command]:
    """`cache.list`, `.show`, `.purge`."""

    async def listing(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Listing)
        found = await _found(desk, given, clock)
        return {"verdicts": [_row(one) for one in found]}

    async def showing(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Listing)
        if given.sha256 is None:
            raise ValueError("which content? give its SHA-256")
        digest = read_sha256(given.sha256)
        pin = standing().rulebase.lists.pins.get(digest.hex())
        found = await _found(desk, given, clock)
        return {"sha256": digest.hex(), "verdicts": [_row(one) for one in found], "pin": _pin(pin, clock.now())}

    async def purging(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Purging)
        if not (given.sha256 or given.engine or given.all):
            raise ValueError("what is to be forgotten? give a SHA-256, an engine, or all")
        digests: Sequence[bytes | None] = [read_sha256(one) for one in given.sha256] or [None]
        try:
            return {"forgotten": sum([await desk.purge(sha256=one, engine=given.engine) for one in digests])}
        except OSError as fault:
            raise Refused(str(fault)) from None

    return {"cache.list": listing, "cache.show": showing, "cache.purge": purging}


def read_sha256(text: str) -> bytes:
    """From its 64 digits. Raises ValueError."""
    try:
        digest = bytes.fromhex(text.strip())
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise ValueError(f"{cleaned(text)[:80]} is no SHA-256: it has 64 hexadecimal digits")
    return digest


async def _found(desk: VerdictDesk, given: Listing, clock: Clock) -> Sequence[Remembered]:
    digest = None if given.sha256 is None else read_sha256(given.sha256)
    limit = max(1, min(given.limit, MOST_LISTED))
    try:
        return await desk.find(sha256=digest, engine=given.engine, now=clock.now(), limit=limit)
    except OSError as fault:
        raise Refused(str(fault)) from None


def _row(one: Remembered) -> Row:
    worst = max((finding.severity for finding in one.findings), default=None)
    return {
        "sha256": one.asked.sha256.hex(),
        "engine": one.asked.engine,
        "version": cleaned(one.asked.version),
        "verdict": NOTHING_FOUND if worst is None else Severity(worst).name.lower(),
        "findings": [{"kind": finding.kind, "evidence": cleaned(finding.evidence)} for finding in one.findings],
        "since": one.since,
        "until": one.until,
    }


def _pin(pin: Pin | None, now: float) -> Row | None:
    if pin is None or (pin.until is not None and pin.until <= now):
        return None
    return {"verdict": pin.pinned.value, "because": pin.because, "until": pin.until}

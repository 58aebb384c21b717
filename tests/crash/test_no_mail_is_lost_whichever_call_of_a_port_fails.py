"""At every call of every port the process dies, or the call fails as the port says it may; then mail is counted."""

import asyncio
import dataclasses
import itertools
import json
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.crash.calls.fuse import DEAD, Burning, Case
from tests.crash.calls.world import HOPS, PORTS
from tests.crash.calls.zygote import Played

PLAYERS = 3
OFTEN = 12
"""Calls that are made more often than this are sampled in `make test`; all of them are tried in `make accept`."""
MOVED = "IllegalMove"
"""The one fault that is a bug of ours: the message is set aside for a person, who here comes with the next start."""


@asynccontextmanager
async def player() -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that plays cases."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crash.calls.zygote"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=64 << 20,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def played(process: asyncio.subprocess.Process, case: Case) -> Played:
    """What came of a case."""
    assert process.stdin is not None and process.stdout is not None
    asked = {**dataclasses.asdict(case), "burning": case.burning.value}
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    line = await process.stdout.readline()
    assert line, f"the player broke at {case}"
    return Played(**json.loads(line))


def cases(counts: dict[str, int], *, every: bool) -> list[Case]:
    """Every way in which every call may go wrong."""
    found: list[Case] = []
    for port, methods in PORTS.items():
        for method, faults in methods.items():
            label = f"{port}.{method}"
            count = counts.get(label, 0)
            numbers: Iterable[int] = range(1, count + 1)
            if count > OFTEN and not every:
                # The first ones singly, where the store opens; then every so many-th.
                numbers = sorted({1, 2, *range(3, count + 1, count // (OFTEN // 2))})
            for number, fault in itertools.product(numbers, faults):
                found.append(Case(label, number, Burning.RAISES, fault))
            for number, burning in itertools.product(numbers, (Burning.DIES_BEFORE, Burning.DIES_AFTER)):
                found.append(Case(label, number, burning))
    return found


def wrong(case: Case, result: Played) -> list[str]:
    """What is wrong with what came of a case, in sentences."""
    found = []
    if result.second != 0 or not result.drained:
        found.append(f"what was left could not be brought to its end: {result.second}, {result.drained}")
    if result.left:
        found.append(f"bodies of ended messages lie in the spool: {result.left}")
    dies = case.burning is not Burning.RAISES
    if result.first not in ((0, DEAD) if dies else (0,)):
        found.append(f"the process ended with {result.first}")
    if not dies and not result.quiet and case.fault != MOVED:
        found.append("it did not recover without a restart")
    return found + _miscounted(result.notes, within_one_life=dies or case.fault != MOVED)


def _miscounted(notes: list[dict[str, Any]], *, within_one_life: bool) -> list[str]:
    sent = {note["sent"]: note for note in notes if "sent" in note}
    acknowledged = {note["acknowledged"] for note in notes if "acknowledged" in note}
    found = []
    times: dict[tuple[str, str], list[int]] = defaultdict(list)
    notices: dict[str, str] = defaultdict(str)
    for note in notes:
        if "kept" not in note:
            continue
        if not note["kept"]:
            notices[note["recipients"][0]] += note["text"]
            continue
        original = sent[note["kept"]]
        if note["sha256"] != original["sha256"] or not note["framed"]:
            found.append(f"{note['kept']} arrived damaged")
        for recipient in note["recipients"]:
            times[note["kept"], recipient].append(note["pid"])
            right = HOPS["other.test" if recipient.endswith("@other.test") else "hop.test"]
            if recipient not in original["recipients"] or note["at"] != right:
                found.append(f"{note['kept']} came to {recipient} at {note['at']}")
    for number, recipient in sorted((n, r) for n in acknowledged for r in sent[n]["recipients"]):
        if recipient.startswith("no@"):
            if recipient not in notices[f"{number}@sender.test"]:
                found.append(f"LOST: no notice told the sender that {number} did not reach {recipient}")
        elif not times[number, recipient]:
            found.append(f"LOST: {number} never came to {recipient}")
    for (number, recipient), pids in times.items():
        if within_one_life and len(pids) != len(set(pids)):
            found.append(f"{number} came to {recipient} twice from one process")
    return found


async def play_all(wanted: list[Case]) -> tuple[list[str], int]:
    """Plays the cases with several players; what went wrong, and how many fuses burnt."""
    waiting = iter(wanted)
    faults: list[str] = []
    burnt = 0

    async def work() -> None:
        nonlocal burnt
        async with player() as process:
            for case in waiting:
                result = await played(process, case)
                burnt += result.burnt
                problems = wrong(case, result)
                if problems:
                    faults.append("\n    ".join([f"{case}:", *problems, *result.log.splitlines()[-12:]]))

    await asyncio.gather(*(work() for _ in range(PLAYERS)))
    return faults, burnt


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.accept)])
@pytest.mark.timeout(3600)
async def test_no_mail_is_lost_whichever_call_of_a_port_fails(every: bool) -> None:
    async with player() as process:
        whole = await played(process, Case())
    assert not wrong(Case(burning=Burning.RAISES), whole)
    wanted = [one for one in cases(whole.counts, every=every) if os.environ.get("MAILOCK_CALL", "") in str(one)]
    faults, burnt = await play_all(wanted)
    print(
        f"{len(wanted)} cases, {burnt} of them burnt, over {sum(whole.counts.values())} calls; {len(faults)} went wrong"
    )
    assert not faults, "\n".join([f"{len(faults)} of {len(wanted)} (MAILOCK_CALL=… plays one):", *sorted(faults)])
    assert burnt > len(wanted) * 0.9

"""Installing a policy: everybody prepares, the revision is written, everybody switches; or all is as it was."""

import asyncio
from collections.abc import Sequence

import pytest

from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.config.model import Policy
from mailock.config.setting import settings_of
from mailock.operations.policy import (
    Broken,
    Mistaken,
    Outcome,
    Overtaken,
    Participant,
    PolicyDesk,
    Running,
    Unchanged,
    difference,
    start,
)
from mailock.operations.policy_answers import answer, commands
from mailock.ports.commands import Speaker
from mailock.ports.revisions import InstalledFrom
from mailock.storage.memory.revisions import MemoryRevisions

FIRST = '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n'
SECOND = FIRST + "[mta.limits]\nerrors = 7\n"
THIRD = FIRST + "[mta.limits]\nerrors = 8\n"


class Now:
    """A clock that stands."""

    def now(self) -> float:
        return 1_800_000_000.0

    def steady(self) -> float:
        return 0.0


class Party:
    """A participant that acts by a number of errors, and can be told to fail."""

    def __init__(self, name: str, journal: list[str], fails: dict[str, Exception] | None = None) -> None:
        self.name = name
        self.errors = 0
        self.revision = 0
        self._journal = journal
        self._fails = {} if fails is None else fails
        self._next = 0
        self._before: tuple[int, int] = (0, 0)

    def _step(self, step: str) -> None:
        self._journal.append(f"{self.name} {step}")
        if step in self._fails:
            raise self._fails[step]

    async def prepare(self, policy: Policy) -> None:
        self._before = (self.errors, self.revision)
        self._step("prepare")
        await asyncio.sleep(0)
        self._next = policy.mta.limits.errors

    async def switch(self, revision: int) -> None:
        self._step("switch")
        self.errors, self.revision = self._next, revision

    async def undo(self) -> None:
        self.errors, self.revision = self._before
        self._step("undo")


class FullDisk(MemoryRevisions):
    """A store whose disk is full from the second revision on."""

    def install(
        self,
        text: str,
        *,
        by: str,
        at: float,
        note: str,
        base: int,
        origin: InstalledFrom,
        rolled_back_to: int | None = None,
    ) -> int:
        if base:
            raise OSError("No space left on device")
        return super().install(text, by=by, at=at, note=note, base=base, origin=origin, rolled_back_to=rolled_back_to)


def desk_over(revisions: MemoryRevisions, participants: Sequence[Participant] = ()) -> PolicyDesk:
    return PolicyDesk(revisions, Now(), participants)


def runs(revisions: MemoryRevisions) -> tuple[int, str]:
    current = revisions.current()
    assert current is not None
    return current.number, current.text


async def test_everybody_prepares_before_anybody_switches() -> None:
    journal: list[str] = []
    parties = [Party("a", journal), Party("b", journal)]
    revisions = MemoryRevisions()
    outcome = await desk_over(revisions, parties).install(SECOND, by="anna", note="more errors")
    assert outcome == Running(revision=1, warnings=load(SECOND).warnings)
    assert journal == ["a prepare", "b prepare", "a switch", "b switch"]
    assert [(party.errors, party.revision) for party in parties] == [(7, 1), (7, 1)]
    current = revisions.current()
    assert current is not None
    assert (current.by, current.note, current.at) == ("anna", "more errors", 1_800_000_000.0)


@pytest.mark.parametrize("step", ["prepare", "switch"])
@pytest.mark.parametrize("who", [0, 1, 2])
async def test_any_failure_leaves_all_as_it_was(step: str, who: int) -> None:
    revisions, journal = MemoryRevisions(), list[str]()
    fails: list[dict[str, Exception]] = [{}, {}, {}]
    parties = [Party(name, journal, failing) for name, failing in zip("abc", fails, strict=True)]
    desk = desk_over(revisions, parties)
    assert isinstance(await desk.install(SECOND, by="anna"), Running)
    fails[who][step] = OSError("port 25 is taken")
    journal.clear()
    outcome = await desk.install(THIRD, by="anna")
    assert outcome == Broken(why=f"{'abc'[who]}: port 25 is taken")
    assert runs(revisions) == (1, SECOND)
    assert [(party.errors, party.revision) for party in parties] == [(7, 1)] * 3
    begun = "abc" if step == "switch" else "abc"[: who + 1]
    assert [entry for entry in journal if "undo" in entry] == [f"{name} undo" for name in reversed(begun)]
    assert [one.withdrawn for one in revisions.history()] == ([True, False] if step == "switch" else [False])
    fails[who].clear()
    again = await desk.install(THIRD, by="anna")
    assert isinstance(again, Running)
    assert again.revision == (3 if step == "switch" else 2)
    assert [(party.errors, party.revision) for party in parties] == [(8, again.revision)] * 3


async def test_a_full_disk_is_told_and_nobody_has_switched() -> None:
    journal: list[str] = []
    revisions = FullDisk()
    desk = desk_over(revisions, [Party("a", journal)])
    await desk.install(SECOND, by="anna")
    journal.clear()
    assert await desk.install(THIRD, by="anna") == Broken(why="the store of revisions: No space left on device")
    assert journal == ["a prepare", "a undo"]
    assert runs(revisions) == (1, SECOND)


async def test_what_cannot_be_put_back_is_told_and_the_others_are_put_back() -> None:
    journal: list[str] = []
    parties = [
        Party("a", journal),
        Party("b", journal, {"undo": OSError("stuck")}),
        Party("c", journal, {"switch": ValueError("no")}),
    ]
    outcome = await desk_over(MemoryRevisions(), parties).install(SECOND, by="anna")
    assert outcome == Broken(why="c: no; b could not be put back (stuck): restart Mailock")
    assert journal[-3:] == ["c undo", "b undo", "a undo"]


async def test_a_bug_is_not_hidden_and_leaves_all_as_it_was() -> None:
    journal: list[str] = []
    revisions = MemoryRevisions()
    with pytest.raises(ZeroDivisionError):
        await desk_over(revisions, [Party("a", journal, {"switch": ZeroDivisionError()})]).install(SECOND, by="anna")
    assert journal == ["a prepare", "a switch", "a undo"]
    assert revisions.current() is None


async def test_a_text_with_mistakes_reaches_nobody() -> None:
    journal: list[str] = []
    outcome = await desk_over(MemoryRevisions(), [Party("a", journal)]).install(
        "[mta]\nprot = 1\n", by="anna", name="f"
    )
    assert isinstance(outcome, Mistaken)
    assert str(outcome.mistakes[0]) == "f:2: [mta] prot: there is no such setting: did you mean port?"
    assert journal == []


async def test_the_same_text_is_no_new_revision_but_what_it_names_is_read_again() -> None:
    journal: list[str] = []
    desk = desk_over(MemoryRevisions(), [Party("a", journal)])
    await desk.install(SECOND, by="anna")
    assert await desk.install("[node]\nworkers = 9\n" + SECOND, by="anna") == Unchanged(revision=1)
    assert journal == ["a prepare", "a switch"] * 2


async def test_installs_come_one_after_the_other() -> None:
    revisions, journal = MemoryRevisions(), list[str]()
    desk = desk_over(revisions, [Party("a", journal), Party("b", journal)])
    outcomes = await asyncio.gather(*(desk.install(FIRST + f"# {n}\n", by="anna") for n in range(3)))
    assert all(isinstance(outcome, Running) for outcome in outcomes)
    assert journal == ["a prepare", "b prepare", "a switch", "b switch"] * 3


async def test_an_install_whose_caller_goes_away_goes_on_to_its_end() -> None:
    revisions, journal = MemoryRevisions(), list[str]()
    begun, done = asyncio.Event(), asyncio.Event()

    class Slow(Party):
        """Takes its time, so that the caller can go away meanwhile."""

        async def prepare(self, policy: Policy) -> None:
            begun.set()
            await asyncio.sleep(0.01)
            await super().prepare(policy)

        async def switch(self, revision: int) -> None:
            await super().switch(revision)
            done.set()

    asked = asyncio.ensure_future(desk_over(revisions, [Slow("a", journal)]).install(SECOND, by="anna"))
    await begun.wait()
    asked.cancel()
    await done.wait()
    assert asked.cancelled()
    assert runs(revisions) == (1, SECOND)


async def install_from_console(desk: PolicyDesk, text: str, base: int) -> Outcome:
    return await desk.install(text, by="berta", base=base, origin=InstalledFrom.CONSOLE)


async def test_the_file_is_refused_with_the_difference_after_an_install_from_the_console() -> None:
    revisions = MemoryRevisions()
    desk = desk_over(revisions)
    await desk.install(FIRST, by="anna")
    assert isinstance(await install_from_console(desk, SECOND, 1), Running)
    for text in (FIRST, THIRD):
        outcome = await desk.install(text, by="anna")
        assert isinstance(outcome, Overtaken)
        assert outcome.current == 2
        assert "revision 2 was installed from the console by berta" in outcome.why
        assert outcome.why.endswith("install with --base 2")
        assert "-errors = 7" in outcome.difference
    assert runs(revisions) == (2, SECOND)
    assert isinstance(await desk.install(THIRD, by="anna", base=2), Running)
    assert isinstance(await desk.install(FIRST, by="anna"), Running)


async def test_the_console_is_refused_after_an_install_that_it_has_not_seen() -> None:
    desk = desk_over(MemoryRevisions())
    await desk.install(FIRST, by="anna")
    await desk.install(SECOND, by="anna")
    outcome = await install_from_console(desk, THIRD, 1)
    assert isinstance(outcome, Overtaken)
    assert outcome.why.startswith("revision 2 runs, and this was made from revision 1")
    with pytest.raises(ValueError, match="only the file"):
        await desk.install(THIRD, by="berta", origin=InstalledFrom.CONSOLE)


async def test_a_rollback_is_a_new_revision_that_the_old_file_does_not_undo() -> None:
    revisions = MemoryRevisions()
    desk = desk_over(revisions)
    await desk.install(FIRST, by="anna")
    await desk.install(SECOND, by="anna")
    assert isinstance(await desk.roll_back(1, by="anna", note="oops"), Running)
    current = revisions.current()
    assert current is not None
    assert (current.number, current.text, current.rolled_back_to) == (3, FIRST, 1)
    outcome = await desk.install(SECOND, by="anna")
    assert isinstance(outcome, Overtaken)
    assert "revision 3 was rolled back by anna, and the file is still the one from before that" in outcome.why
    with pytest.raises(KeyError):
        await desk.roll_back(9, by="anna")


def test_the_first_start_installs_the_file_and_later_ones_do_not() -> None:
    revisions = MemoryRevisions()
    first = start(revisions, load(FIRST), by="root", at=1.0)
    assert (first.revision.number, first.file_differs) == (1, False)
    later = start(revisions, load(SECOND), by="root", at=2.0)
    assert (later.revision.number, later.file_differs) == (1, True)
    assert later.policy == load(FIRST).settings.policy
    assert not start(revisions, None, by="root", at=3.0).file_differs


def test_a_start_without_anything_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="mailock init"):
        start(MemoryRevisions(), None, by="root", at=1.0)


def test_a_stored_revision_that_this_version_cannot_use_is_named() -> None:
    revisions = MemoryRevisions()
    revisions.install("[old]\nx = 1\n", by="a", at=0.0, note="", base=0, origin=InstalledFrom.FILE)
    with pytest.raises(Mistakes, match=r"revision 1:1: \[old\]"):
        start(revisions, load(FIRST), by="root", at=1.0)


async def test_the_difference_is_unified_and_names_both_sides() -> None:
    revisions = MemoryRevisions()
    await desk_over(revisions).install(SECOND, by="anna")
    lines = difference(revisions.current(), THIRD).splitlines()
    assert lines[:2] == ["--- revision 1", "+++ mailock.toml"]
    assert lines[-2:] == ["-errors = 7", "+errors = 8"]
    assert difference(revisions.current(), SECOND) == ""
    assert difference(None, FIRST).startswith("--- nothing\n")


async def test_commands_answer_with_tables() -> None:
    offered = commands(desk_over(MemoryRevisions()))

    async def ask(command: str, **arguments: object) -> dict[str, object]:
        answered = await offered[command](arguments, Speaker(0, "anna (as root)"))
        assert isinstance(answered, dict)
        return answered

    one = await ask("policy.install", text=FIRST, note="", base=None)
    assert (one["outcome"], one["revision"]) == ("installed", 1)
    assert "every rule scans only" in str(one["warnings"])
    assert (await ask("policy.install", text=FIRST))["outcome"] == "unchanged"
    wrong = await ask("policy.install", text="x = 1\n")
    assert wrong["outcome"] == "mistaken"
    assert wrong["mistakes"] == [
        {"file": "mailock.toml", "line": 1, "section": "", "key": "x", "text": "there is no such setting: " + KNOWN}
    ]
    assert (await ask("policy.install", text=SECOND, base=0))["outcome"] == "overtaken"
    assert (await ask("policy.install", text=SECOND))["revision"] == 2
    assert (await ask("policy.rollback", revision=1))["revision"] == 3
    for revision in ("1", True, None, 99):
        with pytest.raises((ValueError, KeyError)):
            await ask("policy.rollback", revision=revision)
    for arguments in ({"text": 5}, {"text": FIRST, "base": "x"}, {"text": FIRST, "origin": "elsewhere"}):
        with pytest.raises(ValueError, match=r".+"):
            await ask("policy.install", **arguments)
    assert answer(Broken(why="no")) == {"outcome": "broken", "why": "no"}


async def test_a_revision_names_who_spoke() -> None:
    revisions = MemoryRevisions()
    await commands(desk_over(revisions))["policy.install"]({"text": FIRST}, Speaker(0, "anna (as root)"))
    assert revisions.get(1).by == "anna (as root)"


KNOWN = f"what stands here is {', '.join(one.name for one in settings_of(Policy))}"

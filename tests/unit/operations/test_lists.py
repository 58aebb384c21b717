"""The lists in people's hands: an entry counts at once, is kept, runs out, and its journal says who did what."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from mailock.core.policy.lists import Lists
from mailock.operations.lists import ListDesk
from mailock.ports.commands import Refused
from mailock.storage.entries import FileJournal
from tests.parts.hand_clock import HandClock
from tests.unit.operations.hands import ALICE, INSTALLED


class Office:
    """A desk over a journal, and what it told the gateway last."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.lists = Lists()
        self.desk = ListDesk(
            FileJournal(folder), self.clock, standing=lambda: INSTALLED.with_lists(self.lists), told=self._told
        )

    def _told(self, lists: Lists) -> None:
        self.lists = lists

    async def do(self, command: str, **arguments: object) -> dict[str, Any]:
        return cast("dict[str, Any]", await self.desk.commands()[f"list.{command}"](arguments, ALICE))


async def test_an_entry_counts_at_once_outlives_a_restart_and_runs_out(tmp_path: Path) -> None:
    office = Office(tmp_path)
    added = await office.do("add", effect="block", what="192.0.2.7", reason="attack", until=office.clock.at + 60)
    assert (added["what"], added["by"], added["because"]) == ("192.0.2.7", "alice", "attack")
    assert office.lists.register.source("192.0.2.7", office.clock.at) is not None

    again = Office(tmp_path)
    await again.desk.load()
    assert again.lists.register.source("192.0.2.7", again.clock.at) is not None
    assert (await again.do("check", what="192.0.2.7"))["list"] == "block"
    assert len((await again.do("list"))["entries"]) == 1
    again.clock.pass_(60)
    assert (await again.do("check", what="192.0.2.7"))["list"] is None
    assert (await again.do("list"))["entries"] == []


async def test_what_is_removed_is_gone_and_the_journal_tells_of_it(tmp_path: Path) -> None:
    office = Office(tmp_path)
    await office.do("add", effect="allow", what="Friend.test")
    await office.do("remove", effect="allow", what="friend.test", reason="left us")
    assert office.lists == Lists()
    acts = (await office.do("history"))["acts"]
    assert [(act["did"], act["what"], act["by"], act["because"]) for act in acts] == [
        ("added", "friend.test", "alice", ""),
        ("removed", "friend.test", "alice", "left us"),
    ]
    with pytest.raises(Refused, match="not on the allow list"):
        await office.do("remove", effect="allow", what="friend.test")


async def test_nobody_is_allowed_and_blocked_or_listed_for_a_system_that_is_not_there(tmp_path: Path) -> None:
    office = Office(tmp_path)
    await office.do("add", effect="allow", what="192.0.2.7")
    with pytest.raises(Refused, match="allow list"):
        await office.do("add", effect="block", what="192.0.2.7")
    with pytest.raises(ValueError, match="no virtual system"):
        await office.do("add", effect="block", what="192.0.2.8", system="nowhere")
    with pytest.raises(ValueError, match="run out"):
        await office.do("add", effect="block", what="192.0.2.8", until=office.clock.at)


async def test_an_entry_of_the_policy_file_is_shown_and_changed_there_alone(tmp_path: Path) -> None:
    office = Office(tmp_path)
    await office.do("add", effect="block", what="pest.test")
    blocked = office.lists.blocked
    written = replace(INSTALLED, rulebase=replace(INSTALLED.rulebase, lists=Lists(blocked=blocked)))
    other = tmp_path / "other"
    other.mkdir()
    plain = ListDesk(FileJournal(other), office.clock, standing=lambda: written, told=lambda lists: None)
    rows = cast("dict[str, Any]", await plain.commands()["list.list"]({}, ALICE))
    assert [(row["what"], row["from"]) for row in rows["entries"]] == [("pest.test", "policy")]
    with pytest.raises(Refused, match="policy file"):
        await plain.commands()["list.remove"]({"effect": "block", "what": "pest.test"}, ALICE)


async def test_a_line_that_cannot_be_read_keeps_no_mail_waiting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(tmp_path)
    await office.do("add", effect="block", what="pest.test")
    with (tmp_path / "lists.jsonl").open("a") as file:
        file.write("rubbish\n")
    again = Office(tmp_path)
    await again.desk.load()
    assert again.lists.blocked
    assert "lists.jsonl:2" in caplog.text

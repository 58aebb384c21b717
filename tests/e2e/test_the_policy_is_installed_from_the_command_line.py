"""The policy is checked, compared, installed and rolled back by `mailock policy`, whether mailflow runs or not."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mailock.operations.policy import PolicyDesk
from mailock.operations.policy_answers import commands
from mailock.processes.control import ControlServer
from mailock.storage.revisions import FileRevisions

POLICY = """\
[node]
data = "data"
[[mta.forwarding]]
domain = "example.com"
next_hop = "{}"
[[mta.forwarding]]
direction = "outgoing"
next_hop = "mx:"
"""


class Site:
    """A folder with a policy file and a data folder, in which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self.write("mail.internal")

    def write(self, next_hop: str, more: str = "") -> None:
        (self.folder / "mailock.toml").write_text(POLICY.format(next_hop) + more)

    async def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of `mailock policy …`."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mailock", *arguments),
            cwd=self.folder,
            env=os.environ | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def json(self, *arguments: str) -> tuple[int, Any]:
        code, out, err = await self.run("policy", *arguments, "--json")
        return code, json.loads(out) if out else err


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


class Now:
    """A clock that stands."""

    def now(self) -> float:
        return 1_800_000_000.0

    def steady(self) -> float:
        return 0.0


@asynccontextmanager
async def mailflow(site: Site) -> AsyncIterator[None]:
    """The control socket of a mailflow that can only install."""
    server = ControlServer(site.data, commands(PolicyDesk(FileRevisions(site.data / "policy"), Now())))
    await server.start()
    yield
    await server.stop()


async def test_init_writes_a_file_that_can_be_checked_and_leaves_one_alone_that_is_there(tmp_path: Path) -> None:
    site = Site(tmp_path)
    code, out, _ = await site.run("init", "new/place")
    assert code == 0
    assert out.startswith("wrote new/place/mailock.toml\n")
    assert await site.run("policy", "check", "-c", "new/place/mailock.toml") == (
        0,
        "new/place/mailock.toml can be installed; nothing was installed yet\n",
        "",
    )
    before = (tmp_path / "new/place/mailock.toml").read_bytes()
    code, _, err = await site.run("init", "new/place")
    assert code == 2
    assert err == "mailock: new/place/mailock.toml is there already: remove it first, or name another folder\n"
    assert (tmp_path / "new/place/mailock.toml").read_bytes() == before


async def test_every_mistake_is_a_line_and_the_exit_code_is_2(site: Site) -> None:
    site.write("mail.internal:0", "[mta]\nprot = 25\n")
    code, out, err = await site.run("policy", "check")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        (
            "mailock.toml:5: [[mta.forwarding]] next_hop: 'mail.internal:0': '0' is not a port; "
            "one is a number from 1 to 65535"
        ),
        "mailock.toml:10: [mta] prot: there is no such setting: did you mean port?",
        "mailock: mailock.toml has 2 mistakes; nothing was changed",
    ]
    code, found = await site.json("check")
    assert code == 2
    assert [(one["line"], one["key"]) for one in found["mistakes"]] == [(5, "next_hop"), (10, "prot")]
    for command in ("install", "diff"):
        code, _, err = await site.run("policy", command)
        assert code == 2
        assert "did you mean port?" in err
    assert not (site.data / "policy").exists()


async def test_what_is_wrong_with_the_environment_is_said_too(site: Site) -> None:
    code, _, err = await site.run("policy", "check", MAILOCK_MTA__PORT="26")
    assert code == 2
    assert err.startswith("MAILOCK_MTA__PORT: the environment reaches [node], [console] and [portal] only")


async def test_a_policy_is_installed_while_mailflow_is_down(site: Site) -> None:
    assert (await site.run("policy", "show"))[0] == 1
    code, out, _ = await site.run("policy", "install", "-m", "the first")
    assert (code, out) == (0, "revision 1 is installed, and runs once Mailock is started\n")
    code, out, _ = await site.run("policy", "install")
    assert (code, out) == (0, "revision 1 says the same already; nothing was installed\n")
    site.write("other.internal")
    code, out, _ = await site.run("policy", "diff")
    assert code == 1
    assert '-next_hop = "mail.internal"' in out
    assert '+next_hop = "other.internal"' in out
    assert await site.json("install") == (0, {"outcome": "installed", "revision": 2, "warnings": []})
    assert await site.run("policy", "diff") == (0, "", "")
    code, history = await site.json("history")
    assert [(one["revision"], one["running"], one["note"]) for one in history] == [
        (2, True, ""),
        (1, False, "the first"),
    ]


async def test_while_mailflow_runs_it_installs(site: Site) -> None:
    async with mailflow(site):
        code, out, _ = await site.run("policy", "install")
        assert (code, out) == (0, "revision 1 runs\n")
        site.write("other.internal")
        assert await site.json("install") == (0, {"outcome": "installed", "revision": 2, "warnings": []})
        code, out, _ = await site.run("policy", "rollback", "1", "--note", "it was better")
        assert (code, out) == (0, "revision 3 runs\n")
        code, shown = await site.json("show")
        assert (shown["revision"], shown["rolled_back_to"], shown["note"]) == (3, 1, "it was better")
        assert shown["at"] == 1_800_000_000.0
        assert 'next_hop = "mail.internal"' in shown["text"]
        assert "[node]" not in shown["text"]


async def test_the_file_is_refused_with_the_difference_after_a_rollback(site: Site) -> None:
    await site.run("policy", "install")
    site.write("other.internal")
    await site.run("policy", "install")
    assert (await site.run("policy", "rollback", "1"))[0] == 0
    code, out, err = await site.run("policy", "install")
    assert code == 1
    assert '+next_hop = "other.internal"' in out
    assert "not installed: revision 3 was rolled back by" in err
    assert err.endswith("install with --base 3\n")
    code, found = await site.json("install")
    assert (code, found["outcome"], found["revision"]) == (1, "overtaken", 3)
    assert (await site.run("policy", "install", "--base", "2"))[0] == 1
    assert (await site.run("policy", "install", "--base", "3"))[0] == 0


async def test_history_and_rollback_work_while_the_file_has_mistakes(site: Site) -> None:
    await site.run("policy", "install")
    site.write("other.internal")
    await site.run("policy", "install")
    site.write("other.internal", "nonsense = 1\n")
    code, out, _ = await site.run("policy", "history")
    assert code == 0
    assert [line[:3] for line in out.splitlines()] == ["* 2", "  1"]
    assert (await site.run("policy", "rollback", "1"))[0] == 0
    code, out, _ = await site.run("policy", "show")
    assert 'next_hop = "mail.internal"' in out


async def test_the_data_folder_can_be_named_where_there_is_no_file(site: Site) -> None:
    await site.run("policy", "install")
    (site.folder / "mailock.toml").unlink()
    code, _, err = await site.run("policy", "history")
    assert code == 2
    assert "mailock.toml: cannot be read (No such file or directory)" in err
    assert (await site.run("policy", "history", "--data", "data"))[0] == 0


async def test_what_is_not_there_is_said(site: Site) -> None:
    code, _, err = await site.run("policy", "show", "7")
    assert (code, err) == (2, "mailock: there is no revision 7: see `mailock policy history`\n")
    assert (await site.run("policy", "rollback", "7"))[0] == 2
    site.data.rmdir()
    code, _, err = await site.run("policy", "install")
    assert code == 3
    assert err.endswith("data is not there: make it, or start Mailock once\n")


async def test_a_store_that_is_damaged_is_said_and_nothing_is_installed(site: Site) -> None:
    await site.run("policy", "install")
    (site.data / "policy" / "current").write_text("?")
    site.write("other.internal")
    code, _, err = await site.run("policy", "install")
    assert code == 3
    assert "does not say which policy revision runs: restore it from a backup" in err
    assert [path.name for path in (site.data / "policy").glob("*.toml")] == ["000001.toml"]

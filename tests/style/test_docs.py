"""What people can type or set is documented: every command, every role, every setting.

Each rule wakes up when the module that it reads exists.
"""

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from tests.style.sources import ROOT, report, write_tree

SOURCES = ROOT / "src" / "mailock"


def pages(root: Path) -> str:
    """README and all of docs/, as one text."""
    paths = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())


def commands(app: typer.Typer, words: tuple[str, ...]) -> Iterator[str]:
    """What can be typed, without options: "mailock queue list", …"""
    for command in app.registered_commands:
        if not command.hidden:
            own = command.name or getattr(command.callback, "__name__", "").replace("_", "-")
            yield " ".join([*words, own])
    for group in app.registered_groups:
        if not group.hidden and group.typer_instance is not None:
            yield from commands(group.typer_instance, (*words, str(group.name)))


def settings(section: Any) -> Iterator[str]:
    """The keys of a section and of the sections in it."""
    setting = importlib.import_module("mailock.config.setting")
    for one in setting.settings_of(section):
        yield one.name
        for kind in (one.kind, *getattr(one.kind, "__args__", ())):
            if setting.is_section(kind):
                yield from settings(kind)


def undocumented(wanted: Iterable[str], text: str) -> list[str]:
    """Those that no page writes as code, in a span or a block, alone or with something behind them."""
    blocks = re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`[^`\n]+`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    code = "\n".join([*blocks, *spans])
    return sorted({word for word in wanted if not re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", code)})


def test_every_command_is_documented() -> None:
    catalogue = importlib.import_module("mailock.cli.catalogue")
    app: typer.Typer = importlib.import_module("mailock.cli.main").build(catalogue.COMMANDS)
    typed = list(commands(app, ("mailock",)))
    assert typed
    assert not report(undocumented(typed, pages(ROOT)))


def test_every_role_is_documented() -> None:
    roles: Mapping[str, Enum] = importlib.import_module("mailock.processes.roles").Role.__members__
    assert roles
    operating = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert not report(undocumented((str(role.value) for role in roles.values()), operating))


def test_every_setting_is_documented() -> None:
    wanted = list(settings(importlib.import_module("mailock.config.model").Settings))
    assert "next_hop" in wanted
    assert not report(undocumented(wanted, (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))


def test_every_condition_of_a_rule_is_documented() -> None:
    asked: Mapping[str, Any] = importlib.import_module("mailock.config.conditions").ASKED
    rules = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert len(asked) > 20
    assert not report(undocumented(asked, rules))


def test_every_condition_of_a_rule_is_tested() -> None:
    """By name, besides the test that reads the example of each."""
    asked: Mapping[str, Any] = importlib.import_module("mailock.config.conditions").ASKED
    told = (ROOT / "tests" / "unit" / "core" / "policy" / "test_conditions.py").read_text(encoding="utf-8")
    assert not report(name for name in asked if f'"{name}"' not in told)


def test_the_rule_sees_what_no_page_tells(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"README.md": "`mailock run`\n", "docs/a.md": "```\nmailock queue list --json\n```\nport `25`\n"}
    )
    text = pages(tmp_path)
    told = ["mailock run", "mailock queue list", "25"]
    untold = ["mailock queue lis", "mailock queue show", "port"]
    assert undocumented([*told, *untold], text) == untold


def test_commands_are_walked_to_their_leaves() -> None:
    app, group = typer.Typer(), typer.Typer()
    app.command("run")(lambda: None)
    group.command("list")(lambda: None)
    group.command("show")(lambda: None)
    app.add_typer(group, name="queue")
    assert list(commands(app, ("mailock",))) == [
        "mailock run",
        "mailock queue list",
        "mailock queue show",
    ]

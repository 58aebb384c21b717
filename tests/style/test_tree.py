"""ARCHITECTURE.md names every top-level folder of the source, and import-linter places each in a layer."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.style.sources import ROOT, report, write_tree


def folders(root: Path) -> set[str]:
    """The packages directly below src/mailock."""
    found = (path.parent.name for path in (root / "src" / "mailock").glob("*/*") if path.suffix == ".py")
    return set(found)


def unnamed_folders(root: Path) -> Iterator[str]:
    """Top-level packages that the tree in ARCHITECTURE.md leaves out."""
    tree = (root / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("src/mailock/")[2].partition("```")[0]
    named = set(re.findall(r"^\s+(\w+)/", tree, re.MULTILINE))
    for name in sorted(folders(root) - named):
        yield f"ARCHITECTURE.md does not name src/mailock/{name}/"


def test_the_architecture_names_every_folder() -> None:
    assert not report(unnamed_folders(ROOT))


def test_every_folder_has_its_layer() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    placed = set(re.findall(r"\w+", " ".join(layers)))
    assert folders(ROOT) <= placed


def test_the_rule_sees_a_folder_that_is_not_named(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "ARCHITECTURE.md": "```\nsrc/mailock/\n    core/   mail/\n    net/    listener\n```\nattic/\n",
            "src/mailock/core/a.py": "",
            "src/mailock/net/a.py": "",
            "src/mailock/attic/a.py": "",
        },
    )
    assert list(unnamed_folders(tmp_path)) == ["ARCHITECTURE.md does not name src/mailock/attic/"]

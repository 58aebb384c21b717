"""Names say what a thing is: no drawers for odds and ends, no classes that only say that they do something."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.style.sources import OURS, ROOT, python_files, report, write_tree

NO_FILE = frozenset({"util", "utils", "helper", "helpers", "common", "misc", "miscellaneous", "stuff"})
NO_CLASS = frozenset({"Manager", "Helper", "Helpers", "Base", "Util", "Utils"})


def empty_names(root: Path) -> Iterator[str]:
    """Files, folders and classes whose name says nothing."""
    for source in python_files(root, *OURS):
        for part in Path(source.name).with_suffix("").parts:
            if NO_FILE.intersection(part.lower().strip("_").split("_")):
                yield f"{source.name}: {part!r} says nothing"
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and NO_CLASS.intersection(re.findall(r"[A-Z][a-z0-9]*", node.name)):
                yield f"{source.name}:{node.lineno}: class {node.name} says nothing"


def test_names_say_something() -> None:
    assert not report(empty_names(ROOT))


def test_the_rule_sees_empty_names(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "src/mailock/utils/a.py": "",
            "src/mailock/mail_helpers.py": "",
            "src/mailock/common.py": "",
            "src/mailock/fine.py": "class Database: ...\nclass Rulebase: ...\nclass Uncommon: ...\n",
            "src/mailock/odd.py": "class QueueManager: ...\nclass BaseEngine: ...\nclass _StringUtil: ...\n",
        },
    )
    seen = [problem.partition(":")[0] for problem in empty_names(tmp_path)]
    assert sorted(seen) == [
        "src/mailock/common.py",
        "src/mailock/mail_helpers.py",
        *["src/mailock/odd.py"] * 3,
        "src/mailock/utils/a.py",
    ]

"""Every file opens by saying what it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.style.sources import OURS, ROOT, python_files, report, write_tree


def silent_files(root: Path) -> Iterator[str]:
    """Files without a docstring at their top; the empty __init__.py of a test folder is let off."""
    for source in python_files(root, *OURS):
        if not (ast.get_docstring(source.tree) or "").strip() and (
            source.text.strip() or source.name.startswith("src")
        ):
            yield f"{source.name}: no docstring first"


def test_every_file_says_what_it_is() -> None:
    assert not report(silent_files(ROOT))


def test_the_rule_sees_silent_files(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "src/mailock/a.py": '"""Says it."""\n',
            "src/mailock/b.py": "# only a comment\nX = 1\n",
            "src/mailock/c/__init__.py": "",
            "src/mailock/d.py": 'import os\n"""Too late."""\n',
            "tests/e/__init__.py": "",
        },
    )
    assert [problem.partition(":")[0] for problem in silent_files(tmp_path)] == [
        "src/mailock/b.py",
        "src/mailock/c/__init__.py",
        "src/mailock/d.py",
    ]

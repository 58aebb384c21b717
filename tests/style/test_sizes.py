"""Files and functions stay small: 400 lines a file (250 in core), 50 a function."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.style.sources import OURS, ROOT, python_files, report, write_tree

FILE_LINES, CORE_LINES, FUNCTION_LINES = 400, 250, 50


def too_long(root: Path) -> Iterator[str]:
    """Files and functions over their limit."""
    for source in python_files(root, *OURS):
        limit = CORE_LINES if source.name.startswith("src/mailock/core/") else FILE_LINES
        lines = len(source.text.splitlines())
        if lines > limit:
            yield f"{source.name}: {lines} lines, at most {limit}"
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    yield f"{source.name}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES}"


def test_files_and_functions_stay_small() -> None:
    assert not report(too_long(ROOT))


def test_the_rule_sees_what_is_too_long(tmp_path: Path) -> None:
    body = "    pass\n"
    write_tree(
        tmp_path,
        {
            "src/mailock/core/a.py": "#\n" * 251,
            "src/mailock/b.py": "#\n" * 400,
            "src/mailock/c.py": "#\n" * 401,
            "tests/d.py": "def fits():\n" + body * 49 + "\n\nasync def long():\n" + body * 50,
        },
    )
    assert sorted(too_long(tmp_path)) == [
        "src/mailock/c.py: 401 lines, at most 400",
        "src/mailock/core/a.py: 251 lines, at most 250",
        "tests/d.py:53: long has 51 lines, at most 50",
    ]

"""The core knows the standard library and itself, nothing else.

import-linter keeps named modules out of it; this rule keeps everything out that nobody thought of naming.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.style.sources import ROOT, python_files, report, write_tree


def foreign_imports(root: Path) -> Iterator[str]:
    """Imports in core of packages that are neither standard nor core."""
    for source in python_files(root, "src/mailock/core"):
        for node in ast.walk(source.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                if name.partition(".")[0] not in sys.stdlib_module_names and not _is_core(name):
                    yield f"{source.name}:{getattr(node, 'lineno', 0)}: imports {name}"


def _is_core(name: str) -> bool:
    return name == "mailock.core" or name.startswith("mailock.core.")


def test_the_core_knows_only_itself_and_the_standard_library() -> None:
    assert not report(foreign_imports(ROOT))


def test_the_rule_sees_foreign_imports(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "src/mailock/core/a.py": "import msgspec\nimport enum\nfrom mailock.core import b\n",
            "src/mailock/core/b.py": "from mailock.ports import queue\ndef f():\n    import dns.name\n",
            "src/mailock/net.py": "import aiodns\n",
        },
    )
    assert list(foreign_imports(tmp_path)) == [
        "src/mailock/core/a.py:1: imports msgspec",
        "src/mailock/core/b.py:1: imports mailock.ports",
        "src/mailock/core/b.py:3: imports dns.name",
    ]

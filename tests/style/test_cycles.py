"""No module imports itself by a detour. Imports for types alone, and those inside functions, count like any other."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.style.sources import ROOT, Source, python_files, report, write_tree


def imported(source: Source, modules: frozenset[str]) -> set[str]:
    """Which of our modules a file names in its imports."""
    found: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(source, node)
            # `from package import module` needs the module; what else it names lives in the package itself.
            found.update(f"{origin}.{a.name}" if f"{origin}.{a.name}" in modules else origin for a in node.names)
    return {name for name in found if name in modules and name != source.module}


def _origin(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = source.module.split(".")
    above = node.level - (1 if source.path.name == "__init__.py" else 0)
    kept = package[: len(package) - above] if above else package
    return ".".join([*kept, *([node.module] if node.module else [])])


def cycles(root: Path) -> Iterator[str]:
    """The first cycle, if there is one; with it gone the next would show."""
    sources = list(python_files(root, "src"))
    modules = frozenset(source.module for source in sources)
    graph = {source.module: imported(source, modules) for source in sources}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield " imports ".join(reversed(error.args[1]))


def test_no_module_imports_itself_by_a_detour() -> None:
    assert not report(cycles(ROOT))


def test_the_rule_sees_cycles_of_every_kind(tmp_path: Path) -> None:
    kinds = {
        "plain": "import mailock.b\n",
        "named": "from mailock.b import X\n",
        "module": "from mailock import b\n",
        "relative": "from . import b\n",
        "typing": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mailock.b import X\n",
        "late": "def f():\n    import mailock.b\n",
    }
    for name, line in kinds.items():
        tree = {"src/mailock/__init__.py": "", "src/mailock/a.py": line, "src/mailock/b.py": "import mailock.c\n"}
        fine = write_tree(tmp_path / name / "fine", tree | {"src/mailock/c.py": "import os\n"})
        bent = write_tree(tmp_path / name / "bent", tree | {"src/mailock/c.py": "from mailock.a import X\n"})
        assert not list(cycles(fine)), name
        assert len(list(cycles(bent))) == 1, name

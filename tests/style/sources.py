"""What the style tests look at: the Python files of a tree, parsed once, and the text files that git knows.

Every rule is a function from a root folder to sentences about what is wrong, so that each test can show on a made-up
tree that its rule is able to fail.
"""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("src", "tests", "bench")


@dataclass(frozen=True)
class Source:
    """One Python file; `name` is its path from the root, with slashes."""

    root: Path
    path: Path

    @property
    def name(self) -> str:
        """Its path below the root."""
        return self.path.relative_to(self.root).as_posix()

    @cached_property
    def text(self) -> str:
        """Its content."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its content, parsed."""
        return ast.parse(self.text, filename=self.name)

    @property
    def module(self) -> str:
        """The dotted name under which src/ offers it."""
        parts = self.path.relative_to(self.root / "src").with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python_files(root: Path, *folders: str) -> Iterator[Source]:
    """The Python files below these folders of the root, in order."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield Source(root, path)


def text_files(root: Path) -> Iterator[Path]:
    """Every file that git tracks or would track, if it holds text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    for name in sorted(listed.stdout.decode().split("\0")):
        path = root / name
        if name and path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            yield path


def write_tree(root: Path, files: dict[str, str]) -> Path:
    """A made-up tree to try a rule on: {"src/mailock/a.py": "…"}."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def report(problems: Iterable[str]) -> str:
    """All of them, a line each, for a failed test to show; empty when there are none."""
    return "\n".join(problems)

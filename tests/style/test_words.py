"""Nothing in the project holds on one machine only: no folders of somebody's disk, no registry that somebody reaches.

uv.lock and package-lock.json name where each package came from; that is their office.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.style.sources import ROOT, report, text_files, write_tree

EXEMPT = frozenset({"uv.lock", "package-lock.json"})
# Written apart, so that this file does not hold what it looks for.
PATTERNS = {
    "a folder of one machine": re.compile(r"(?<![\w.])/(?:" + "wo" + "rk|" + "ro" + r"ot/|ho" + r"me/\w+)(?:/|\b)"),
    "a registry's host": re.compile(
        "pypi" + r"\.org|python" + r"hosted\.org|registry\.npm" + r"js\.org|deb\.debian" + r"\.org"
    ),
    "something left to do": re.compile(r"\b(?:TO" + "DO|FIX" + r"ME)\b"),
}


def misplaced_words(root: Path) -> Iterator[str]:
    """Lines with such words, in any text file of the project."""
    for path in text_files(root):
        if path.name in EXEMPT:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            for what, pattern in PATTERNS.items():
                if found := pattern.search(line):
                    yield f"{path.relative_to(root)}:{number}: {what}: {found[0]!r}"


def test_nothing_holds_on_one_machine_only() -> None:
    assert not report(misplaced_words(ROOT))


def test_the_rule_sees_such_words(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write_tree(
        tmp_path,
        {
            "a.md": "see /wo" + "rk/main\nand /net" + "work/x\n",
            "b.py": "# from pypi" + ".org\n# TO" + "DO later\n",
            "uv.lock": "pypi" + ".org\n",
        },
    )
    assert [problem.rpartition(": ")[0] for problem in misplaced_words(tmp_path)] == [
        "a.md:1: a folder of one machine",
        "b.py:1: a registry's host",
        "b.py:2: something left to do",
    ]

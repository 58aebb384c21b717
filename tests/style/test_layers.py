"""The contracts in pyproject.toml refuse what ARCHITECTURE.md forbids, each tried on a made-up package of our name."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.style.sources import ROOT, write_tree

FINE = {
    "src/mailock/__init__.py": "",
    "src/mailock/core/__init__.py": "",
    "src/mailock/core/mail/__init__.py": "",
    "src/mailock/core/mime/__init__.py": "",
    "src/mailock/core/mime/parse.py": "import re\nimport mailock.core.mail\n",
    "src/mailock/core/smtp/__init__.py": "",
    "src/mailock/core/policy/__init__.py": "import mailock.core.mime.parse\n",
    "src/mailock/ports/__init__.py": "import mailock.core.mail\n",
    "src/mailock/net/__init__.py": "import socket\nimport mailock.ports\n",
    "src/mailock/storage/__init__.py": "import mailock.ports\n",
    "src/mailock/stations/__init__.py": "",
    "src/mailock/stations/turn.py": "import mailock.ports\n",
    "src/mailock/stations/accept/__init__.py": "from mailock.stations.turn import X\n",
    "src/mailock/stations/send/__init__.py": "",
    "src/mailock/engines/__init__.py": "",
    "src/mailock/engines/catalogue.py": "import mailock.engines.yara\nimport mailock.engines.clamav\n",
    "src/mailock/engines/yara.py": "",
    "src/mailock/engines/clamav.py": "",
    "src/mailock/processes/__init__.py": "import mailock.stations.send\nimport mailock.net\n",
}
TYPE_ONLY = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import mailock.stations.turn\n"


def lint(root: Path) -> tuple[int, str]:
    """Run import-linter on the tree with our contracts; its exit code and what it printed."""
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_the_architecture_allows_is_kept(tmp_path: Path) -> None:
    code, printed = lint(write_tree(tmp_path, FINE))
    assert code == 0, printed


@pytest.mark.parametrize(
    ("name", "text", "contract"),
    [
        ("core/mail/a.py", "import os\n", "The core touches nothing"),
        ("core/mail/a.py", "import mailock.core.policy\n", "Inside core: saw, believe, do"),
        ("core/smtp/a.py", "import mailock.core.mime\n", "Inside core: saw, believe, do"),
        ("core/attic/__init__.py", "", "Inside core: saw, believe, do"),
        ("core/mail/a.py", "import mailock.ports\n", "Only downward"),
        ("net/a.py", "import mailock.storage\n", "Only downward"),
        ("net/a.py", TYPE_ONLY, "Only downward"),
        ("attic/__init__.py", "", "Only downward"),
        ("stations/send/a.py", "import mailock.stations.accept\n", "Stations meet only in the queue"),
        ("engines/yara.py", "import mailock.engines.clamav\n", "No engine imports another"),
        ("core/mail/__init__.py", "import mailock.core.mail.a\n", "No cycles anywhere"),
    ],
)
def test_what_the_architecture_forbids_is_refused(tmp_path: Path, name: str, text: str, contract: str) -> None:
    tree = FINE | {"src/mailock/core/mail/a.py": "import mailock.core.mail.b\n", "src/mailock/core/mail/b.py": ""}
    if contract == "No cycles anywhere":
        tree["src/mailock/core/mail/b.py"] = "import mailock.core.mail.a\n"
    tree[f"src/mailock/{name}"] = text
    code, printed = lint(write_tree(tmp_path, tree))
    assert code == 1, printed
    assert [line for line in printed.splitlines() if line.startswith(contract) and "BROKEN" in line], printed

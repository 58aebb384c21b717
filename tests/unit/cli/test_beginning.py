"""A command that asks a running gateway begins at once: it does not import what checks and compiles a policy."""

import subprocess
import sys


def test_finding_the_data_folder_imports_no_policy() -> None:
    script = "import sys, mailock.cli.queue; print(*(name for name in sys.modules if name.startswith('mailock.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    imported = set(done.stdout.split())
    assert "mailock.config.machine" in imported
    assert not imported & {"mailock.config.model", "mailock.config.checks", "mailock.core.policy.installed"}

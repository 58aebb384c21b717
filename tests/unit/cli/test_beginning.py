"""Commands begin at once: one that asks a running gateway does not import what checks and compiles a policy."""

import subprocess
import sys

import mailock


def test_finding_the_data_folder_imports_no_policy() -> None:
    script = "import sys, mailock.cli.queue; print(*(name for name in sys.modules if name.startswith('mailock.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    imported = set(done.stdout.split())
    assert "mailock.config.machine" in imported
    assert not imported & {"mailock.config.model", "mailock.config.checks", "mailock.core.policy.installed"}


def test_the_version_needs_no_command() -> None:
    """And none is imported for it, as none is named."""
    script = "import sys; sys.argv = ['mailock', '--version']; from mailock.cli.main import main; main()"
    command = [sys.executable, "-X", "importtime", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"mailock {mailock.__version__}\n"
    assert "mailock.cli.main" in done.stderr
    assert "mailock.cli.queue" not in done.stderr

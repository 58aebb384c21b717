"""`mailock run`: the product, or one role of it."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import WrongUse
from mailock.processes.roles import DUTIES


def run(
    role: Annotated[str | None, typer.Argument(help="Run this role alone, without a supervisor.")] = None,
    config: Annotated[Path, typer.Option("--config", "-c", help="The policy file.")] = Path("mailock.toml"),
) -> None:
    """Run Mailock: SIGTERM ends connections and stops within 30 s, SIGHUP reloads certificates and installs the
    file's policy.
    """
    if role is None:
        from mailock.processes.supervisor import Supervisor

        sys.exit(Supervisor(["--config", str(config)]).run())
    for duty in DUTIES:
        if duty.role.value == role:
            os.execv(sys.executable, [sys.executable, "-m", duty.module, "--config", str(config)])
    known = ", ".join(duty.role.value for duty in DUTIES)
    raise WrongUse(f"there is no role {role!r}: the roles are {known}")

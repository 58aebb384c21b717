"""Where a command finds the data folder: it is named in the policy file, or given."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import WrongUse
from mailock.config.machine import load_node
from mailock.config.mistakes import Mistakes

Config = Annotated[Path, typer.Option("--config", "-c", help="The policy file, which names the data folder.")]
Data = Annotated[
    Path | None, typer.Option("--data", help="The data folder itself; the policy file is then not asked for it.")
]
USUAL = Path("mailock.toml")


def data_folder(config: Path, data: Path | None) -> Path:
    """The data folder. Mistakes in the policy do not matter here; raises WrongUse for those that hide the folder."""
    if data is not None:
        return data
    try:
        return Path(load_node(config, environment=os.environ).data)
    except Mistakes as mistakes:
        raise WrongUse(f"{mistakes}\nWithout the policy file, give --data and the data folder") from None


def resolvers(config: Path) -> Sequence[tuple[str, int]] | None:
    """The DNS servers that the policy file names; None for those of the system, also where there is no such file."""
    try:
        node = load_node(config, environment=os.environ)
    except Mistakes:
        return None
    return [(one.host, one.port or 53) for one in node.resolvers] or None

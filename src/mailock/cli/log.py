"""Where a command finds the log, and how it opens it: for reading only, whether Mailock runs or not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import CouldNot, WrongUse
from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.telemetry.search import TrackReader

LOG_NAME = "track.db"
Config = Annotated[Path, typer.Option("--config", "-c", help="The policy file, which names the data folder.")]
Data = Annotated[
    Path | None, typer.Option("--data", help="The data folder itself; then the policy file is not read at all.")
]


def data_folder(config: Path, data: Path | None) -> Path:
    """The data folder. Raises WrongUse where the policy file cannot be read; the log can be, with `--data`."""
    if data is not None:
        return data
    try:
        return Path(load(config).settings.node.data)
    except Mistakes as mistakes:
        raise WrongUse(
            f"{mistakes}\nTo read the log without the policy file, give --data and the data folder"
        ) from None


def open_log(config: Path, data: Path | None) -> TrackReader:
    """A reader of the log. Raises WrongUse, or CouldNot where there is no log that can be read."""
    try:
        return TrackReader(data_folder(config, data) / LOG_NAME)
    except OSError as error:
        raise CouldNot(str(error)) from None


def local_time(at: float) -> str:
    """A moment as the clock on the wall showed it, to the second."""
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")

"""`mailock alert`: whether alerts reach anybody."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.control import call
from mailock.cli.ending import AnswerIsNo, CouldNot
from mailock.cli.log import Config, Data, data_folder

app = typer.Typer(help="Alerts: whether they reach anybody.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps `test` a command of the group, though it is the only one."""


@app.command()
def test(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: each way, and what went wrong.")] = False,
    config: Config = Path("mailock.toml"),
    data: Data = None,
) -> None:
    """Send a test alert over every way that is configured, now. Exit 1 where one of them failed, or there is none."""
    results = call(data_folder(config, data), "alert.test")
    if not isinstance(results, dict):
        raise CouldNot("mailflow answered what is no result: it is another version than this command, so restart it")
    if as_json:
        print(json.dumps(results))
    else:
        for channel, why in results.items():
            print(f"{channel}: {why or 'sent'}")
    if any(why for channel, why in results.items() if channel != "log") or set(results) <= {"log"}:
        raise AnswerIsNo("alerts do not reach everybody they should: see [alerts] in the policy file")

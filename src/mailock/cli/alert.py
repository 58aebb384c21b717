"""`mailock alert`: what was told lately, and whether alerts reach anybody."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.control import call
from mailock.cli.ending import AnswerIsNo, CouldNot
from mailock.cli.log import Config, Data, data_folder

app = typer.Typer(help="Alerts: what was told lately, and whether it reaches anybody.", no_args_is_help=True)


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
    if set(results) <= {"log"}:
        raise AnswerIsNo("alerts reach the log alone: name a way to people in [alerts] of the policy file")
    if any(why for channel, why in results.items() if channel != "log"):
        raise AnswerIsNo("alerts do not reach everybody they should: see [alerts] in the policy file")


@app.command("list")
def list_alerts(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list: the alerts, newest first.")] = False,
    config: Config = Path("mailock.toml"),
    data: Data = None,
) -> None:
    """List the latest alerts since mailflow started, newest first."""
    alerts = call(data_folder(config, data), "alert.list")
    if not isinstance(alerts, list):
        raise CouldNot("mailflow answered what is no list: it is another version than this command, so restart it")
    if as_json:
        print(json.dumps(alerts))
        return
    for one in alerts:
        print(f"{one['at']}  {one['text']}")

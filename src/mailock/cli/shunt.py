"""`mailock shunt`: messages on which Mailock failed, kept whole for a person."""

from typing import Annotated

import typer

from mailock.cli.acts import Act, JsonOption, OlderOption, SenderOption, SystemOption, add, filter_of
from mailock.cli.output import octets, print_json, print_table, span
from mailock.cli.place import USUAL, Config, Data, data_folder
from mailock.cli.queue import messages, show_one, some

app = typer.Typer(help="Messages on which Mailock failed, kept whole for a person.", no_args_is_help=True)
HEADINGS = ("id", "age", "size", "sender", "recipients", "what we failed on")


@app.command("list")
def list_(
    sender: SenderOption = None,
    older_than: OlderOption = None,
    system: SystemOption = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")] = 100,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """List shunted messages, the oldest first, and what Mailock failed on."""
    filter_ = filter_of(sender=sender, older_than=older_than, system=system, everything=True)
    rows = list(messages(data_folder(config, data), "shunt.list", filter_, limit))
    if as_json:
        for row in rows:
            print_json(row)
        return
    table = [
        (row["id"], span(row["age"]), octets(row["size"]), row["sender"], some(row["recipients"]), row["reason"])
        for row in rows
    ]
    print_table(HEADINGS, table, nothing="Nothing is shunted.")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="A queue id.")],
    content: Annotated[
        bool, typer.Option("--content", help="Its header too. Who reads it is written into its history.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Show one shunted message."""
    show_one(data_folder(config, data), "shunt.show", name, content=content, as_json=as_json)


add(
    app,
    "retry",
    Act(command="shunt.retry", final=False),
    "Process shunted messages again from the beginning.",
    "Why: a sentence for the history.",
)
add(
    app,
    "delete",
    Act(command="shunt.delete", final=True),
    "Delete shunted messages: nobody gets them, and their senders are not told.",
    "Why: it stands in the history beside your name.",
)

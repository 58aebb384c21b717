"""`mailock list`: who is let past anti-spam, and who is kept out, from now on and until when."""

import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
import typer

from mailock.cli.asking import asker, understood
from mailock.cli.ending import AnswerIsNo, WrongUse
from mailock.cli.output import print_json, print_table
from mailock.cli.place import USUAL, Config, Data, data_folder
from mailock.config.judgement import Day
from mailock.config.units import Duration

app = typer.Typer(help="The allow and block lists: they count at once, without an install.", no_args_is_help=True)
allow = typer.Typer(help="Who is let past anti-spam: authenticated senders, and sources.", no_args_is_help=True)
block = typer.Typer(help="Who is kept out: sources, and senders.", no_args_is_help=True)
app.add_typer(allow, name="allow")
app.add_typer(block, name="block")
HEADINGS = ("list", "what", "system", "until", "by", "why")
USUAL_TIME: Final = "90d"
What = Annotated[
    list[str],
    typer.Argument(metavar="WHAT...", help="Addresses, networks, domains, *.domains, or addresses of senders."),
]
Asked = Annotated[str, typer.Argument(metavar="WHAT", help="An address, a domain, or the address of a sender.")]
Reason = Annotated[str, typer.Option("--reason", "-m", help="Why: a sentence for the log.")]
For = Annotated[
    str, typer.Option("--for", help='How long it counts, such as "12h" or "30d"; "ever" for one that stays.')
]
Until = Annotated[str | None, typer.Option("--until", help="The last day on which it counts, such as 2027-01-31.")]
System = Annotated[
    str | None, typer.Option("--system", help="The virtual system for whose recipients alone it counts.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Row = dict[str, Any]


class Rows(msgspec.Struct):
    """What is listed."""

    entries: list[Row]


class Acts(msgspec.Struct):
    """What was done."""

    acts: list[Row]


def _add_commands(to: typer.Typer, effect: str) -> None:
    """The commands of one list."""

    def add(
        what: What,
        reason: Reason = "",
        lasting: For = USUAL_TIME,
        until: Until = None,
        system: System = None,
        as_json: JsonOption = False,
        config: Config = USUAL,
        data: Data = None,
    ) -> None:
        ends = _end(lasting, until)
        ask = asker(data_folder(config, data))
        for one in what:
            given = {"effect": effect, "what": one, "reason": reason, "until": ends, "system": system}
            _tell(understood(ask("list.add", given), Row), "is on the", as_json=as_json)

    def remove(
        what: What,
        reason: Reason = "",
        system: System = None,
        as_json: JsonOption = False,
        config: Config = USUAL,
        data: Data = None,
    ) -> None:
        ask = asker(data_folder(config, data))
        for one in what:
            given = {"effect": effect, "what": one, "reason": reason, "system": system}
            _tell(understood(ask("list.remove", given), Row), "is no more on the", as_json=as_json)

    def listing(system: System = None, as_json: JsonOption = False, config: Config = USUAL, data: Data = None) -> None:
        _print(asker(data_folder(config, data))("list.list", {"effect": effect, "system": system}), as_json=as_json)

    add.__doc__ = f"Put sources and senders on the {effect} list. It counts at once."
    remove.__doc__ = f"Take sources and senders from the {effect} list. It counts at once."
    listing.__doc__ = f"Show the {effect} list: what was added here, and what stands in the policy file."
    to.command("add")(add)
    to.command("remove")(remove)
    to.command("list")(listing)


_add_commands(allow, "allow")
_add_commands(block, "block")


@app.command("list")
def list_(system: System = None, as_json: JsonOption = False, config: Config = USUAL, data: Data = None) -> None:
    """Show both lists."""
    _print(asker(data_folder(config, data))("list.list", {"system": system}), as_json=as_json)


@app.command()
def history(as_json: JsonOption = False, config: Config = USUAL, data: Data = None) -> None:
    """Show who added and removed what, when and why, the oldest first."""
    acts = understood(asker(data_folder(config, data))("list.history", {}), Acts).acts
    if as_json:
        for act in acts:
            print_json(act)
        return
    headings = ("when", "who", "did", "list", "what", "system", "until", "why")
    keys = ("at", "by", "did", "list", "what", "virtual_system", "until", "because")
    print_table(headings, [_cells(act, keys) for act in acts], nothing="Nothing was ever added.")


@app.command()
def check(
    what: Asked, system: System = None, as_json: JsonOption = False, config: Config = USUAL, data: Data = None
) -> None:
    """Say what the lists say of one source or sender, and what else the door knows of a source. Ends with 1 where it is
    blocked.
    """
    found = understood(asker(data_folder(config, data))("list.check", {"what": what, "system": system}), Row)
    if as_json:
        print_json(found)
    else:
        for line in (found["because"], *found["known"]):
            typer.echo(line)
    if found["list"] == "block":
        raise AnswerIsNo(f"{found['what']} is kept out")


def _end(lasting: str, until: str | None) -> float | None:
    try:
        if until is not None:
            return Day.read(until).end
        return None if lasting == "ever" else time.time() + Duration.read(lasting).seconds
    except ValueError as wrong:
        raise WrongUse(str(wrong)) from None


def _tell(row: Row, how: str, *, as_json: bool) -> None:
    if as_json:
        print_json(row)
        return
    until = f" until {row['until']}" if row["until"] and how.startswith("is on") else ""
    typer.echo(f"{row['what']} {how} {row['list']} list{until}")


def _print(answer: object, *, as_json: bool) -> None:
    rows = understood(answer, Rows).entries
    if as_json:
        for row in rows:
            print_json(row)
        return
    keys = ("list", "what", "virtual_system", "until", "by", "because")
    print_table(HEADINGS, [_cells(row, keys) for row in rows], nothing="Nobody is listed.")


def _cells(row: Mapping[str, object], keys: Sequence[str]) -> tuple[str, ...]:
    return tuple("" if row[key] is None else str(row[key]) for key in keys)

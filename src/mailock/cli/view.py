"""`mailock view`: the console's views on a terminal and in files."""

import socket
import sys
import time
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from mailock.cli.control import call, is_running
from mailock.cli.ending import CouldNot, WrongUse
from mailock.cli.log import LOG_NAME, Config, Data, data_folder, local_time
from mailock.cli.output import print_json, print_table
from mailock.console.figures import Drawn, Figure, Kind, Unit, drawn
from mailock.console.frames import FRAMES, frame_of
from mailock.console.shipped import VIEWS
from mailock.console.tables import drawn_table
from mailock.console.wording import number, rate, size, span, words
from mailock.telemetry.search import TooSlow

app = typer.Typer(help="Views: numbers of the mail, on a terminal and in files.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Which view: `mailock view list` names them.")]
Frame = Annotated[str, typer.Option("--frame", help=f"Over which time: {', '.join(FRAMES)}.")]
From = Annotated[str, typer.Option("--from", help="From when on: 2026-11-24 or 2026-11-24T08:00.")]
To = Annotated[str, typer.Option("--to", help="Until when.")]
System = Annotated[list[str] | None, typer.Option("--system", help="Of this virtual system alone.")]
BAR = 30


class Format(Enum):
    """Kinds of files."""

    XLSX = "xlsx"
    PDF = "pdf"
    PNG = "png"
    CSV = "csv"


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a view a line.")] = False) -> None:
    """List the views."""
    if as_json:
        for name, view in VIEWS.items():
            print_json({"name": name, "title": view.title, "says": view.says})
        return
    print_table(("name", "title", ""), [(name, view.title, view.says) for name, view in VIEWS.items()])


@app.command()
def show(
    name: Name,
    frame: Frame = "",
    from_: From = "",
    to: To = "",
    system: System = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: Config = Path("mailock.toml"),
    data: Data = None,
) -> None:
    """Show a view: its numbers, and bars where there are several."""
    found = _drawn(name, frame, from_, to, tuple(system or ()), data_folder(config, data))
    if as_json:
        print_json(drawn_table(found))
        return
    typer.echo(f"{found.view.title}: {local_time(found.frame.since)} to {local_time(found.frame.until)}")
    for figure in found.figures:
        _print(figure)


@app.command()
def export(
    name: Name,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file; - for standard output.")],
    format_: Annotated[Format, typer.Option("--format", help="What kind of file.")] = Format.XLSX,
    frame: Frame = "",
    from_: From = "",
    to: To = "",
    system: System = None,
    config: Config = Path("mailock.toml"),
    data: Data = None,
) -> None:
    """Write a view into a file: Excel with numbers, dates and charts, PDF, PNG or CSV."""
    # Imported here: a view on the terminal needs neither workbooks nor pages.
    from mailock.console.exports import exported_view
    from mailock.console.printed import pictured, printed

    found = _drawn(name, frame, from_, to, tuple(system or ()), data_folder(config, data))
    match format_:
        case Format.PDF:
            content = printed(found, socket.getfqdn(), time.time())
        case Format.PNG:
            content = pictured(printed(found, socket.getfqdn(), time.time()))
        case Format.XLSX | Format.CSV:
            content = exported_view(format_.value, found, time.time())
    if str(output) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as fault:
        raise CouldNot(f"{output} cannot be written: {fault.strerror or fault}") from None


def _drawn(name: str, frame: str, from_: str, to: str, systems: tuple[str, ...], folder: Path) -> Drawn:
    view = VIEWS.get(name)
    if view is None:
        raise WrongUse(f"there is no view {name!r}: there are {', '.join(VIEWS)}")
    try:
        meant = frame_of(frame or view.frame, from_, to, time.time())
        return drawn(folder / LOG_NAME, view, meant, systems, now=time.time(), ask=lambda: _status(folder))
    except ValueError as wrong:
        raise WrongUse(str(wrong)) from None
    except (OSError, TooSlow) as fault:
        raise CouldNot(str(fault)) from None


def _status(folder: Path) -> Mapping[str, Any] | None:
    return cast("Mapping[str, Any]", call(folder, "status")) if is_running(folder) else None


def _print(figure: Figure) -> None:
    widget = figure.widget
    if widget.kind in (Kind.NUMBER, Kind.STATE):
        if figure.slices:
            typer.echo(f"  {widget.title:<34}{_amount(figure)}")
        return
    typer.echo(f"\n{widget.title}")
    if widget.kind is Kind.NEWEST:
        rows = [(str(row["id"]), str(row["status"]), str(row["sender"]), str(row["subject"])) for row in figure.rows]
        print_table(("id", "status", "from", "subject"), rows, nothing="  none in this time")
        return
    most = max((one.count for one in figure.slices), default=0) or 1
    for one in figure.slices:
        bar = "█" * round(one.count / most * BAR) if sys.stdout.isatty() else ""
        typer.echo(f"  {words(one.label) if one.tone else one.label:<34}{number(one.count):>9} {bar}".rstrip())


def _amount(figure: Figure) -> str:
    match figure.widget.unit:
        case Unit.COUNT:
            return number(figure.total)
        case Unit.OCTETS:
            return size(figure.amount)
        case Unit.SECONDS:
            return span(figure.amount)
        case Unit.RATE:
            return rate(figure.amount)

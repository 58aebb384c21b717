"""How commands print what they found: a table on a terminal, tab-separated lines in a pipe, JSON where it is asked for.

What comes from outside was made harmless by the operation that answered; tabs in it are replaced here.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

import typer


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, nothing: str = "") -> None:
    """Rows for people, or for the program that reads our output; then without headings."""
    if not sys.stdout.isatty():
        for cells in rows:
            typer.echo("\t".join(cell.replace("\t", " ") for cell in cells))
        return
    if not rows:
        typer.echo(nothing)
        return
    # Imported here, for it takes longer than all the rest of a command that prints into a pipe.
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for cells in rows:
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """What there is to say of one thing, a line each; what is empty is left out."""
    for label, value in facts:
        if value not in (None, "", []):
            typer.echo(f"  {label:<14}{value}")


def print_json(value: Mapping[str, object]) -> None:
    """One JSON object on a line of its own."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def span(seconds: float) -> str:
    """A span of time as people say it: `45s`, `12m`, `3h20m`, `4d6h`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    if whole < 86_400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86_400}d{whole % 86_400 // 3600}h"


def octets(size: int) -> str:
    """A size as people say it."""
    if size < 10_000:
        return f"{size} B"
    return f"{size / 1e3:.0f} kB" if size < 10_000_000 else f"{size / 1e6:.0f} MB"

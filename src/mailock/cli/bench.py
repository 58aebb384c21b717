"""`mailock bench`: side by side with the peers that are installed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from mailock.cli.ending import CouldNot, WrongUse
from mailock.ports.jail import NoJail
from mailock.testing.bench.comparison import Comparison, Plan, compare
from mailock.testing.bench.measures import RELAY
from mailock.testing.bench.programs import CannotMeasureError
from mailock.testing.bench.scan_measures import SCAN
from mailock.testing.bench.side import Side
from mailock.testing.bench.sides.haraka import Haraka
from mailock.testing.bench.sides.mailock import Mailock
from mailock.testing.bench.sides.postfix import Postfix
from mailock.testing.bench.sides.rspamd import Rspamd
from mailock.testing.bench.table import as_data, print_comparison
from mailock.testing.bench.taught import Judged, figures, run

app = typer.Typer(help="Side by side with the peers that are installed.", no_args_is_help=True)

_T = TypeVar("_T")
_SIDES: tuple[Side, ...] = (Mailock(), Postfix(), Haraka())
_QUICK_DIVISOR = 10
_MEASURES = ", ".join(measure.name for measure in RELAY)
_SCANNERS: tuple[Side, ...] = (Mailock(), Rspamd())
_SCAN_MEASURES = ", ".join(measure.name for measure in SCAN)
_DATA = Path("../shared/data")


@app.callback()
def _group() -> None:
    """Side by side with the peers that are installed."""


@app.command()
def relay(
    *,
    only: Annotated[list[str] | None, typer.Option(help=f"Only this measure; may be repeated: {_MEASURES}.")] = None,
    side: Annotated[
        list[str] | None, typer.Option(help="Only this side; may be repeated: mailock, postfix, haraka.")
    ] = None,
    repetitions: Annotated[int, typer.Option(min=1, max=25, help="Runs of each side in each measure.")] = 3,
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of every count, for a first look.")] = False,
    long: Annotated[
        bool, typer.Option("--long", help="Also what takes very long: a million deferred messages.")
    ] = False,
    directory: Annotated[
        Path, typer.Option("--dir", help="A folder on a real disk; a temporary one is made in it and removed.")
    ] = Path("/var/tmp"),
    as_json: Annotated[bool, typer.Option("--json", help="Every run of every figure as JSON.")] = False,
) -> None:
    """Throughput, memory and waiting times of accepting and relaying, without scanning.

    All sides run on this machine, in turns, on loopback, with the same client and the same message. It takes about a
    quarter of an hour. Exit: 0 measured, 3 something could not be measured.
    """
    measures = {measure.name: measure for measure in RELAY if long or only or not measure.long}
    plan = Plan(
        measures=_chosen(only, measures, "--only"),
        sides=_chosen(side, {one.name: one for one in _SIDES}, "--side"),
        repetitions=repetitions,
        divisor=_QUICK_DIVISOR if quick else 1,
        root=directory,
    )
    _run(plan, as_data if as_json else None)


@app.command()
def scan(
    *,
    only: Annotated[
        list[str] | None, typer.Option(help=f"Only this measure; may be repeated: {_SCAN_MEASURES}.")
    ] = None,
    side: Annotated[
        list[str] | None, typer.Option(help="Only this side; may be repeated: mailock, postfix+rspamd.")
    ] = None,
    repetitions: Annotated[int, typer.Option(min=1, max=25, help="Runs of each side in each measure.")] = 3,
    divisor: Annotated[int, typer.Option("--divide", min=1, help="What every count is divided by.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of every count, for a first look.")] = False,
    directory: Annotated[
        Path, typer.Option("--dir", help="A folder on a real disk; a temporary one is made in it and removed.")
    ] = Path("/var/tmp"),
    data: Annotated[
        Path | None, typer.Option(help="The folder with spamassassin-npm.tar.xz, for mail of all sorts.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every run of every figure as JSON.")] = False,
) -> None:
    """Throughput, delay and memory with every engine on, against Postfix with rspamd.

    All sides run on this machine, in turns, on loopback, with the same client and the same mail. It takes about ten
    minutes. Exit: 0 measured, 3 something could not be measured.
    """
    told = os.environ.get("MAILOCK_TEST_DATA")
    plan = Plan(
        measures=_chosen(only, {measure.name: measure for measure in SCAN}, "--only"),
        sides=_chosen(side, {one.name: one for one in _SCANNERS}, "--side"),
        repetitions=repetitions,
        divisor=_QUICK_DIVISOR if quick else divisor,
        root=directory,
        data=data or (Path(told) if told else _DATA),
    )
    _run(plan, as_data if as_json else None)


@app.command()
def spam(
    index: Annotated[
        Path, typer.Argument(metavar="INDEX", help='A line a message, in order: "spam PATH", "ham PATH".')
    ],
    *,
    frozen: Annotated[bool, typer.Option("--frozen", help="Teach nothing: the shipped model alone.")] = False,
    scores: Annotated[Path | None, typer.Option(help="A file for a line a message: class, path, score.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """The classifier online, as TREC's spam track does it: each message is weighed, and then taught as what it is.

    What is learnt is forgotten at the end. Exit: 0 measured, 2 the index is wrong, 3 it could not be measured.
    """
    try:
        judged = asyncio.run(_judged(index, learning=not frozen))
        found = figures(judged)
        if scores is not None:
            lines = (f"{'spam' if one.spam else 'ham'} {one.path} {one.score:.4f}\n" for one in judged)
            scores.write_text("".join(lines), encoding="utf-8")
    except ValueError as wrong:
        raise WrongUse(str(wrong)) from None
    except (OSError, NoJail) as fault:
        raise CouldNot(str(fault)) from None
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    typer.echo(f"{found.messages} messages, {found.spam} of them spam")
    typer.echo(f"(1-ROCA)%                          {found.missed_area:.4f}")
    typer.echo(f"wanted at 5 or above               {found.ham_flagged:.2f} %")
    typer.echo(f"unwanted below 5                   {found.spam_missed:.2f} %")
    typer.echo(f"unwanted missed at 0.1 % wanted    {found.spam_missed_at_one_in_a_thousand:.2f} %")
    typer.echo(f"weighing and teaching, ms each     {found.milliseconds:.2f}")


async def _judged(index: Path, *, learning: bool) -> list[Judged]:
    return [one async for one in run(index, learning=learning)]


def _run(plan: Plan, written: Callable[[Comparison], Mapping[str, Any]] | None) -> None:
    """Measures and prints: for people, or what `written` makes of it as JSON."""
    signal.signal(signal.SIGTERM, _end)
    try:
        comparison = _compare(plan)
    except CannotMeasureError as failure:
        raise CouldNot(str(failure)) from failure
    if written is not None:
        typer.echo(json.dumps(written(comparison), indent=2))
    else:
        print_comparison(comparison, Console())
    if not comparison.complete:
        raise CouldNot("some measures could not be taken; the table says which and why")


def _compare(plan: Plan) -> Comparison:
    """With a line about each step where somebody watches."""
    console = Console(stderr=True)
    watched = sys.stderr.isatty()
    return compare(plan, lambda line: console.print(line, markup=False, highlight=False) if watched else None)


def _chosen(names: list[str] | None, there: dict[str, _T], option: str) -> tuple[_T, ...]:
    """The named ones in the order of the catalogue, or all. Ends the command with the names that there are."""
    unknown = [name for name in names or () if name not in there]
    if unknown:
        raise WrongUse(f"{option} {unknown[0]}: there is no such name; there are {', '.join(there)}")
    return tuple(one for name, one in there.items() if names is None or name in names)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """TERM unwinds like an interrupt, so that what was started is stopped and what was written removed."""
    raise KeyboardInterrupt

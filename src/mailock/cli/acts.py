"""The commands that change messages: alike in what they are told, different in what they do.

Each takes ids or a filter. What could hit more than was meant (everything; many, for good) has to be confirmed: on a
terminal it asks, in a script it wants `--yes`.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from mailock.cli.asking import Ask, asker, understood
from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.output import print_json
from mailock.cli.place import USUAL, Config, Data, data_folder

PAGE = 500
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Queue ids.")]
SenderOption = Annotated[str | None, typer.Option("--sender", help="From this sender: a@b.example, @b.example, or <>.")]
RecipientOption = Annotated[str | None, typer.Option("--recipient", help="For this recipient alone.")]
DomainOption = Annotated[str | None, typer.Option("--domain", help="For recipients in this domain alone.")]
LaneOption = Annotated[str | None, typer.Option("--lane", help="For this destination, as `queue list` shows it.")]
OlderOption = Annotated[str | None, typer.Option("--older-than", help="Of this age at least: 30m, 2h, 5d.")]
StatusOption = Annotated[str | None, typer.Option("--status", help="new, scan_ended, deferred or hold.")]
ClassOption = Annotated[str | None, typer.Option("--class", help="Kept as this: spam, malware, policy, late …")]
SystemOption = Annotated[str | None, typer.Option("--system", help="Of this virtual system.")]
AllOption = Annotated[bool, typer.Option("--all", help="Everything there is.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a message a line.")]


class Result(msgspec.Struct):
    """What came of an order for one message."""

    id: str
    outcome: str
    text: str


class Page(msgspec.Struct):
    """The answer to an order, for a page of messages."""

    results: list[Result]
    after: str | None


class Count(msgspec.Struct):
    """How many messages are meant."""

    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One of these commands."""

    command: str
    """As mailflow knows it."""
    final: bool
    """Whether it cannot be taken back."""


def filter_of(
    *,
    ids: Sequence[str] | None = None,
    sender: str | None = None,
    recipient: str | None = None,
    domain: str | None = None,
    lane: str | None = None,
    older_than: str | None = None,
    status: str | None = None,
    quarantine_class: str | None = None,
    system: str | None = None,
    everything: bool = False,
) -> dict[str, object]:
    """A filter as commands take it; what was not said is left out."""
    said: dict[str, object] = {
        "ids": list(ids or ()),
        "sender": sender,
        "recipient": recipient,
        "domain": domain,
        "lane": lane,
        "older_than": older_than,
        "status": status,
        "quarantine_class": quarantine_class,
        "virtual_system": system,
    }
    return {name: value for name, value in said.items() if value not in (None, [])} | {"all": everything}


def carry_out(
    act: Act,
    filter_: Mapping[str, object],
    *,
    yes: bool,
    as_json: bool,
    config: Path,
    data: Path | None,
    more: Mapping[str, object] | None = None,
) -> None:
    """Gives an order, page by page, and tells what came of it.

    Ends with 1 where nothing is there that is meant, with 3 where some of it could not be done.
    """
    ask = asker(data_folder(config, data))
    if not yes and (filter_["all"] or (act.final and "ids" not in filter_)):
        _confirm(ask, act, filter_)
    outcomes: list[str] = []
    for result in _results(ask, act, filter_, more or {}):
        outcomes.append(result.outcome)
        if as_json:
            print_json(msgspec.structs.asdict(result))
        else:
            typer.echo(
                f"{result.id} {result.text}" if sys.stdout.isatty() else f"{result.id}\t{result.outcome}\t{result.text}"
            )
    if not outcomes:
        raise AnswerIsNo("nothing that is meant is here")
    failed = outcomes.count("refused") + outcomes.count("unfit")
    if failed:
        raise CouldNot(f"{failed} of {len(outcomes)} could not be done; nothing was lost")
    if "absent" in outcomes:
        raise AnswerIsNo(f"{outcomes.count('absent')} of {len(outcomes)} are not here (any more)")


def _results(ask: Ask, act: Act, filter_: Mapping[str, object], more: Mapping[str, object]) -> Iterator[Result]:
    for part in _parts(filter_):
        after: str | None = None
        while True:
            answer = ask(act.command, {"filter": part, "after": after, **more})
            page = understood(answer, Page)
            yield from page.results
            after = page.after
            if after is None:
                break


def _parts(filter_: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The same filter for at most so many ids at once."""
    ids = filter_.get("ids")
    if not isinstance(ids, list):
        yield filter_
        return
    for start in range(0, len(ids), PAGE):
        yield {**filter_, "ids": ids[start : start + PAGE]}


def _confirm(ask: Ask, act: Act, filter_: Mapping[str, object]) -> None:
    group, _, verb = act.command.partition(".")
    count = understood(ask(f"{group}.count", {"filter": filter_}), Count).messages
    if not count:
        raise AnswerIsNo("nothing that is meant is here")
    what = f"{verb} {count} message{'s' if count != 1 else ''}"
    if not sys.stdin.isatty():
        raise WrongUse(f"this would {what}: confirm it with --yes")
    if not typer.confirm(f"{what.capitalize()}?"):
        raise AnswerIsNo("nothing was done")


def add(app: typer.Typer, name: str, act: Act, text: str, reason: str) -> None:
    """Adds a command that takes ids or a filter. `text` is its help, `reason` that of `--reason`."""

    def command(
        ids: Ids = None,
        sender: SenderOption = None,
        recipient: RecipientOption = None,
        domain: DomainOption = None,
        lane: LaneOption = None,
        older_than: OlderOption = None,
        status: StatusOption = None,
        system: SystemOption = None,
        everything: AllOption = False,
        why: Annotated[str, typer.Option("--reason", "-m", help=reason)] = "",
        yes: YesOption = False,
        as_json: JsonOption = False,
        config: Config = USUAL,
        data: Data = None,
    ) -> None:
        filter_ = filter_of(
            ids=ids,
            sender=sender,
            recipient=recipient,
            domain=domain,
            lane=lane,
            older_than=older_than,
            status=status,
            system=system,
            everything=everything,
        )
        carry_out(act, filter_, yes=yes, as_json=as_json, config=config, data=data, more={"reason": why})

    command.__doc__ = text
    app.command(name)(command)

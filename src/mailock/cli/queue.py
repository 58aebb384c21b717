"""`mailock queue`: what waits, why, and what is to become of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
import typer

from mailock.cli.acts import (
    Act,
    AllOption,
    DomainOption,
    JsonOption,
    LaneOption,
    OlderOption,
    RecipientOption,
    SenderOption,
    StatusOption,
    SystemOption,
    YesOption,
    add,
    carry_out,
    filter_of,
)
from mailock.cli.asking import asker, understood
from mailock.cli.ending import WrongUse
from mailock.cli.output import octets, print_facts, print_json, print_table, span
from mailock.cli.place import USUAL, Config, Data, data_folder

app = typer.Typer(help="The queue: what waits, why, and what is to become of it.", no_args_is_help=True)
HEADINGS = ("id", "age", "size", "status", "tries", "next try", "sender", "recipients left", "lane", "reason")
NONE = "Nothing is in the queue that is meant."
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")]
Table = dict[str, Any]


class Rows(msgspec.Struct):
    """A page of a list."""

    messages: list[Table]
    after: str | None


@app.command("list")
def list_(
    sender: SenderOption = None,
    recipient: RecipientOption = None,
    domain: DomainOption = None,
    lane: LaneOption = None,
    older_than: OlderOption = None,
    status: StatusOption = None,
    system: SystemOption = None,
    limit: Limit = 100,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """List what waits, the oldest first: its age, who it is from and for, where it goes, and what was said last."""
    filter_ = filter_of(
        sender=sender,
        recipient=recipient,
        domain=domain,
        lane=lane,
        older_than=older_than,
        status=status,
        system=system,
        everything=True,
    )
    rows = list(messages(data_folder(config, data), "queue.list", filter_, limit))
    if as_json:
        for row in rows:
            print_json(row)
        return
    print_table(HEADINGS, [cells(row) for row in rows], nothing=NONE)


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
    """Show one message as the queue has it: its treatments and recipients, the last answer and next try of each."""
    show_one(data_folder(config, data), "queue.show", name, content=content, as_json=as_json)


add(
    app,
    "hold",
    Act(command="queue.hold", final=False),
    "Keep messages in the queue until they are released. What is being sent at this moment goes on.",
    "Why: a sentence for the history.",
)
add(
    app,
    "release",
    Act(command="queue.release", final=False),
    "Let go what is held.",
    "Why: a sentence for the history.",
)
add(
    app,
    "retry",
    Act(command="queue.retry", final=False),
    "Try now what waits for its next try, also where its destination is suspended.",
    "Why: a sentence for the history.",
)
add(
    app,
    "requeue",
    Act(command="queue.requeue", final=False),
    "Have messages judged again, by the policy that runs now, as if they had just come.",
    "Why: a sentence for the history.",
)
add(
    app,
    "bounce",
    Act(command="queue.bounce", final=True),
    "Return messages to their senders, who are told the reason. Needs a running mailflow.",
    "Why: the sender reads it.",
)
add(
    app,
    "delete",
    Act(command="queue.delete", final=True),
    "Delete messages: nobody gets them, and their senders are not told.",
    "Why: it stands in the history beside your name.",
)


@app.command()
def flush(
    domain: Annotated[str | None, typer.Argument(help="The domain of the recipients.")] = None,
    lane: LaneOption = None,
    everything: AllOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Try now everything that waits for a domain, or for a destination."""
    if domain is None and lane is None and not everything:
        raise WrongUse("say what to flush: a domain, --lane, or --all")
    filter_ = filter_of(domain=domain, lane=lane, everything=everything)
    carry_out(Act(command="queue.retry", final=False), filter_, yes=yes, as_json=as_json, config=config, data=data)


def messages(folder: Path, command: str, filter_: Mapping[str, object], limit: int) -> Iterator[Table]:
    """The rows of a list, page by page."""
    ask, after = asker(folder), None
    while limit > 0:
        arguments = {"filter": filter_, "limit": min(limit, 1000), "after": after}
        page = understood(ask(command, arguments), Rows)
        yield from page.messages
        limit -= len(page.messages)
        after = page.after
        if after is None:
            return


def cells(row: Table) -> tuple[str, ...]:
    """A row of the list."""
    return (
        row["id"],
        span(row["age"]),
        octets(row["size"]),
        row["status"] if row["stage"] != "shunted" else "hold (shunted)",
        str(row["tries"]),
        row["next_try"] or "",
        row["sender"],
        some(row["recipients"]),
        " ".join(row["lanes"]),
        row["reason"],
    )


def some(names: list[str], most: int = 3) -> str:
    """The first of many."""
    return ", ".join(names[:most]) + (f" +{len(names) - most}" if len(names) > most else "")


def show_one(folder: Path, command: str, name: str, *, content: bool, as_json: bool) -> None:
    """Prints one message."""
    found = cast("Table", asker(folder)(command, {"id": name, "content": content}))
    if as_json:
        print_json(found)
        return
    for line in ("id", "status", "stage", "subject", "from", "to", "cc", "message_id", "sender", "arrival"):
        print_facts([(line, found[line])])
    print_facts(
        [
            ("age", span(found["age"])),
            ("size", f"{found['size']} bytes, {found['body']}, SHA-256 {found['sha256']}"),
            ("source", f"{found['helo']} [{found['source_ip']}] at {found['listener']} by {found['protocol']}"),
            ("tls", found["tls_in"]),
            ("authenticated", found["authenticated_as"]),
            ("session", f"{found['session']}, message {found['ordinal']} in it"),
            ("system", found["virtual_system"]),
            ("made from", found["parent"]),
            ("written by us", found["own"]),
            ("reason", found["reason"]),
        ]
    )
    for copy in found["copies"]:
        _show_copy(copy)
    for one in found["ended"]:
        typer.echo(f"  {one['address']}: {one['status']} {one['reason']}")
    if content:
        typer.echo("\nheader")
        for line in found["header"]:
            typer.echo(f"  {line}")


def _show_copy(copy: Table) -> None:
    typer.echo(f"\ncopy {copy['number']}, {copy['stage']}: {copy['disposition']} by rule {copy['rule']}")
    for because in copy["because"]:
        typer.echo(f"  because {because}")
    if copy["quarantine_class"]:
        typer.echo(f"  in quarantine as {copy['quarantine_class']} since {copy['quarantined']}")
    for one in copy["recipients"]:
        date = f", next try {one['next_try']}" if one["next_try"] else ""
        typer.echo(f"  {one['address']} ({one['direction']}): {one['status']}, {tries(one['tries'])}{date}")
        print_facts([("  lane", one["lane"]), ("  last answer", one["reason"])])


def tries(count: int) -> str:
    """How often something was tried, in words."""
    return "1 try" if count == 1 else f"{count} tries"

"""`mailock quarantine`: what is kept from its recipients, and letting it go."""

from typing import Annotated, Any, cast

import typer

from mailock.cli.acts import (
    Act,
    AllOption,
    ClassOption,
    DomainOption,
    Ids,
    JsonOption,
    OlderOption,
    RecipientOption,
    SenderOption,
    SystemOption,
    YesOption,
    carry_out,
    filter_of,
)
from mailock.cli.asking import asker
from mailock.cli.learn import SAID
from mailock.cli.output import octets, print_json, print_table
from mailock.cli.place import USUAL, Config, Data, data_folder
from mailock.cli.queue import messages, show_one, some
from mailock.core.classify.learning import Came

app = typer.Typer(help="Quarantine: what is kept from its recipients, and letting it go.", no_args_is_help=True)
HEADINGS = ("id", "class", "since", "expires", "size", "sender", "recipients", "subject", "why")
NONE = "Nothing is in quarantine that is meant."
Name = Annotated[str, typer.Argument(metavar="ID", help="A queue id.")]
OneObject = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command("list")
def list_(
    sender: SenderOption = None,
    recipient: RecipientOption = None,
    domain: DomainOption = None,
    kind: ClassOption = None,
    older_than: OlderOption = None,
    system: SystemOption = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")] = 100,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """List what is in quarantine, the oldest first: its class, since when and until when, and why."""
    filter_ = filter_of(
        sender=sender,
        recipient=recipient,
        domain=domain,
        quarantine_class=kind,
        older_than=older_than,
        system=system,
        everything=True,
    )
    rows = list(messages(data_folder(config, data), "quarantine.list", filter_, limit))
    if as_json:
        for row in rows:
            print_json(row)
        return
    print_table(HEADINGS, [_cells(row) for row in rows], nothing=NONE)


@app.command()
def show(
    name: Name,
    content: Annotated[
        bool, typer.Option("--content", help="Its header too. Who reads it is written into its history.")
    ] = False,
    as_json: OneObject = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Show one message in quarantine: why it is there, and for whom."""
    show_one(data_folder(config, data), "quarantine.show", name, content=content, as_json=as_json)


@app.command()
def preview(name: Name, as_json: OneObject = False, config: Config = USUAL, data: Data = None) -> None:
    """Show what a message in quarantine says, as text, and its parts. Who looks is written into its history."""
    found = cast("dict[str, Any]", asker(data_folder(config, data))("quarantine.preview", {"id": name}))
    if as_json:
        print_json(found)
        return
    for line in found["header"]:
        typer.echo(line)
    for passage in found["passages"]:
        typer.echo(f"\n-- part {passage['part']}, {passage['type']}{', cut off' if passage['cut'] else ''}\n")
        typer.echo(passage["text"])
    typer.echo("")
    rows = [(one["part"], one["type"], octets(one["size"]), one["name"]) for one in found["parts"]]
    print_table(("PART", "TYPE", "SIZE", "NAME"), rows, nothing="no parts")
    for note in found["notes"]:
        typer.echo(note, err=True)


@app.command()
def release(
    ids: Ids = None,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Send a copy to this address instead; it stays in quarantine. May be repeated."),
    ] = None,
    sender: SenderOption = None,
    recipient: RecipientOption = None,
    domain: DomainOption = None,
    kind: ClassOption = None,
    older_than: OlderOption = None,
    system: SystemOption = None,
    everything: AllOption = False,
    why: Annotated[str, typer.Option("--reason", "-m", help="Why: a sentence for the history.")] = "",
    whole: Annotated[
        bool, typer.Option("--whole", help="As it came, without the changes that were ordered for it.")
    ] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Let recipients have what was kept from them: all of them, or those of --recipient. Malware needs root."""
    filter_ = filter_of(
        ids=ids,
        sender=sender,
        recipient=recipient,
        domain=domain,
        quarantine_class=kind,
        older_than=older_than,
        system=system,
        everything=everything,
    )
    act = Act(command="quarantine.release", final=True)
    more = {"reason": why, "to": to or [], "whole": whole}
    carry_out(act, filter_, yes=yes, as_json=as_json, config=config, data=data, more=more)


@app.command()
def delete(
    ids: Ids = None,
    sender: SenderOption = None,
    recipient: RecipientOption = None,
    domain: DomainOption = None,
    kind: ClassOption = None,
    older_than: OlderOption = None,
    system: SystemOption = None,
    everything: AllOption = False,
    why: Annotated[str, typer.Option("--reason", "-m", help="Why: a sentence for the history.")] = "",
    yes: YesOption = False,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Delete what is in quarantine: its recipients never get it, and its sender is not told."""
    filter_ = filter_of(
        ids=ids,
        sender=sender,
        recipient=recipient,
        domain=domain,
        quarantine_class=kind,
        older_than=older_than,
        system=system,
        everything=everything,
    )
    act = Act(command="quarantine.delete", final=True)
    carry_out(act, filter_, yes=yes, as_json=as_json, config=config, data=data, more={"reason": why})


@app.command()
def report(
    names: Annotated[list[str], typer.Argument(metavar="ID…", help="Queue ids.")],
    spam: Annotated[
        bool, typer.Option("--spam", help="It is unwanted, and rightly here; without it, it is wanted.")
    ] = False,
    as_json: JsonOption = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Report that messages in quarantine are wanted: anti-spam learns it. They stay there; `release` lets them go."""
    ask = asker(data_folder(config, data))
    for name in names:
        arguments = {"id": name, "taught": "spam" if spam else "ham"}
        found = cast("dict[str, Any]", ask("quarantine.report", arguments))
        if as_json:
            print_json(found)
        else:
            typer.echo(f"{found['id']} {SAID[Came(found['outcome'])]}, as {found['taught']} of {found['system']}")


@app.command()
def digest(as_json: OneObject = False, config: Config = USUAL, data: Data = None) -> None:
    """Send the digests that are due, now: to every recipient from whom something new is kept."""
    found = cast("dict[str, Any]", asker(data_folder(config, data))("digest.send", {}))
    if as_json:
        print_json(found)
    else:
        typer.echo(f"{found['sent']} digests were sent" if found["sent"] != 1 else "1 digest was sent")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["id"],
        row["class"],
        row["since"],
        row["expires"],
        octets(row["size"]),
        row["sender"],
        some(row["recipients"]),
        row["subject"],
        " ".join(row["because"]),
    )

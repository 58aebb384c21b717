"""`mailock policy`: check a draft, see what runs and how the draft differs, install it, look back, roll back.

While mailflow runs it installs, asked over its control socket, so that everything switches at once. While it is down
the command takes the lock of the spool and writes the revision itself; it is used from the next start on.
"""

import asyncio
import getpass
import json
import os
import socket
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from mailock.cli.control import call, is_running
from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.place import USUAL, Config, Data, data_folder
from mailock.cli.whatif import what_if_draft
from mailock.config.load import Loaded, load
from mailock.config.mistakes import Mistake, Mistakes
from mailock.config.node import Node
from mailock.config.vocabulary import check_engines, has_words, unknown_words
from mailock.engines.catalogue import found
from mailock.engines.yara.compiling import check_rules
from mailock.operations.policy import Outcome, Participant, PolicyDesk, difference
from mailock.operations.policy_answers import answer, mistake_table, revision_table
from mailock.ports.revisions import InstalledFrom, Revision
from mailock.processes.golden import GoldenCases
from mailock.processes.means import means_of
from mailock.storage.revisions import FileRevisions
from mailock.storage.sqlite.place import SpoolLock, SpoolTaken

app = typer.Typer(help="The policy: check it, install it, look back.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Note = Annotated[str, typer.Option("--note", "-m", help="Why: a sentence for the history.")]
FOLDER = "policy"
T = TypeVar("T")
app.command("what-if")(what_if_draft)


@app.command()
def check(config: Config = USUAL, data: Data = None, as_json: AsJson = False) -> None:
    """Say everything that is wrong with the policy file, and what deserves a look. Exit 2 where something is wrong."""
    loaded = _load(config, as_json=as_json, rules=True)
    warnings = [*loaded.warnings, *_unknown(config, loaded)]
    running = _running(config, data)
    differs = running is None or running.text != loaded.policy_text
    if as_json:
        told = {
            "file": str(config),
            "mistakes": [],
            "warnings": [mistake_table(warning) for warning in warnings],
            "running": running.number if running else None,
            "differs": differs,
        }
        typer.echo(json.dumps(told))
        return
    for warning in warnings:
        typer.echo(f"warning: {warning}")
    state = "nothing was installed yet"
    if running is not None:
        same = "the same" if not differs else "another: see `mailock policy diff`"
        state = f"revision {running.number}, which runs, is {same}"
    typer.echo(f"{config} can be installed; {state}")


@app.command()
def show(
    revision: Annotated[int | None, typer.Argument(help="Which one; without a number, the one that runs.")] = None,
    config: Config = USUAL,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Print the policy that runs, or an earlier revision, as it was installed."""
    shown = _revision(_revisions(config, data), revision)
    if as_json:
        typer.echo(json.dumps(revision_table(shown) | {"text": shown.text}))
        return
    typer.echo(f"revision {_line(shown)}", err=True)
    typer.echo(shown.text, nl=False)


@app.command()
def diff(
    before: Annotated[
        int | None, typer.Argument(help="From which revision; without it, from the one that runs.")
    ] = None,
    after: Annotated[int | None, typer.Argument(help="To which revision; without it, to the policy file.")] = None,
    config: Config = USUAL,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Print what leads from what runs to the policy file, as a unified diff. Exit 1 where they differ."""
    revisions = _revisions(config, data)
    old = _revision(revisions, before) if before is not None else _read(revisions.current)
    if after is not None:
        new, name = _revision(revisions, after).text, f"revision {after}"
    else:
        new, name = _load(config, as_json=as_json).policy_text, str(config)
    found = difference(old, new, name)
    if as_json:
        typer.echo(json.dumps({"from": old.number if old else None, "to": name, "difference": found}))
    else:
        typer.echo(found, nl=False)
    if found:
        raise typer.Exit(AnswerIsNo.code)


@app.command()
def install(
    config: Config = USUAL,
    data: Data = None,
    note: Note = "",
    base: Annotated[
        int | None,
        typer.Option(help="The revision that runs and that you have seen, where others installed meanwhile."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put the policy file into force, all of it at once or nothing. Exit 1 where others installed meanwhile."""
    loaded = _load(config, as_json=as_json, rules=True)
    folder = data_folder(config, data)
    arguments = {"text": loaded.policy_text, "by": _whoami(), "note": note, "base": base}

    async def directly(desk: PolicyDesk) -> Outcome:
        return await desk.install(loaded.policy_text, by=_whoami(), note=note, base=base, name=str(config))

    asked = _ask(folder, "policy.install", arguments, directly, _golden(loaded.settings.node))
    _finish(*asked, as_json=as_json, warnings=loaded.warnings)


@app.command()
def rollback(
    revision: Annotated[int, typer.Argument(help="The revision whose text is to run again.")],
    config: Config = USUAL,
    data: Data = None,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Install the text of an earlier revision again, as a new revision."""
    folder = data_folder(config, data)
    _revision(FileRevisions(folder / FOLDER), revision)
    arguments: dict[str, object] = {"revision": revision, "by": _whoami(), "note": note}

    async def directly(desk: PolicyDesk) -> Outcome:
        return await desk.roll_back(revision, by=_whoami(), note=note)

    _finish(*_ask(folder, "policy.rollback", arguments, directly), as_json=as_json, warnings=())


@app.command()
def history(
    config: Config = USUAL,
    data: Data = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the revisions, the newest first: who installed them, when and why."""
    revisions = _revisions(config, data)
    found = _read(lambda: revisions.history(limit))
    current = _read(revisions.current)
    running = current.number if current else 0
    if as_json:
        typer.echo(json.dumps([revision_table(one) | {"running": one.number == running} for one in found]))
        return
    for one in found:
        mark = "*" if one.number == running else "✗" if one.withdrawn else " "
        typer.echo(f"{mark} {_line(one)}")


def put_into_force(block: str, *, note: str, config: Path, data: Path | None, as_json: bool) -> None:
    """Installs what runs with one more block at its end, for commands that change a policy by themselves.

    The file gets the block too where it says what runs. Where it is another draft, it is left alone, and the next
    install from it is held up until somebody has looked at the difference (DECISIONS 27).
    """
    folder = data_folder(config, data)
    running = _revision(_revisions(config, data), None)
    text = running.text.rstrip("\n") + "\n" + block
    is_draft = _is_another_draft(config, running)
    origin = InstalledFrom.CONSOLE if is_draft else InstalledFrom.FILE
    arguments = {"text": text, "by": _whoami(), "note": note, "base": running.number, "origin": origin.value}

    async def directly(desk: PolicyDesk) -> Outcome:
        return await desk.install(text, by=_whoami(), note=note, base=running.number, origin=origin)

    answered, by_mailflow = _ask(folder, "policy.install", arguments, directly)
    if answered.get("outcome") == "installed" and not is_draft:
        config.write_text(config.read_text("utf-8").rstrip("\n") + "\n" + block, "utf-8")
    _finish(answered, by_mailflow, as_json=as_json, warnings=())
    if is_draft:
        _say(
            f"{config} says something else than what runs, and was left alone; put this into it:\n{block}",
            as_json=as_json,
        )


def _is_another_draft(config: Path, running: Revision) -> bool:
    """Whether the policy file is not there, cannot be used, or says something else than what runs."""
    try:
        return load(config, environment=os.environ).policy_text != running.text
    except (Mistakes, OSError):
        return True


class _WallClock:
    """The time, for a revision that is installed while nothing else runs."""

    def now(self) -> float:
        """Unix time."""
        return time.time()

    def steady(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


def _ask(
    folder: Path,
    command: str,
    arguments: Mapping[str, object],
    directly: Callable[[PolicyDesk], Coroutine[Any, Any, Outcome]],
    participants: Sequence[Participant] = (),
) -> tuple[dict[str, object], bool]:
    """Has mailflow do it, or does it here while mailflow is down. Returns the answer, and whether mailflow gave it."""
    if is_running(folder):
        answered = call(folder, command, dict(arguments))
        if not isinstance(answered, dict):
            raise CouldNot(f"mailflow answered {command} in a way that this version does not know: restart Mailock")
        return answered, True
    with _spool_lock(folder):
        desk = PolicyDesk(FileRevisions(folder / FOLDER), _WallClock(), participants)
        try:
            return answer(asyncio.run(directly(desk))), False
        except OSError as fault:
            raise CouldNot(str(fault)) from None


def _unknown(config: Path, loaded: Loaded) -> Sequence[Mistake]:
    """Warnings of words in rules that no engine knows; the engines are made only where there are such words."""
    policy = loaded.settings.policy
    if not has_words(policy):
        return ()
    # Imported here, for all the libraries of all engines come with it.
    from mailock.processes.vocabulary import vocabulary

    text = config.read_text(encoding="utf-8-sig")
    return unknown_words(text, policy, vocabulary(policy.anti_virus), str(config))


def _golden(node: Node) -> tuple[Participant, ...]:
    """Who has a say where mailflow is down."""
    return (GoldenCases(means_of(node), node.hostname or socket.getfqdn()),)


@contextmanager
def _spool_lock(folder: Path) -> Iterator[None]:
    """Keeps mailflow from starting meanwhile."""
    try:
        lock = SpoolLock(folder)
    except FileNotFoundError:
        raise CouldNot(f"the data folder {folder} is not there: make it, or start Mailock once") from None
    except (SpoolTaken, OSError) as fault:
        raise CouldNot(str(fault)) from None
    try:
        yield
    finally:
        lock.release()


def _finish(answered: Mapping[str, Any], by_mailflow: bool, *, as_json: bool, warnings: Sequence[Mistake]) -> None:
    """Tells how an install went, and ends with the code that says so."""
    outcome = answered.get("outcome")
    if as_json:
        typer.echo(json.dumps(dict(answered) | {"warnings": [mistake_table(warning) for warning in warnings]}))
    else:
        for warning in warnings:
            typer.echo(f"warning: {warning}")
        if outcome == "overtaken":
            typer.echo(answered["difference"], nl=False)
    match outcome:
        case "installed":
            use = "runs" if by_mailflow else "is installed, and runs once Mailock is started"
            _say(f"revision {answered['revision']} {use}", as_json=as_json)
        case "unchanged":
            _say(f"revision {answered['revision']} says the same already; nothing was installed", as_json=as_json)
        case "overtaken":
            raise AnswerIsNo(f"not installed: {answered['why']}")
        case "mistaken":
            raise WrongUse("not installed:\n" + "\n".join(map(_mistake_line, answered["mistakes"])))
        case _:
            why = answered.get("why", "no reason was given")
            raise CouldNot(f"not installed, and nothing changed: {why}")


def _say(text: str, *, as_json: bool) -> None:
    if not as_json:
        typer.echo(text)


def _mistake_line(table: Mapping[str, Any]) -> str:
    known = {key: table[key] for key in ("file", "section", "key", "text")}
    return str(Mistake(line=table["line"] or 0, **known))


def _load(config: Path, *, as_json: bool, rules: bool = False) -> Loaded:
    """The policy file. Ends the command with all its mistakes, one a line; `rules`: those of YARA rules too."""
    try:
        loaded = load(config, environment=os.environ)
        if rules:
            check_rules(loaded.settings.policy.anti_virus)
            check_engines(config.read_text(encoding="utf-8-sig"), loaded.settings.policy, found, str(config))
        return loaded
    except Mistakes as wrong:
        if as_json:
            told = {
                "file": str(config),
                "mistakes": [mistake_table(mistake) for mistake in wrong.mistakes],
                "warnings": [mistake_table(warning) for warning in wrong.warnings],
            }
            typer.echo(json.dumps(told))
            raise typer.Exit(WrongUse.code) from None
        for warning in wrong.warnings:
            typer.echo(f"warning: {warning}")
        for mistake in wrong.mistakes:
            typer.echo(str(mistake), err=True)
        count = len(wrong.mistakes)
        raise WrongUse(f"{config} has {count} mistake{'' if count == 1 else 's'}; nothing was changed") from None


def _running(config: Path, data: Path | None) -> Revision | None:
    """What runs, as far as this user may see it: a check of a file says the rest all the same."""
    try:
        return FileRevisions(data_folder(config, data) / FOLDER).current()
    except OSError:
        return None


def _revisions(config: Path, data: Path | None) -> FileRevisions:
    return FileRevisions(data_folder(config, data) / FOLDER)


def _revision(revisions: FileRevisions, number: int | None) -> Revision:
    """A revision by number, or the one that runs."""
    if number is not None:
        try:
            return _read(lambda: revisions.get(number))
        except KeyError as missing:
            raise WrongUse(f"{missing.args[0]}: see `mailock policy history`") from None
    current = _read(revisions.current)
    if current is None:
        raise AnswerIsNo("nothing was installed yet: `mailock policy install` does it, or the first start")
    return current


def _read(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except PermissionError as fault:
        raise CouldNot(f"{fault.filename} may only be read by root and Mailock's own user: use sudo") from None
    except OSError as fault:
        raise CouldNot(str(fault)) from None


def _line(one: Revision) -> str:
    """A revision as one line of the history."""
    at = datetime.fromtimestamp(one.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    origin = f"back to {one.rolled_back_to}" if one.origin is InstalledFrom.ROLLBACK else one.origin.value
    end = ", withdrawn: it could not be put into force" if one.withdrawn else ""
    note = f": {one.note}" if one.note else ""
    return f"{one.number}  {at}  {one.by} ({origin}){note}{end}"


def _whoami() -> str:
    """Who is at the keyboard: with sudo, who called it."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except KeyError:
        return f"uid {os.getuid()}"

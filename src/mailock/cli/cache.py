"""`mailock cache`: what external scanners said of contents, as far as it is remembered; and pins on contents.

A pin is a part of the policy: it is installed as a revision of its own, so the history tells who said what of which
file, why, and until when, and a rollback takes it back (DECISIONS 21, 27).
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from mailock.cli.asking import asker, understood
from mailock.cli.ending import AnswerIsNo, WrongUse
from mailock.cli.output import print_facts, print_json, print_table, span
from mailock.cli.place import USUAL, Config, Data, data_folder
from mailock.cli.policy import put_into_force
from mailock.config.judgement import Day
from mailock.config.judgement import sha256 as read_sha256

app = typer.Typer(help="What scanners said of contents, and what you say of one yourself.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Engine = Annotated[str | None, typer.Option("--engine", help="Of this scanner alone: clamav, icap …")]
HEADINGS = ("sha-256", "engine", "verdict", "what", "age", "holds for")
USUAL_DAYS = 90


class PinnedAs(StrEnum):
    """What a content is, by order."""

    BENIGN = "benign"
    MALICIOUS = "malicious"


class Verdict(msgspec.Struct):
    """One answer that is remembered."""

    sha256: str
    engine: str
    version: str
    verdict: str
    findings: list[dict[str, str]]
    since: float
    until: float


class Found(msgspec.Struct):
    """The answer to `cache.list` and `cache.show`."""

    verdicts: list[Verdict]
    pin: dict[str, Any] | None = None


class Forgotten(msgspec.Struct):
    """The answer to `cache.purge`."""

    forgotten: int


@app.command("list")
def list_(
    engine: Engine = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 100,
    as_json: AsJson = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """List what is remembered, the newest first."""
    answer = asker(data_folder(config, data))("cache.list", {"engine": engine, "limit": limit})
    found = understood(answer, Found).verdicts
    if as_json:
        for one in found:
            print_json(msgspec.structs.asdict(one))
        return
    print_table(HEADINGS, [_cells(one) for one in found], nothing="Nothing is remembered.")


@app.command()
def show(
    sha256: Annotated[str, typer.Argument(metavar="SHA256", help="Of a content, as `mailock show` tells it.")],
    as_json: AsJson = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Show what is remembered of one content, and whether a pin stands on it. Exit 1 where there is neither."""
    answer = asker(data_folder(config, data))("cache.show", {"sha256": sha256})
    found = understood(answer, Found)
    if as_json:
        typer.echo(json.dumps(answer))
    else:
        for one in found.verdicts:
            typer.echo(f"{one.engine}: {one.verdict}")
            what = "; ".join(finding["evidence"] for finding in one.findings)
            facts = (("found", what), ("by", one.version), ("since", _moment(one.since)), ("until", _moment(one.until)))
            print_facts(facts)
        if found.pin is not None:
            until = "for ever" if found.pin["until"] is None else f"until {_moment(found.pin['until'])}"
            typer.echo(f"pinned as {found.pin['verdict']} {until}: {found.pin['because']}")
    if not found.verdicts and found.pin is None:
        raise AnswerIsNo("nothing is known of this content")


@app.command()
def purge(
    sha256: Annotated[list[str] | None, typer.Argument(metavar="SHA256", help="Of contents.")] = None,
    engine: Engine = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that is remembered.")] = False,
    as_json: AsJson = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Forget what scanners said, so that they are asked again. Pins are not touched."""
    arguments = {"sha256": sha256 or [], "engine": engine, "all": everything}
    answer = understood(asker(data_folder(config, data))("cache.purge", arguments), Forgotten)
    if as_json:
        print_json(msgspec.structs.asdict(answer))
    else:
        typer.echo(f"{answer.forgotten} forgotten")
    if not answer.forgotten:
        raise AnswerIsNo("nothing that is meant was remembered")


@app.command()
def pin(
    sha256: Annotated[str, typer.Argument(metavar="SHA256", help="Of the file, and of nothing that is packed in it.")],
    verdict: Annotated[PinnedAs, typer.Argument(help="What it is.")],
    because: Annotated[str, typer.Option("--because", help="Why: it stands in the log of each message that has it.")],
    until: Annotated[
        str | None, typer.Option("--until", help=f"The last day on which it holds; {USUAL_DAYS} days without it.")
    ] = None,
    as_json: AsJson = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Say of one file what it is, whatever engines say: a revision of the policy with one more [[pin]]."""
    if not because.strip():
        raise WrongUse("--because: a pin needs a reason")
    try:
        digest = read_sha256(sha256)
        last = Day.read(until) if until is not None else Day((datetime.now(UTC) + timedelta(days=USUAL_DAYS)).date())
    except ValueError as why:
        raise WrongUse(str(why)) from None
    if last.end <= time.time():
        raise WrongUse(f"--until {last}: that day is over")
    block = _block(digest, verdict.value, because.strip(), last)
    put_into_force(
        block, note=f"pin {digest} as {verdict.value}: {because.strip()}", config=config, data=data, as_json=as_json
    )


def _block(digest: str, verdict: str, because: str, last: Day) -> str:
    """As the policy file writes it; a JSON string without escapes beyond its own is a TOML string too."""
    return (
        f'\n[[pin]]\nsha256 = "{digest}"\nverdict = "{verdict}"\n'
        f"because = {json.dumps(because, ensure_ascii=False)}\nuntil = {last}\n"
    )


def _cells(one: Verdict) -> tuple[str, ...]:
    now = time.time()
    what = ", ".join(finding["kind"] for finding in one.findings)
    digest = one.sha256 if not sys.stdout.isatty() else one.sha256[:16] + "…"
    return digest, one.engine, one.verdict, what, span(now - one.since), span(max(0.0, one.until - now))


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")

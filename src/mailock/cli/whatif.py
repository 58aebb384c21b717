"""`mailock policy what-if`: what a draft would have decided on the mail of the last days."""

import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.log import LOG_NAME
from mailock.cli.output import print_json, print_table
from mailock.cli.place import USUAL, Config, Data, data_folder
from mailock.config.compile import compile_policy
from mailock.config.load import Loaded, load
from mailock.config.mistakes import Mistakes
from mailock.console.policies import decoded, policy_of
from mailock.core.lifecycle.query import BadQuery
from mailock.core.mail.message import show_id
from mailock.core.mail.shown import cleaned
from mailock.core.policy.decision import Decision
from mailock.core.policy.way import shown as way_shown
from mailock.core.policy.whatif import Answer
from mailock.core.rewriting.edits import shown
from mailock.operations.track import asked
from mailock.operations.whatif import Answered, answer_json, summary, what_if
from mailock.storage.revisions import FileRevisions
from mailock.telemetry.search import TooSlow, TrackReader

FOLDER = "policy"
MESSAGES = 1000


def what_if_draft(
    draft: Annotated[Path, typer.Argument(help="The policy file to try.")] = USUAL,
    since: Annotated[str, typer.Option(help="Only what arrived since then: 30m, 2d, 2026-11-24.")] = "7d",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many messages, the newest.")] = MESSAGES,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a message, then one with the sums.")] = False,
    config: Config = USUAL,
    data: Data = None,
) -> None:
    """Say what a draft would have decided on mail that was judged already. Nothing is examined again.

    Exit 1 where something would be otherwise, or cannot be known.
    """
    loaded, folder = _load(draft), data_folder(config, data)
    try:
        with TrackReader(folder / LOG_NAME) as reader:
            records = reader.find(asked("", since=since, status=None, now=time.time()), limit=limit)
    except BadQuery as error:
        raise WrongUse(str(error)) from None
    except (OSError, TooSlow) as error:
        raise CouldNot(str(error)) from None
    policy = loaded.settings.policy
    hostname = loaded.settings.node.hostname or "localhost"
    revisions = FileRevisions(folder / FOLDER)
    tested = list(
        what_if(
            records,
            policy,
            compile_policy(policy, revision=0, hostname=hostname),
            policy_of=lambda number: policy_of(revisions, number),
            decode=decoded,
        )
    )
    sums = summary(tested)
    _print_json(tested, sums) if as_json else _print(tested, sums)
    if sums[Answer.DIFFERS.value] or sums[Answer.NEEDS_SCAN.value]:
        raise AnswerIsNo(
            f"{sums[Answer.DIFFERS.value]} of {len(tested)} messages would be treated otherwise, "
            f"{sums[Answer.NEEDS_SCAN.value]} cannot be told of"
        )


def _load(draft: Path) -> Loaded:
    try:
        return load(draft, environment=os.environ)
    except Mistakes as wrong:
        raise WrongUse(str(wrong)) from None


def _print_json(tested: Sequence[Answered], sums: dict[str, int]) -> None:
    for one in tested:
        print_json(answer_json(one))
    print_json({"messages": len(tested), **sums})


def _print(tested: Sequence[Answered], sums: dict[str, int]) -> None:
    """The messages that would be treated otherwise, then why others cannot be told of, then the sums."""
    rows = [
        (
            show_id(one.record.queue_id),
            cleaned(one.record.sender),
            cleaned(one.record.recipients[change.before.recipient].address),
            _told(change.before),
            _told(change.after),
            change.after.rule,
        )
        for one in tested
        for change in one.replayed.changes
    ]
    print_table(
        ("id", "sender", "recipient", "was", "would be", "by rule"), rows, nothing="Nothing would be otherwise."
    )
    reasons = Counter(reason for one in tested for reason in one.replayed.missing[:1])
    for reason, count in reasons.most_common():
        typer.echo(f"{count} cannot be told of: {reason}", err=True)
    typer.echo(", ".join(f"{count} {answer}" for answer, count in sums.items()), err=True)


def _told(decision: Decision) -> str:
    if decision.quarantine_class is not None:
        return f"{decision.disposition.value} ({decision.quarantine_class})"
    added = [f"also to {one}" for one in decision.added]
    changes = [*map(shown, decision.edits), *way_shown(decision.way), *added]
    return ", ".join((decision.disposition.value, *changes))

"""The policy under people's hands: check, compare, try on the mail of the last days, install, look back, roll back.

The console judges nothing: drafts are read as files are, and mailflow installs them. A draft is made from a revision;
where another one runs meanwhile, mailflow refuses it, so nobody overwrites what he has not seen.
"""

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from mailock.config.compile import compile_policy
from mailock.config.load import Loaded, load
from mailock.config.mistakes import Mistakes
from mailock.config.model import Policy
from mailock.console.means import Means, Visitor
from mailock.core.policy.remembered import Remembered
from mailock.operations.policy import difference
from mailock.operations.policy_answers import mistake_table, revision_table
from mailock.operations.track import Json, asked
from mailock.operations.whatif import answer_json, summary, what_if
from mailock.ports.revisions import InstalledFrom, Revision
from mailock.storage.codec import Unreadable
from mailock.storage.examination_codec import decode_judged
from mailock.storage.revisions import FileRevisions

DRAFT: Final = "the draft"
MOST_TRIED: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a text has to be told of."""

    loaded: Loaded | None
    mistakes: tuple[dict[str, object], ...]
    warnings: tuple[dict[str, object], ...]

    def table(self) -> dict[str, object]:
        """As others read it."""
        return {"ok": self.loaded is not None, "mistakes": list(self.mistakes), "warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a draft would have decided. `answers` are the messages that would be treated otherwise."""

    messages: int
    sums: dict[str, int]
    answers: tuple[dict[str, Json], ...]
    reasons: tuple[tuple[str, int], ...]
    """Why some cannot be told of, and how many."""

    def table(self) -> dict[str, object]:
        """As others read it."""
        return {"messages": self.messages, **self.sums, "answers": list(self.answers), "missing": dict(self.reasons)}


def running(means: Means) -> Revision:
    """What runs. Raises OSError where nothing was installed yet, or it cannot be read."""
    current = means.revisions.current()
    if current is None:
        raise OSError("nothing was installed yet: `mailock run` installs the policy file when it first starts")
    return current


def revision(means: Means, number: int) -> Revision:
    """A revision. Raises KeyError, OSError."""
    return means.revisions.get(number)


def history(means: Means, limit: int = 100) -> list[dict[str, object]]:
    """The newest revisions, newest first."""
    return [revision_table(one) for one in means.revisions.history(limit)]


def checked(text: str) -> Checked:
    """All mistakes and warnings of a text at once, each with its line."""
    try:
        loaded = load(text, name=DRAFT)
    except Mistakes as wrong:
        return Checked(
            loaded=None,
            mistakes=tuple(mistake_table(one) for one in wrong.mistakes),
            warnings=tuple(mistake_table(one) for one in wrong.warnings),
        )
    return Checked(loaded=loaded, mistakes=(), warnings=tuple(mistake_table(one) for one in loaded.warnings))


def compared(means: Means, text: str) -> str:
    """What leads from what runs to a text, as a unified diff."""
    return difference(means.revisions.current(), text, DRAFT)


def between(old: Revision, new: Revision) -> str:
    """What leads from one revision to another."""
    names = (f"revision {old.number}", f"revision {new.number}")
    return "".join(difflib.unified_diff(old.text.splitlines(keepends=True), new.text.splitlines(keepends=True), *names))


def tried(means: Means, loaded: Loaded, *, since: str = "7d", limit: int = MOST_TRIED) -> Tried:
    """What a draft would have decided on the newest mail. Raises BadQuery, OSError, TooSlow."""
    query = asked("", since=since, status=None, now=means.clock.now())
    with means.log() as reader:
        records = reader.find(query, limit=max(1, min(limit, MOST_TRIED)))
    policy = loaded.settings.policy
    answered = list(
        what_if(
            records,
            policy,
            compile_policy(policy, revision=0, hostname=means.hostname),
            policy_of=lambda number: policy_of(means.revisions, number),
            decode=decoded,
        )
    )
    reasons = Counter(reason for one in answered for reason in one.replayed.missing[:1])
    sums = summary(answered)
    shown = [one for one in answered if one.replayed.changes]
    return Tried(
        messages=len(answered),
        sums=sums,
        answers=tuple(answer_json(one) for one in shown),
        reasons=tuple(reasons.most_common()),
    )


def install(means: Means, visitor: Visitor, text: str, base: int, note: str) -> tuple[dict[str, Any], int]:
    """Has mailflow install a text that was made from a revision. Returns its answer, and the line of the audit log."""
    arguments = {
        "text": text,
        "by": visitor.person.name,
        "note": note,
        "base": base,
        "origin": InstalledFrom.CONSOLE.value,
    }
    about = f"made from revision {base}{': ' + note if note else ''}"
    answer, number = means.act(
        visitor, "policy.install", about, lambda: means.ask(visitor, "policy.install", arguments), sentence
    )
    return cast("dict[str, Any]", answer), number


def roll_back(means: Means, visitor: Visitor, number: int, note: str) -> tuple[dict[str, Any], int]:
    """Has mailflow install an old revision's text again."""
    arguments = {"revision": number, "by": visitor.person.name, "note": note}
    answer, line = means.act(
        visitor,
        "policy.rollback",
        f"to revision {number}{': ' + note if note else ''}",
        lambda: means.ask(visitor, "policy.rollback", arguments),
        sentence,
    )
    return cast("dict[str, Any]", answer), line


def sentence(answer: object) -> str:
    """What came of an install, in words."""
    told = cast("dict[str, Any]", answer)
    match told.get("outcome"):
        case "installed":
            return f"revision {told['revision']} runs"
        case "unchanged":
            return f"revision {told['revision']} says the same already; nothing was installed"
        case "mistaken":
            return f"not installed: it has {len(told['mistakes'])} mistakes"
        case _:
            return f"not installed, and nothing changed: {told.get('why', 'no reason was given')}"


def policy_of(revisions: FileRevisions, number: int) -> Policy | None:
    """A revision's policy; None where it is gone, or this version cannot read it."""
    try:
        return load(revisions.get(number).text, name=f"revision {number}").settings.policy
    except (KeyError, OSError, Mistakes):
        return None


def decoded(document: bytes) -> Remembered:
    """What the log keeps of an examination. Raises ValueError where this version cannot read it."""
    try:
        return decode_judged(document)
    except Unreadable as fault:
        raise ValueError(str(fault)) from fault


def colours(diff: str) -> Sequence[tuple[str, str]]:
    """The lines of a diff, each with what it is: added, removed, place, or the same."""
    kinds = {"+": "added", "-": "removed", "@": "place"}
    lines = []
    for line in diff.splitlines():
        kind = "file" if line.startswith(("+++", "---")) else kinds.get(line[:1], "same")
        lines.append((kind, line))
    return lines

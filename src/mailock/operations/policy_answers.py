"""What policy operations answer to those who ask from another process: plain tables, as JSON carries them."""

from collections.abc import Mapping
from typing import assert_never

from mailock.config.mistakes import Mistake
from mailock.operations.policy import Broken, Mistaken, Outcome, Overtaken, PolicyDesk, Running, Unchanged
from mailock.ports.commands import Arguments, Command, Speaker
from mailock.ports.revisions import InstalledFrom, Revision

Answer = dict[str, object]


def commands(desk: PolicyDesk) -> dict[str, Command]:
    """The commands that the running mailflow takes: `policy.install` and `policy.rollback`."""

    async def install(arguments: Arguments, speaker: Speaker) -> Answer:
        base = arguments.get("base")
        outcome = await desk.install(
            _text(arguments, "text"),
            by=_text(arguments, "by") or speaker.name,
            note=_text(arguments, "note"),
            base=None if base is None else _number(base),
            origin=InstalledFrom(arguments.get("origin", InstalledFrom.FILE.value)),
        )
        return answer(outcome)

    async def rollback(arguments: Arguments, speaker: Speaker) -> Answer:
        number = _number(arguments.get("revision"))
        by = _text(arguments, "by") or speaker.name
        return answer(await desk.roll_back(number, by=by, note=_text(arguments, "note")))

    return {"policy.install": install, "policy.rollback": rollback}


def answer(outcome: Outcome) -> Answer:
    """An outcome as a table; `outcome` says which one."""
    match outcome:
        case Running():
            return {
                "outcome": "installed",
                "revision": outcome.revision,
                "warnings": [mistake_table(warning) for warning in outcome.warnings],
            }
        case Unchanged():
            return {"outcome": "unchanged", "revision": outcome.revision}
        case Mistaken():
            return {
                "outcome": "mistaken",
                "mistakes": [mistake_table(mistake) for mistake in outcome.mistakes],
                "warnings": [mistake_table(warning) for warning in outcome.warnings],
            }
        case Overtaken():
            return {
                "outcome": "overtaken",
                "revision": outcome.current,
                "why": outcome.why,
                "difference": outcome.difference,
            }
        case Broken():
            return {"outcome": "broken", "why": outcome.why}
        case never:
            assert_never(never)


def sentence(outcome: Outcome) -> str:
    """An outcome in words, for the log; mistakes and warnings each with file, line and mend."""
    match outcome:
        case Running():
            return "; ".join([f"revision {outcome.revision} is in force", *map(str, outcome.warnings)])
        case Unchanged():
            return f"revision {outcome.revision} is in force already; what it names was read again"
        case Mistaken():
            return "nothing was installed: " + "; ".join(map(str, outcome.mistakes))
        case Overtaken() | Broken():
            return f"nothing was installed: {outcome.why}"
        case never:
            assert_never(never)


def mistake_table(mistake: Mistake) -> Answer:
    """A mistake or warning as a table."""
    return {
        "file": mistake.file,
        "line": mistake.line or None,
        "section": mistake.section,
        "key": mistake.key,
        "text": mistake.text,
    }


def revision_table(revision: Revision) -> Answer:
    """What is known of a revision, without its text."""
    return {
        "revision": revision.number,
        "by": revision.by,
        "at": revision.at,
        "note": revision.note,
        "base": revision.base,
        "origin": revision.origin.value,
        "rolled_back_to": revision.rolled_back_to,
        "withdrawn": revision.withdrawn,
    }


def _text(arguments: Mapping[str, object], name: str) -> str:
    value = arguments.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} has to be text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("a revision is a whole number")
    return value

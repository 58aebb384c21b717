"""What people do to messages: in the queue, in quarantine, and to what was shunted. Pages and API both come here.

Every act is one of mailflow's commands, on messages that are named. Who belongs to virtual systems acts on theirs only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from mailock.console.means import Means, NotAllowed, Visitor
from mailock.console.tracking import may_touch
from mailock.core.classify.learning import Came
from mailock.ports.commands import Refused
from mailock.ports.people import Right

MOST: Final = 500
"""Messages of one act."""
_CAME: Final = {
    Came.LEARNT.value: "it is learnt",
    Came.KNOWN.value: "that was known",
    Came.TURNED.value: "it is learnt, and what it taught before is taken back",
}
"""What came of a lesson, in words."""


class Result(msgspec.Struct, frozen=True):
    """What came of an act for one message."""

    id: str
    outcome: str
    text: str


class Page(msgspec.Struct, frozen=True):
    """What mailflow answers to an act."""

    results: list[Result]
    after: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done. `final`: it cannot be taken back, so it is asked about first."""

    command: str
    word: str
    """On the button."""
    says: str
    """What it does, in a sentence."""
    right: Right
    final: bool = False
    teaches: str = ""
    """What a message is an example of, where the act teaches that: `ham` or `spam`."""


QUEUE_ACTS: Final = {
    "hold": Act("queue.hold", "Hold", "It stays in the queue until somebody releases it.", Right.ACT_QUEUE),
    "release": Act("queue.release", "Release", "What is held goes on.", Right.ACT_QUEUE),
    "retry": Act("queue.retry", "Try now", "It is tried at once, also where its destination rests.", Right.ACT_QUEUE),
    "requeue": Act("queue.requeue", "Judge again", "It is judged by the policy of today.", Right.ACT_QUEUE),
    "bounce": Act(
        "queue.bounce", "Return", "Its sender is told that it was not delivered, and why.", Right.ACT_QUEUE, final=True
    ),
    "delete": Act("queue.delete", "Delete", "Nobody gets it, and its sender is not told.", Right.ACT_QUEUE, final=True),
}
QUARANTINE_ACTS: Final = {
    "release": Act(
        "quarantine.release",
        "Release",
        "Its recipients get it, with the changes that policy orders.",
        Right.ACT_QUARANTINE,
    ),
    "wanted": Act(
        "quarantine.report",
        "Report as wanted",
        "A false positive: anti-spam learns that mail like this is wanted. It stays in quarantine.",
        Right.ACT_QUARANTINE,
        teaches="ham",
    ),
    "unwanted": Act(
        "quarantine.report",
        "Report as unwanted",
        "A false negative: anti-spam learns that mail like this is unwanted. It stays in quarantine.",
        Right.ACT_QUARANTINE,
        teaches="spam",
    ),
    "delete": Act("quarantine.delete", "Delete", "Its recipients never get it.", Right.ACT_QUARANTINE, final=True),
}
SHUNT_ACTS: Final = {
    "retry": Act("shunt.retry", "Try again", "It is processed again from the beginning.", Right.ACT_QUEUE),
    "delete": Act("shunt.delete", "Delete", "Nobody gets it, and its sender is not told.", Right.ACT_QUEUE, final=True),
}


def listed(
    means: Means, visitor: Visitor, command: str, filter_: Mapping[str, object], *, limit: int, after: str | None
) -> dict[str, Any]:
    """A page of the queue, the quarantine or the shunt: `messages`, and `after` which the next page begins.

    Of several virtual systems the pages are put together, oldest first. Raises as mailflow's commands do.
    """
    systems = visitor.person.systems
    asked = filter_.get("virtual_system")
    if not systems:
        given = dict(filter_) | ({"all": True} if not filter_ else {})
        return _page(means, visitor, command, given, limit, after)
    pages = [
        _page(means, visitor, command, dict(filter_) | {"virtual_system": system}, limit, after)
        for system in systems
        if asked in (None, system)
    ]
    rows = sorted((row for page in pages for row in page["messages"]), key=lambda row: str(row["id"]))
    more = len(rows) > limit or any(page["after"] for page in pages)
    return {"messages": rows[:limit], "after": rows[:limit][-1]["id"] if more and rows else None}


def shown(means: Means, visitor: Visitor, command: str, name: str, *, content: bool = False) -> dict[str, Any]:
    """One message of the queue. With its content only for whom has that right; mailflow writes into its history who.

    Raises NotThere, NotAllowed, and as mailflow's commands do.
    """
    if not content:
        may_touch(means, visitor, [name])
        return cast("dict[str, Any]", means.ask(visitor, command, {"id": name}))
    return _read(means, visitor, command, {"id": name, "content": True}, "its header was shown")


def previewed(means: Means, visitor: Visitor, name: str) -> dict[str, Any]:
    """What a message in quarantine says, read in mailflow's jail; see `operations.preview.telling`. As `shown`."""
    return _read(means, visitor, "quarantine.preview", {"id": name}, "a preview was shown")


def _read(
    means: Means, visitor: Visitor, command: str, arguments: Mapping[str, str | bool], said: str
) -> dict[str, Any]:
    if Right.READ_CONTENT not in visitor.rights:
        raise NotAllowed(f"{visitor.person.name} may not read the content of mail")
    name = str(arguments["id"])
    may_touch(means, visitor, [name])
    answer, _ = means.act(visitor, "content.read", name, lambda: means.ask(visitor, command, arguments), lambda _: said)
    return cast("dict[str, Any]", answer)


def done(
    means: Means, visitor: Visitor, act: Act, names: Sequence[str], more: Mapping[str, object]
) -> tuple[list[Result], int]:
    """Does something to messages. Returns what came of each, and the number of the line in the audit log.

    Raises ValueError for no message or too many, NotThere, and as mailflow's commands do.
    """
    if not 0 < len(names) <= MOST:
        raise ValueError(f"name 1 to {MOST} messages")
    may_touch(means, visitor, names)

    def order() -> list[Result]:
        if act.teaches:
            return [_taught(means, visitor, act, name) for name in names]
        answer = means.ask(visitor, act.command, {"filter": {"ids": list(names)}, **more})
        return msgspec.convert(answer, Page).results

    about = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    reason = str(more.get("reason", ""))
    return means.act(visitor, act.command, f"{about}: {reason}" if reason else about, order, told)


def _taught(means: Means, visitor: Visitor, act: Act, name: str) -> Result:
    """Has one message teach; what cannot be read teaches nothing, and the others still do."""
    try:
        answer: Any = means.ask(visitor, act.command, {"id": name, "taught": act.teaches})
    except Refused as no:
        return Result(name, "refused", str(no))
    said = "wanted" if act.teaches == "ham" else "unwanted"
    return Result(name, "done", f"was reported as {said}: {_CAME[answer['outcome']]}")


def told(results: Sequence[Result]) -> str:
    """What came of an act, in a sentence."""
    good = [one for one in results if one.outcome == "done"]
    bad = [one for one in results if one.outcome != "done"]
    if len(results) == 1:
        return f"{results[0].id} {results[0].text}"
    said = f"{len(good)} of {len(results)} done"
    return said if not bad else f"{said}; {bad[0].id} {bad[0].text}" + (f", and {len(bad) - 1} more" if bad[1:] else "")


def _page(
    means: Means, visitor: Visitor, command: str, filter_: Mapping[str, object], limit: int, after: str | None
) -> dict[str, Any]:
    return cast("dict[str, Any]", means.ask(visitor, command, {"filter": filter_, "limit": limit, "after": after}))

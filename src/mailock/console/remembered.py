"""What scanners said of contents, as people look at it: the verdict cache, and making it forget.

It is of all virtual systems alike, so only whoever sees the machine's health sees it (`OF_THE_NODE`), and only
administrators forget.
"""

from typing import Any, Final, cast

from mailock.console.means import Means, Visitor

MOST: Final = 1000


def found(means: Means, visitor: Visitor, *, sha256: str, engine: str, limit: int) -> dict[str, Any]:
    """`verdicts`, the newest first, and `pin`: what the policy says of the one content that was asked for, or None.

    Raises ValueError for what is no SHA-256, and as mailflow's commands do.
    """
    asked: dict[str, object] = {"limit": max(1, min(limit, MOST))}
    if engine:
        asked["engine"] = engine
    if sha256:
        answer = means.ask(visitor, "cache.show", asked | {"sha256": sha256})
    else:
        answer = means.ask(visitor, "cache.list", asked)
    return {"pin": None} | cast("dict[str, Any]", answer)


def forget(means: Means, visitor: Visitor, *, sha256: list[str], engine: str, everything: bool) -> tuple[int, int]:
    """Forgets answers. Returns how many, and the number of the line in the audit log.

    Raises ValueError where nothing was named, and as mailflow's commands do.
    """
    asked = {"sha256": sha256, "engine": engine or None, "all": everything}
    about = ", ".join(filter(None, (*sha256[:3], f"of {engine}" if engine else "", "everything" if everything else "")))

    def order() -> int:
        return int(cast("dict[str, Any]", means.ask(visitor, "cache.purge", asked))["forgotten"])

    return means.act(visitor, "cache.purge", about, order, lambda count: f"{count} forgotten")

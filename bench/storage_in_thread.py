"""The road not taken: `bench.storage` with all SQL in the writer's thread instead of on the loop's.

    python -m bench.storage_in_thread [the options of bench.storage]

Each statement then gives the interpreter up and has to win it back from the loop, which has other work (`--work 80`).
"""

from typing import Any

import bench.storage

from mailock.storage.sqlite.group import MOST_WORKS, GroupCommit

# The group's own parts, taken apart and put together in the other order.
Parts = Any


def turn(group: Parts) -> None:
    """Hands the next group to the thread as it is."""
    group._group, group._waiting = group._waiting[:MOST_WORKS], group._waiting[MOST_WORKS:]
    group._jobs.put(group._checkpoints.rest_is_due)


def write(group: Parts) -> None:
    """The writer's thread: the statements of a group and its COMMIT."""
    commit = group._connection.cursor().execute
    while (with_rest := group._jobs.get()) is not None:
        fault = None
        try:
            group._written(group._group)
            commit("COMMIT")
            if with_rest:
                group._checkpoints.move_rest()
        except Exception as caught:
            fault = caught
        group.loop.call_soon_threadsafe(group._finished, fault)


if __name__ == "__main__":
    setattr(GroupCommit, "_turn", turn)  # noqa: B010  mypy forbids to assign to a method, and here that is the point
    setattr(GroupCommit, "_write", write)  # noqa: B010  the same
    bench.storage.main()

"""The worker of these tests: the shipped one, with tasks that mean harm, and with single protections left out.

Run as a program, as the host runs it: `python -I prison.py --channel NUMBER [--withhold NAMES] [--account]`.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailock.jail.worker import Skills

ROOT = Path(__file__).resolve().parents[3]
NOBODY = 65_534


def main() -> int:
    """The process from start to end; returns its exit code."""
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    from mailock.jail.protection import Protection
    from mailock.jail.worker import own_channel, serve

    parser = argparse.ArgumentParser()
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--withhold", default="")
    parser.add_argument("--reduced", action="store_true")
    parser.add_argument("--account", action="store_true", help="become an account without rights first")
    given = parser.parse_args()
    if given.account:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    withheld = frozenset(Protection[name] for name in given.withhold.split(",") if name)
    return serve(own_channel(given.channel), _prepare, reduced=given.reduced, withhold=withheld)


def _prepare(charter: bytes) -> "Skills":
    from mailock.jail.worker import Skills
    from tests.contract.jail import escapes, libraries, prisoners

    # What is on the path lies in the jail, and that is to be libraries alone.
    sys.path.remove(str(ROOT))
    if charter == b"a thread":
        prisoners.start_a_thread()
    if charter == b"libraries":
        libraries.warm()
    if charter == b"broken":
        raise LookupError("the rules cannot be read")
    prisoners.CHARTER = charter
    tasks = {**prisoners.TASKS, "escape": escapes.escape, "libraries": libraries.libraries}
    return Skills(tasks=tasks, rehearse=prisoners.rehearse)


if __name__ == "__main__":
    os._exit(main())

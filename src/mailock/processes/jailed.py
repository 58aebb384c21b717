"""The worker of the jail: `python -I -m mailock.processes.jailed --channel NUMBER`, started by the host, never by hand.

It imports the tasks once, goes into the jail, and forks a child for each message.
"""

import argparse
import os
from collections.abc import Mapping

from mailock.jail.child import Task
from mailock.jail.worker import own_channel, serve


def main() -> int:
    """The process from start to end; returns its exit code."""
    parser = argparse.ArgumentParser(prog="mailock-jailed")
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--reduced", action="store_true")
    given = parser.parse_args()
    return serve(own_channel(given.channel), tasks_of, reduced=given.reduced)


def tasks_of(charter: bytes) -> Mapping[str, Task]:
    """What can be done here, made ready as the charter says."""
    return {}


if __name__ == "__main__":
    # Nothing of an interpreter's ending is of use to the worker, and its threads, if any, are not waited for.
    os._exit(main())

"""How the processes that show pages begin: what they are told, and what is wrong with it."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from mailock.config.machine import load_node
from mailock.config.mistakes import Mistakes
from mailock.config.node import Node

OK, WRONG, COULD_NOT = 0, 2, 3
FORMAT: Final = "%(asctime)s %(levelname)s %(message)s"
T = TypeVar("T")


def begun(role: str, load: Callable[..., T]) -> tuple[Node, T]:
    """The machine's settings and the role's own, from the file that `--config` names; the developer's log is open.

    Ends the process with 2 where they are wrong, each mistake a sentence.
    """
    parser = argparse.ArgumentParser(prog=f"mailock-{role}")
    parser.add_argument("--config", type=Path, required=True)
    config: Path = parser.parse_args().config
    logging.basicConfig(format=FORMAT, level=logging.INFO, stream=sys.stderr)
    try:
        node, own = load_node(config, environment=os.environ), load(config, environment=os.environ)
    except Mistakes as mistakes:
        for mistake in mistakes.mistakes:
            print(f"mailock: {mistake}", file=sys.stderr)
        sys.exit(WRONG)
    logging.getLogger().setLevel(node.log_level.value.upper())
    return node, own

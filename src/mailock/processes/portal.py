"""The role portal: `python -m mailock.processes.portal --config FILE`.

It faces the Internet, so it may do next to nothing: it reads neither spool nor log nor policy, has no key, and after
its start makes no connection. When mailflow is gone it ends, to be started anew with a new connection.

Exits 0 where it is switched off; 2 where settings are wrong, 3 where it could not start, or mailflow is gone.
"""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from mailock.config.machine import load_node, load_portal
from mailock.config.mistakes import Mistakes

OK, WRONG, COULD_NOT = 0, 2, 3


def main() -> int:
    """The process from start to end; returns its exit code."""
    parser = argparse.ArgumentParser(prog="mailock-portal")
    parser.add_argument("--config", type=Path, required=True)
    config: Path = parser.parse_args().config
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO, stream=sys.stderr)
    try:
        node, settings = load_node(config, environment=os.environ), load_portal(config, environment=os.environ)
    except Mistakes as mistakes:
        for mistake in mistakes.mistakes:
            print(f"mailock: {mistake}", file=sys.stderr)
        return WRONG
    if not settings.enabled:
        return OK
    # Imported only where there is something to serve.
    from mailock.processes.fenced import serve

    logging.getLogger().setLevel(node.log_level.value.upper())
    try:
        return asyncio.run(serve(node, settings))
    except OSError as fault:
        print(f"mailock: {fault}", file=sys.stderr)
        return COULD_NOT


if __name__ == "__main__":
    sys.exit(main())

"""The role portal: `python -m mailock.processes.portal --config FILE`.

It faces the Internet, so it may do next to nothing: it reads neither spool nor log nor policy, has no key, and after
its start makes no connection. When mailflow is gone it ends, to be started anew with a new connection.

Exits 0 where it is switched off; 2 where settings are wrong, 3 where it could not start, or mailflow is gone.
"""

import asyncio
import sys

from mailock.config.machine import load_portal
from mailock.processes.starting import COULD_NOT, OK, begun


def main() -> int:
    """The process from start to end; returns its exit code."""
    node, settings = begun("portal", load_portal)
    if not settings.enabled:
        return OK
    # Imported only where there is something to serve.
    from mailock.processes.fenced import serve

    try:
        return asyncio.run(serve(node, settings))
    except OSError as fault:
        print(f"mailock: {fault}", file=sys.stderr)
        return COULD_NOT


if __name__ == "__main__":
    sys.exit(main())

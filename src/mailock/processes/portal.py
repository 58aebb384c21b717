"""The role portal: `python -m mailock.processes.portal --config FILE`.

It faces the Internet, so it may do next to nothing: it binds its port, connects to mailflow's hatch, and puts a fence
around itself before it answers anybody. It reads neither spool nor log nor policy, and has no key. When mailflow is
gone it ends, to be started anew with a new connection.

Exits 0 where it is switched off; 2 where settings are wrong, 3 where it could not start, or mailflow is gone.
"""

import argparse
import asyncio
import ctypes
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Final

from mailock.config.machine import load_node, load_portal
from mailock.config.mistakes import Mistakes
from mailock.config.node import Node
from mailock.config.portal import Portal

OK, WRONG, COULD_NOT = 0, 2, 3
WAITS: Final = 30.0
"""Seconds that mailflow may take to open the hatch."""
USUAL_PORT: Final = 8081
BACKLOG: Final = 128
DRAIN_SECONDS: Final = 3
log = logging.getLogger(__name__)


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
    logging.getLogger().setLevel(node.log_level.value.upper())
    try:
        return asyncio.run(_serve(node, settings))
    except OSError as fault:
        print(f"mailock: {fault}", file=sys.stderr)
        return COULD_NOT


async def _serve(node: Node, settings: Portal) -> int:
    # Imported only where there is something to serve.
    import uvicorn

    from mailock.jail import fence
    from mailock.portal.app import application
    from mailock.portal.asking import connect
    from mailock.portal.paper import assets, environment
    from mailock.processes.hatch import SOCKET_NAME
    from mailock.processes.sockets import CHANNEL, is_orphan, obtain

    listen = settings.listen
    bound = await obtain(listen.host, USUAL_PORT if listen.port is None else listen.port, beside=False)
    try:
        mailflow = await connect(Path(node.data) / SOCKET_NAME, WAITS)
    except TimeoutError:
        raise OSError(f"mailflow did not open {node.data}/{SOCKET_NAME} within {WAITS:g} s") from None
    server = uvicorn.Server(
        uvicorn.Config(
            application(mailflow),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=DRAIN_SECONDS,
            limit_concurrency=256,
            h11_max_incomplete_event_size=64 * 1024,
        )
    )
    server.config.load()
    bound.listen(BACKLOG)
    # What later would have to be read from files: styles, templates, the time zone.
    assets(), environment(), time.localtime()
    for lack in fence.put_up():
        log.warning("the portal's fence is not whole: %s", lack)
    if CHANNEL in os.environ:
        # When the supervisor dies, so do we (prctl(2), PR_SET_PDEATHSIG); a change of account would undo it.
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if is_orphan():
            return OK
    log.info("the portal is at http://%s:%d, for %s", *bound.getsockname()[:2], settings.url)

    async def end_without_mailflow() -> None:
        await mailflow.lost.wait()
        server.should_exit = True

    ending = asyncio.create_task(end_without_mailflow())
    await server.serve(sockets=[bound])
    ending.cancel()
    if mailflow.lost.is_set():
        log.warning("the portal ends, for mailflow is gone")
    return COULD_NOT if mailflow.lost.is_set() or not server.started else OK


if __name__ == "__main__":
    sys.exit(main())

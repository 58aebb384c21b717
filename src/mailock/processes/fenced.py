"""Serves the portal: binds its port, connects to mailflow, puts a fence around itself, and answers until it may end."""

import asyncio
import ctypes
import logging
import os
import signal
import time
from pathlib import Path
from typing import Final

import uvicorn
from litestar import Litestar

from mailock.config.node import Node
from mailock.config.portal import Portal
from mailock.jail import fence
from mailock.portal.app import application
from mailock.portal.asking import Mailflow, connect
from mailock.portal.paper import assets, environment
from mailock.processes.hatch import SOCKET_NAME
from mailock.processes.sockets import CHANNEL, is_orphan, obtain

WAITS: Final = 30.0
"""Seconds that mailflow may take to open the hatch."""
USUAL_PORT: Final = 8081
BACKLOG: Final = 128
DRAIN_SECONDS: Final = 3
log = logging.getLogger(__name__)


async def serve(node: Node, settings: Portal) -> int:
    """Returns the exit code. Raises OSError with a sentence where it cannot start."""
    listen = settings.listen
    bound = await obtain(listen.host, USUAL_PORT if listen.port is None else listen.port, beside=False)
    try:
        mailflow = await connect(Path(node.data) / SOCKET_NAME, WAITS)
    except TimeoutError:
        raise OSError(f"mailflow did not open {node.data}/{SOCKET_NAME} within {WAITS:g} s") from None
    server = _server(application(mailflow))
    server.config.load()
    bound.listen(BACKLOG)
    # What later would have to be read from files: styles, templates, the time zone.
    assets(), environment(), time.localtime()
    for lack in fence.put_up():
        log.warning("the portal's fence is not whole: %s", lack)
    # Only now, for a change of account undoes it.
    _end_with_supervisor()
    log.info("the portal is at http://%s:%d, for %s", *bound.getsockname()[:2], settings.url)
    ending = asyncio.create_task(_end_with(mailflow, server))
    await server.serve(sockets=[bound])
    ending.cancel()
    if mailflow.lost.is_set():
        log.warning("the portal ends, for mailflow is gone")
    return 3 if mailflow.lost.is_set() or not server.started else 0


def _server(pages: Litestar) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            pages,
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


async def _end_with(mailflow: Mailflow, server: uvicorn.Server) -> None:
    await mailflow.lost.wait()
    server.should_exit = True


def _end_with_supervisor() -> None:
    """When the supervisor dies, so do we (prctl(2), PR_SET_PDEATHSIG); and it binds no more ports for us."""
    if CHANNEL in os.environ:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if is_orphan():
            raise OSError("the supervisor is gone")
        os.close(int(os.environ.pop(CHANNEL)))

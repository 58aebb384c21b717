"""Serves the console: binds its port, gives up root's rights, and answers until it is asked to end."""

import asyncio
import ctypes
import logging
import os
import signal
import socket
import time
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from mailock.config.node import Console, Node
from mailock.console.app import application
from mailock.console.means import Means
from mailock.net.oidc import OidcProvider
from mailock.processes.clock import SystemClock
from mailock.processes.privileges import drop
from mailock.processes.sockets import CHANNEL, is_orphan, obtain
from mailock.storage.people import People

if TYPE_CHECKING:
    from mailock.net.ldap import LdapDirectory

DRAIN_SECONDS = 3
BACKLOG = 128
USUAL_PORT = 8080
RETURN = "/sign-in/provider/return"
log = logging.getLogger(__name__)


async def serve(node: Node, settings: Console) -> int:
    """Returns the exit code. Raises OSError, ValueError with a sentence where it cannot start."""
    data = Path(node.data)
    # Mailflow makes the folder, in the same moment.
    await asyncio.to_thread(_wait_for, data)
    listen = settings.listen
    bound = await obtain(listen.host, USUAL_PORT if listen.port is None else listen.port, beside=False)
    drop(node.user, node.group, data)
    people = People(data)
    means = Means(
        data=data,
        settings=settings,
        people=people,
        clock=SystemClock(),
        hostname=node.hostname or socket.getfqdn(),
        ldap=directory(settings) if settings.ldap.url is not None else None,
        oidc=provider(settings) if settings.oidc.issuer is not None else None,
    )
    in_clear = not (settings.url or "").startswith("https:")
    if in_clear and not ip_address(listen.host).is_loopback:
        log.warning(
            "the console listens on %s without TLS: put a proxy before it that speaks it, and set [console] url", listen
        )
    people.forget_entries(time.time() - settings.audit_keep.seconds)
    server = uvicorn.Server(
        uvicorn.Config(
            application(means),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="on",
            ws="none",
            timeout_graceful_shutdown=DRAIN_SECONDS,
            limit_concurrency=512,
            h11_max_incomplete_event_size=64 * 1024,
        )
    )
    _end_with_supervisor()
    bound.listen(BACKLOG)
    host, port = bound.getsockname()[:2]
    log.info("the console is at http://%s:%d", f"[{host}]" if ":" in host else host, port)
    await server.serve(sockets=[bound])
    people.close()
    return 0 if server.started else 3


def directory(settings: Console) -> "LdapDirectory":
    """The directory of the settings."""
    # Imported only where there is one: it takes its megabytes.
    from mailock.net.ldap import LdapDirectory

    return LdapDirectory(settings.ldap, os.environ)


def provider(settings: Console) -> OidcProvider:
    """The provider of the settings, which sends browsers back to the console's own address."""
    return OidcProvider(settings.oidc, os.environ, f"{settings.address}{RETURN}")


def _wait_for(folder: Path) -> None:
    for _ in range(50):
        if folder.exists():
            return
        time.sleep(0.1)
    raise OSError(f"the data folder {folder} is not there: mailflow makes it when it first starts")


def _end_with_supervisor() -> None:
    """When the supervisor dies, so do we (prctl(2), PR_SET_PDEATHSIG)."""
    if CHANNEL in os.environ:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if is_orphan():
            os.kill(os.getpid(), signal.SIGTERM)

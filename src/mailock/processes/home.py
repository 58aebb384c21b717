"""What a process knows of itself before it starts: its settings, its policy, its folder, its name.

Read once from the file and the installed revision. The installed revision is the truth; the file is a draft
(DECISIONS 27).
"""

import logging
import os
import pwd
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from mailock.config.load import Loaded, load
from mailock.config.machine import load_node, load_portal
from mailock.config.mistakes import Mistakes
from mailock.config.model import Policy
from mailock.config.names import Endpoint
from mailock.config.node import LogLevel
from mailock.config.portal import Portal
from mailock.operations.policy import start
from mailock.ports.revisions import Revisions
from mailock.processes.control import SOCKET_NAME
from mailock.processes.means import Means, means_of
from mailock.processes.outages import last_alive, read_outages
from mailock.storage.revisions import FileRevisions

SOCKET_PATH_OCTETS = 107
"""What fits into the address of a Unix socket (unix(7)), without its final NUL."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Home:
    """The facts of one process."""

    config: Path
    data: Path
    hostname: str
    policy: Policy
    revision: int
    outages: tuple[tuple[float, float], ...]
    """When the gateway did not run, as (from, to): such time does not count as delay (DECISIONS 8)."""
    alive: float | None
    """When the gateway last lived before this start."""
    ballast: int
    inline_limit: int
    authorities: Path | None
    resolvers: list[tuple[str, int]] | None
    log_seconds: float | None
    log_level: LogLevel
    user: str | None
    group: str | None
    geoip: Path | None
    scripts: Path | None
    """The folder of the programs that alerts may run."""
    metrics: Endpoint | None
    """Where numbers for Prometheus are served."""
    portal: Portal
    """What links in mail lead to."""
    means: Means
    """What the jail gets."""


def read_home(config: Path) -> Home:
    """Reads everything. Raises Mistakes, OSError or ValueError, with sentences."""
    try:
        node = load_node(config, environment=os.environ)
    except Mistakes:
        # Without the machine's part nothing runs, so whoever mends it hears of all that is wrong with the file.
        load(config, environment=os.environ)
        raise
    data = Path(node.data)
    if len(str(data / SOCKET_NAME).encode()) > SOCKET_PATH_OCTETS:
        longest = SOCKET_PATH_OCTETS - len(SOCKET_NAME) - 1
        raise ValueError(f"[node] data: {data} is too long for a socket in it: shorten it to {longest} octets")
    data.mkdir(parents=True, exist_ok=True, mode=0o750)
    revisions = FileRevisions(data / "policy")
    started = start(revisions, _draft(config, revisions), by=_who(), at=time.time())
    for warning in started.warnings:
        log.warning("%s", warning)
    if started.file_differs:
        number = started.revision.number
        log.warning(
            "%s differs from the installed revision %d, which runs; `mailock policy diff` shows how", config, number
        )
    policy = started.policy
    return Home(
        config=config,
        data=data,
        hostname=node.hostname or socket.getfqdn(),
        policy=policy,
        revision=started.revision.number,
        outages=read_outages(data, time.time()),
        alive=last_alive(data),
        ballast=node.ballast.bytes,
        inline_limit=node.body_inline_limit.bytes,
        authorities=Path(node.authorities) if node.authorities else None,
        resolvers=[(one.host, one.port or 53) for one in node.resolvers] or None,
        log_seconds=policy.log.retention.seconds or None,
        log_level=node.log_level,
        user=node.user,
        group=node.group,
        geoip=Path(node.geoip) if node.geoip else None,
        scripts=Path(node.scripts) if node.scripts else None,
        metrics=node.metrics,
        portal=load_portal(config, environment=os.environ),
        means=means_of(node),
    )


def _draft(config: Path, revisions: Revisions) -> Loaded | None:
    """The file; or None where it has mistakes, and there is a revision that runs all the same. Raises Mistakes."""
    try:
        return load(config, environment=os.environ)
    except Mistakes as wrong:
        if revisions.current() is None:
            raise
        for mistake in wrong.mistakes:
            log.warning("%s", mistake)
        log.warning("%s has mistakes, so it stays a draft, and the installed revision runs", config)
        return None


def _who() -> str:
    """The name of the user who started us."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())

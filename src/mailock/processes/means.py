"""What this machine gives to those who look at mail."""

from dataclasses import dataclass
from pathlib import Path

from mailock.config.node import JailMode, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The jail's share. It belongs to the node, so a policy cannot change it."""

    workers: int
    mode: JailMode
    memory: int
    """Octets of address space for one message."""
    authorities: Path | None = None
    """Whom scanners over TLS have to be known by; without it, whom the machine trusts."""
    lessons: Path | None = None
    """Where it is kept what virtual systems have been taught of spam; without it they were taught nothing."""


def means_of(node: Node) -> Means:
    """The share that the settings of a node give."""
    authorities = Path(node.authorities) if node.authorities else None
    lessons = Path(node.data) / "lessons"
    return Means(
        workers=node.workers,
        mode=node.jail,
        memory=node.jail_memory.bytes,
        authorities=authorities,
        lessons=lessons,
    )

"""What this machine gives to the jail."""

from dataclasses import dataclass

from mailock.config.node import JailMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The jail's share. It belongs to the node, so a policy cannot change it."""

    workers: int
    mode: JailMode
    memory: int
    """Octets of address space for one message."""

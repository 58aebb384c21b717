"""Wires the jail: which program its workers are, and what the settings of this machine say about them."""

import sys

from mailock.config.node import JailMode, Node
from mailock.jail.host import WorkerJail
from mailock.jail.limits import Limits
from mailock.jail.staff import Terms


def jail_of(node: Node, charter: bytes = b"") -> WorkerJail:
    """The jail of this machine, not started yet. The charter is what `processes.jailed.tasks_of` gets."""
    program = [sys.executable, "-I", "-m", "mailock.processes.jailed"]
    if node.jail is JailMode.REDUCED:
        program.append("--reduced")
    limits = Limits(memory=node.jail_memory.bytes)
    return WorkerJail(Terms(program=program, charter=charter, workers=node.workers, limits=limits))

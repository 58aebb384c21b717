"""Whom the doctor looks at: the settings of the file, what is installed, what the running mailflow says of itself."""

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailock.config.compile import compile_policy
from mailock.config.load import load
from mailock.config.machine import load_node
from mailock.config.mistakes import Mistakes
from mailock.config.model import Policy
from mailock.config.node import Node
from mailock.core.policy.installed import Installed
from mailock.net.interfaces import internal_addresses, present_interfaces
from mailock.operations.doctor import Check, Level
from mailock.storage.revisions import FileRevisions

Status = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at."""

    node: Node
    data: Path
    policy: Policy
    revision: int
    """The installed one; 0 where none is, and the policy is that of the file."""
    installed: Installed
    status: Status | None
    """What the running mailflow says; None where it does not run."""


def read_patient(config: Path, status: Callable[[Path], Status | None]) -> tuple[Patient | None, list[Check]]:
    """Reads the settings. Without a patient there is nothing more to look at, and the checks say why."""
    checks: list[Check] = []
    policy: Policy | None = None
    file_text = ""
    try:
        loaded = load(config, environment=os.environ)
        checks += [Check("policy file", Level.WARNING, str(one), "") for one in loaded.warnings]
        policy, file_text = loaded.settings.policy, loaded.policy_text
    except Mistakes as wrong:
        mend = "correct it, and `mailock policy check`"
        checks += [Check("policy file", Level.ERROR, str(one), mend) for one in wrong.mistakes]
    try:
        node = load_node(config, environment=os.environ)
    except Mistakes:
        # They are among those above, with all others of the file.
        return None, checks
    data, revision, text = Path(node.data), 0, ""
    try:
        current = FileRevisions(data / "policy").current()
        if current is not None:
            revision, text = current.number, current.text
            policy = load(text, name=f"revision {revision}").settings.policy
    except Mistakes as wrong:
        checks += [
            Check("installed policy", Level.ERROR, str(one), "mailock policy rollback") for one in wrong.mistakes
        ]
    except OSError as fault:
        checks.append(Check("installed policy", Level.ERROR, f"it cannot be read: {fault}", "run the doctor as root"))
    if policy is None:
        return None, checks
    if revision and file_text and file_text != text:
        what = f"{config} says something else than revision {revision}, which runs"
        checks.append(Check("policy file", Level.WARNING, what, "mailock policy diff, then mailock policy install"))
    inside = internal_addresses(present_interfaces(), policy.mta.internal_interfaces)
    hostname = node.hostname or socket.getfqdn()
    installed = compile_policy(policy, revision=revision, hostname=hostname, inside_ips=inside)
    checks = checks or [Check("policy file", Level.OK, f"{config} is in order")]
    return Patient(node, data, policy, revision, installed, status(data)), checks

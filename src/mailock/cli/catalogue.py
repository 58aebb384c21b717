"""Which commands there are, and where each lives. Only the module of the command that was typed is imported.

An entry names a function (one command) or a typer app called `app` (a group of commands).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: its module, and the name in it."""

    module: str
    attribute: str


COMMANDS: Final[dict[str, Entry]] = {
    "auth": Entry("mailock.cli.auth", "auth"),
    "cache": Entry("mailock.cli.cache", "app"),
    "certificate": Entry("mailock.cli.certificate", "app"),
    "disable": Entry("mailock.cli.doors", "disable"),
    "drain": Entry("mailock.cli.doors", "drain"),
    "doctor": Entry("mailock.cli.doctor", "doctor"),
    "enable": Entry("mailock.cli.doors", "enable"),
    "demo": Entry("mailock.cli.demo", "demo"),
    "init": Entry("mailock.cli.init", "init"),
    "key": Entry("mailock.cli.key", "app"),
    "learn": Entry("mailock.cli.learn", "learn"),
    "list": Entry("mailock.cli.lists", "app"),
    "policy": Entry("mailock.cli.policy", "app"),
    "alert": Entry("mailock.cli.alert", "app"),
    "bench": Entry("mailock.cli.bench", "app"),
    "run": Entry("mailock.cli.run", "run"),
    "scan": Entry("mailock.cli.scan", "scan"),
    "queue": Entry("mailock.cli.queue", "app"),
    "quarantine": Entry("mailock.cli.quarantine", "app"),
    "shunt": Entry("mailock.cli.shunt", "app"),
    "show": Entry("mailock.cli.show", "show"),
    "track": Entry("mailock.cli.track", "track"),
    "view": Entry("mailock.cli.view", "app"),
    "user": Entry("mailock.cli.user", "app"),
}

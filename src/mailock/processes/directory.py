"""The directory of the console's people, for the doctor of the command line."""

import os
from pathlib import Path

from mailock.config.machine import load_console
from mailock.config.mistakes import Mistakes
from mailock.console.directory import look_at
from mailock.net.ldap import LdapDirectory
from mailock.operations.doctor import Check


def look_at_directory(config: Path) -> list[Check]:
    """Nothing where there is none, or its settings are wrong, which the check of the file says. Blocks."""
    try:
        settings = load_console(config, environment=os.environ).ldap
    except Mistakes:
        return []
    return [] if settings.url is None else look_at(LdapDirectory(settings, os.environ))

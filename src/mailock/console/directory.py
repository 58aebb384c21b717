"""The directory of the console's people, as the doctor sees it: asked from the console, which alone reaches it."""

from mailock.net.ldap import LdapDirectory, LdapDown
from mailock.operations.doctor import Check, judge_directory


def look_at(directory: LdapDirectory) -> list[Check]:
    """What it answers. Blocks."""
    try:
        return judge_directory(directory.url, "", directory.probe())
    except LdapDown as down:
        return judge_directory(directory.url, str(down), ())

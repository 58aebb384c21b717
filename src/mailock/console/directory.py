"""The directory of the console's people, as the doctor sees it: asked from the console, which alone reaches it."""

from typing import TYPE_CHECKING

from mailock.operations.doctor import Check, judge_directory

if TYPE_CHECKING:
    from mailock.net.ldap import LdapDirectory


def look_at(directory: "LdapDirectory") -> list[Check]:
    """What it answers. Blocks."""
    # Imported only where there is one: it takes its megabytes.
    from mailock.net.ldap import LdapDown

    try:
        return judge_directory(directory.url, "", directory.probe())
    except LdapDown as down:
        return judge_directory(directory.url, str(down), ())

"""Whose name and password these are: a local account's, or else those of somebody whom the directory knows.

A local account is never looked for in the directory, so it signs in while the directory is down, and nobody there can
take its name. What the directory says of somebody's role holds from this sign-in on.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from mailock.console.means import Means
from mailock.net.ldap import LdapDirectory, LdapDown
from mailock.ports.people import Person
from mailock.storage.people import check_name

log: Final = logging.getLogger(__name__)
hashing: Final = asyncio.Semaphore(2)
"""How many passwords are hashed at once: each takes 19 MiB."""
asking: Final = asyncio.Semaphore(2)
"""How many ask the directory at once, so that one that does not answer leaves threads to others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """An account whose password was right, and how that was found."""

    name: str
    how: str


async def admitted(told: Means, name: str, password: str) -> Admitted | None:
    """The account; None where anything was wrong."""
    async with hashing:
        is_right = await asyncio.to_thread(told.people.check, name, password)
    if is_right:
        return Admitted(name=name, how="with a password")
    if told.ldap is None or _is_local(told, name):
        return None
    async with asking:
        return await asyncio.to_thread(_by_directory, told, told.ldap, name, password)


def _is_local(told: Means, name: str) -> bool:
    known = told.people.person(name)
    return known is not None and not known.from_directory


def _by_directory(told: Means, ldap: LdapDirectory, name: str, password: str) -> Admitted | None:
    try:
        found = ldap.check(name, password)
    except LdapDown as down:
        # It stands in the log, on the page Health and in an alert, and is nothing to tell a stranger.
        told.tell_of_directory(str(down))
        return None
    if found is None:
        return None
    try:
        account = check_name(found.name)
    except ValueError as wrong:
        log.warning("the directory's name %r cannot be an account's: %s", found.name, wrong)
        return None
    if found.role is None:
        log.warning("%s is in the directory, but in no group of [[console.ldap.role]]", account)
        if not _is_local(told, account):
            told.people.sign_out_everywhere(account)
        return None
    person = Person(name=account, role=found.role, systems=found.systems, created=told.clock.now())
    if not told.people.admit(person):
        log.warning("%s of the directory may not sign in: that account is disabled, or is a local one", account)
        return None
    return Admitted(name=account, how=f"by the directory, as {found.role.value}")

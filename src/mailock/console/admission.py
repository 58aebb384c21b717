"""Whose name and password these are: a local account's, or else those of somebody whom the directory knows.

A local account is never looked for in the directory, so it signs in while the directory is down, and nobody there can
take its name. What the directory says of somebody's role holds from this sign-in on.
"""

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from mailock.console.means import Means
from mailock.net.oidc import Identified
from mailock.ports.people import Person, Source
from mailock.storage.people import check_name

if TYPE_CHECKING:
    from mailock.net.ldap import LdapDirectory

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


class Second(Enum):
    """What is to be said of the second factor of somebody whose password was right."""

    GIVEN = "given"
    """There is none to ask for, or its code was right."""
    PASSKEY = "passkey"
    """A passkey is to be asked for."""
    MISSING = "missing"


def second_factor(told: Means, name: str, code: str) -> Second:
    """The code counts where there is one; a passkey is asked for where it is what the account has, or no code came."""
    person = told.people.person(name)
    if person is None:
        return Second.MISSING
    if person.has_passkey and not (person.has_totp and code):
        return Second.PASSKEY
    return Second.GIVEN if told.people.check_totp(name, code, told.clock.now()) else Second.MISSING


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


def admitted_by_provider(told: Means, found: Identified) -> Admitted | None:
    """The account of somebody whom the provider named; None where he may not sign in. Blocks."""
    try:
        account = check_name(found.name)
    except ValueError as wrong:
        log.warning("the provider's name %r cannot be an account's: %s", found.name, wrong)
        return None
    if found.role is None:
        log.warning("%s is known to the provider, but in no group of [[console.oidc.role]]", account)
        told.people.dismiss(account, found.subject)
        return None
    now = told.clock.now()
    person = Person(name=account, role=found.role, systems=found.systems, created=now, source=Source.PROVIDER)
    if not told.people.admit(person, found.subject):
        log.warning(
            "%s of the provider may not sign in: that account is disabled, or not from there, or another's of that "
            "name, and then has to be removed first",
            account,
        )
        return None
    return Admitted(name=account, how=f"by the provider, as {found.role.value}")


def _is_local(told: Means, name: str) -> bool:
    known = told.people.person(name)
    return known is not None and known.is_local


def _by_directory(told: Means, ldap: "LdapDirectory", name: str, password: str) -> Admitted | None:
    # It is there already where there is a directory; elsewhere its megabytes are not taken.
    from mailock.net.ldap import LdapDown

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
    now = told.clock.now()
    person = Person(name=account, role=found.role, systems=found.systems, created=now, source=Source.DIRECTORY)
    if not told.people.admit(person):
        log.warning("%s of the directory may not sign in: that account is disabled, or is a local one", account)
        return None
    return Admitted(name=account, how=f"by the directory, as {found.role.value}")

"""Asks a directory who somebody is: search, then bind (RFC 4511), then his groups.

What was typed becomes part of a filter only escaped (RFC 4515, section 3). A bind without a password would succeed for
anybody (RFC 4513, section 5.1.2), so none is made. Referrals are not followed: a password goes to no other server.

All calls block, each answer at most for `timeout`.
"""

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from mailock.config.ldap import Ldap
from mailock.ports.people import Role

log: Final = logging.getLogger(__name__)
SUCCESS, SIZE_LIMIT, NO_SUCH_OBJECT = 0, 4, 32
"""Result codes (RFC 4511, appendix A)."""
NOT_THIS_ONE: Final = frozenset({19, 32, 48, 49, 50, 53})
"""Codes by which servers refuse a person: wrong password, locked, expired, may not bind."""
PLACES: Final = re.compile(r"\{dn\}|\{name\}")
NOBODY: Final = "mailock-doctor"
"""A name that is asked for only to see that there is an answer."""
MOST: Final = 2
"""Entries that are asked for: the second says that the first is not the only one."""


class LdapDown(OSError):
    """The directory did not answer, or not as it should; the text is a sentence for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody whose password was right. Without a role he belongs to no group that has one."""

    name: str
    role: Role | None
    systems: tuple[str, ...] = ()


class _Tls(ldap3.Tls):  # type: ignore[misc]  # ldap3 carries no types
    """TLS in which OpenSSL compares the name of the server; ldap3 does it by a function that Python took back (3.12).

    It is derived because ldap3 takes no other class.
    """

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Speaks TLS over a connection's socket. Raises ssl.SSLError where the certificate is not the server's."""
        context = ssl.create_default_context(cafile=self.ca_certs_file)
        host = connection.server.host
        connection.socket = context.wrap_socket(
            connection.socket, server_hostname=host, do_handshake_on_connect=do_handshake
        )


class LdapDirectory:
    """One directory. Any thread; every question has a connection of its own."""

    def __init__(self, settings: Ldap, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment
        self.trouble = ""
        """What is wrong with it, in a sentence; empty where the last question was answered."""

    def check(self, name: str, password: str) -> Known | None:
        """Who this is; None where the directory knows no such person with this password. Raises LdapDown."""
        if not name or not password:
            return None
        with self._minding():
            return self._checked(name, password)

    def probe(self) -> tuple[str, ...]:
        """Asks what a sign-in asks, but for somebody. The groups of roles that are not there. Raises LdapDown."""
        told = self._settings
        with self._minding(), self._connected() as ours:
            self._begin(ours)
            self._search(ours, told.base, told.user_filter.replace("{name}", NOBODY), ldap3.SUBTREE, "1.1")
            groups = [one.group for one in told.role]
            return tuple(one for one in groups if not self._search(ours, one, "(objectClass=*)", ldap3.BASE, "1.1"))

    @property
    def url(self) -> str:
        """Where it is."""
        return self._settings.url or ""

    @contextmanager
    def _minding(self) -> Iterator[None]:
        """Keeps what went wrong as `trouble`, and raises it as LdapDown."""
        try:
            yield
        except (LDAPException, OSError) as fault:
            down = LdapDown(f"the directory {self._settings.url} cannot be asked who somebody is: {fault}")
            if self.trouble != str(down):
                log.warning("%s; local accounts still sign in", down)
            self.trouble = str(down)
            raise down from fault
        if self.trouble:
            log.info("the directory %s answers again", self._settings.url)
        self.trouble = ""

    def _begin(self, ours: Any) -> None:
        """Binds a connection as ourselves, where we have a name there."""
        told = self._settings
        if told.bind_dn is not None and told.password is not None:
            self._bind_as_ourselves(ours, told.bind_dn, told.password.fetch(self._environment))

    def _checked(self, name: str, password: str) -> Known | None:
        told = self._settings
        with self._connected() as ours:
            self._begin(ours)
            wanted = told.user_filter.replace("{name}", escape_filter_chars(name))
            entries = self._search(ours, told.base, wanted, ldap3.SUBTREE, told.name_attribute)
            if len(entries) > 1:
                log.warning("more than one entry of the directory fits %r: make user_filter fit one alone", name)
            if len(entries) != 1 or not entries[0][0]:
                return None
            dn, account = entries[0]
            if not self._is_password(dn, password):
                return None
            if not account:
                raise LdapDown(f"the entry {dn!r} has no {told.name_attribute}: mend name_attribute")
            return self._known(ours, account, dn)

    def _is_password(self, dn: str, password: str) -> bool:
        with self._connected() as theirs:
            code = self._bind(theirs, dn, password)
            if code not in NOT_THIS_ONE | {SUCCESS}:
                raise LdapDown(f"it answers a bind with {_said(theirs)}")
            return code == SUCCESS

    def _known(self, ours: Any, account: str, dn: str) -> Known:
        # Both places at once, so that a name which looks like a place stays a name.
        told = self._settings
        escaped: dict[str, str] = {"{dn}": escape_filter_chars(dn), "{name}": escape_filter_chars(account)}
        wanted = PLACES.sub(lambda place: escaped[place[0]], told.member_filter)
        for one in told.role:
            if self._search(ours, one.group, wanted, ldap3.BASE, "1.1"):
                return Known(name=account, role=one.role, systems=one.systems)
        return Known(name=account, role=None)

    def _search(self, ours: Any, base: str, wanted: str, scope: str, attribute: str) -> list[tuple[str, str]]:
        """Names of entries that fit, two at most, with the first value of an attribute."""
        ours.search(
            base,
            wanted,
            scope,
            dereference_aliases=ldap3.DEREF_NEVER,
            attributes=[attribute],
            size_limit=MOST,
            time_limit=int(self._settings.timeout.seconds),
        )
        code = ours.result["result"]
        if code == NO_SUCH_OBJECT and scope == ldap3.BASE:
            log.warning("the directory has no group %r: mend [[console.ldap.role]]", base)
            return []
        if code not in (SUCCESS, SIZE_LIMIT):
            raise LdapDown(f"it answers a search beneath {base!r} with {_said(ours)}")
        entries = [entry for entry in ours.response or [] if entry["type"] == "searchResEntry"]
        return [(entry["dn"], _first(entry["raw_attributes"], attribute)) for entry in entries]

    def _bind_as_ourselves(self, ours: Any, dn: str, password: str) -> None:
        if not password:
            raise LdapDown("the secret of bind_dn is empty: a bind without a password proves nothing")
        if self._bind(ours, dn, password) != SUCCESS:
            raise LdapDown(f"it answers the bind as {dn!r} with {_said(ours)}")

    def _bind(self, connection: Any, dn: str, password: str) -> int:
        connection.user, connection.password, connection.authentication = dn, password, ldap3.SIMPLE
        connection.bind(read_server_info=False)
        return int(connection.result["result"])

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """A connection, encrypted and verified, as nobody yet."""
        told = self._settings
        url = urlsplit(told.url or "")
        is_tls = url.scheme == "ldaps"
        connection = ldap3.Connection(
            ldap3.Server(
                url.hostname,
                port=url.port or (636 if is_tls else 389),
                use_ssl=is_tls,
                tls=_Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=told.authorities),
                get_info=ldap3.NONE,
                connect_timeout=told.timeout.seconds,
            ),
            receive_timeout=int(told.timeout.seconds),
            auto_referrals=False,
            read_only=True,
            check_names=False,
        )
        try:
            connection.open(read_server_info=False)
            if told.starttls and not is_tls and not connection.start_tls(read_server_info=False):
                raise LdapDown("it does not begin TLS")
            yield connection
        finally:
            # Not `unbind`: it would write once more, and hide what went wrong before.
            connection.strategy.close()


def _first(values: Mapping[str, list[bytes]], attribute: str) -> str:
    found = next((value for name, value in values.items() if name.lower() == attribute.lower()), None)
    return found[0].decode("utf-8", "replace") if found else ""


def _said(connection: Any) -> str:
    return f"{connection.result['description']} ({connection.result['result']})"

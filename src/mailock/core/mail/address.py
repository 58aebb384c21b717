"""A mailbox as RFC 5321 section 4.1.2 writes it: a local part, and a domain or an address literal.

The local part is kept exactly as it was given, unquoted; only its owner may say what case means in it. The domain is
kept lower-case and as A-labels (RFC 5890), so that two spellings of one domain are equal. `domain` is empty for the
one mailbox that may stand without one, `<postmaster>` (RFC 5321 section 4.5.1).
"""

import re
from typing import Final

from mailock.core.mail.value import value

ATEXT: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~")

_ATOM: Final = "[" + re.escape("".join(sorted(ATEXT))) + "\x80-\U0010ffff]+"
_DOT_STRING: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")


@value(frozen=True, slots=True)
class Address:
    """One mailbox. The null reverse-path `<>` is not an Address but `None`."""

    local: str
    domain: str

    def __str__(self) -> str:
        """The mailbox as it stands between angle brackets on the wire, quoted where the local part needs it."""
        local = self.local if is_dot_string(self.local) else quoted(self.local)
        return f"{local}@{self.domain}" if self.domain else local

    @property
    def is_ascii(self) -> bool:
        """Whether the address can be sent to a server without SMTPUTF8 (RFC 6531)."""
        return self.local.isascii() and self.domain.isascii()

    def without_detail(self, separator: str) -> "Address":
        """The address without its sub-address (RFC 5233): `user+detail` becomes `user`."""
        user, found, _ = self.local.partition(separator)
        return Address(user, self.domain) if found and user else self


def is_dot_string(local: str) -> bool:
    """Whether a local part needs no quotes: atoms of atext or non-ASCII, joined by single dots."""
    return _DOT_STRING.fullmatch(local) is not None


def quoted(local: str) -> str:
    """The local part as a Quoted-string (RFC 5321 section 4.1.2)."""
    escaped = local.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

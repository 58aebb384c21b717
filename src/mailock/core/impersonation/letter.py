"""A letter: what a reader sees of a message, and where it leads him. Made of hostile bytes, so everything is cut."""

from dataclasses import dataclass, field
from typing import Final

MOST_TEXT: Final = 40_000
"""Characters of text that are read."""
MOST_LEADS: Final = 400
"""Links that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A mailbox of a header field: the name that is shown, and the address behind it."""

    name: str
    address: str
    """In lower case; empty where there is none."""

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]

    @property
    def local(self) -> str:
        """What stands before the `@`."""
        return self.address.rpartition("@")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A link, out of its wrappers."""

    url: str
    host: str
    """In lower case and IDNA."""
    site: str
    """The registrable domain; the host where there is none."""
    text: str = ""
    """What the reader sees in its place."""
    address: bool = False
    """Whether the host is an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a reader sees."""

    authors: tuple[Writer, ...]
    """Of every line that a client may read as From."""
    reply_to: tuple[Writer, ...]
    recipients: tuple[Writer, ...]
    """Of To and Cc."""
    subject: str
    text: str
    """Of the text parts, without markup."""
    leads: tuple[Lead, ...] = ()
    files: tuple[str, ...] = ()
    """Names of attached files."""
    pages: int = 0
    """HTML and SVG that came as files: a browser opens them."""
    pictures: int = 0
    password_fields: int = 0
    of_list: bool = False
    """Whether it says that a mailing list sent it (RFC 2369, RFC 2919)."""
    unsubscribes: bool = False
    """Whether it offers to be unsubscribed from by its header (RFC 8058, RFC 2369)."""
    answers: bool = False
    """Whether it says which message it answers (In-Reply-To, References)."""
    sites: dict[str, str] = field(default_factory=dict)
    """The registrable domain of every domain in it that has one."""

    def site_of(self, domain: str) -> str:
        """The registrable domain of a domain; the domain itself where it has none."""
        return self.sites.get(domain, domain)

"""DNS, as far as mail needs it.

An answer is a value: records, "there is none", or "could not be learnt". The last is never read as the second.
"""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mx:
    """One MX record; `host` is "." for a null MX (RFC 7505)."""

    preference: int
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Srv:
    """One SRV record (RFC 2782)."""

    priority: int
    weight: int
    port: int
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """Records with the seconds for which they may be kept.

    Empty: the name or the type does not exist (`exists` says which).
    """

    records: tuple[T, ...]
    ttl: int
    exists: bool = True


class LookupFailed(Exception):
    """The answer could not be learnt (time-out, SERVFAIL, no server). Temporary by nature."""


class Resolver(Protocol):
    """Asks, with a cache behind it. Raises LookupFailed."""

    async def addresses(self, name: str) -> Answer[str]:
        """A and AAAA records of a host name."""
        ...

    async def ipv4(self, name: str) -> Answer[str]:
        """A records of a name, as the DNS has them: no hosts file, no literals."""
        ...

    async def ipv6(self, name: str) -> Answer[str]:
        """AAAA records of a name, likewise."""
        ...

    async def mx(self, domain: str) -> Answer[Mx]:
        """MX records of a domain."""
        ...

    async def srv(self, name: str) -> Answer[Srv]:
        """SRV records of a service name such as `_smtp._tcp.example.com`."""
        ...

    async def txt(self, name: str) -> Answer[str]:
        """TXT records, each joined from its strings."""
        ...

    async def pointer(self, ip: str) -> Answer[str]:
        """Host names of an address (PTR)."""
        ...

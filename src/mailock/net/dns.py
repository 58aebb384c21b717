"""The `Resolver` over c-ares: configured servers or the system's, with a memory, and every question asked only once at
a time.

What the DNS says and what could not be learnt stay apart all the way: NXDOMAIN and "no such records" are answers,
everything else (SERVFAIL, REFUSED, a time-out, rubbish) is LookupFailed.

Names of the machine's hosts file win over the DNS where the system's servers are used, as people expect of a next hop
called `mailstore`; and `localhost` never leaves the machine (RFC 6761 section 6.3).
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

import aiodns
import idna
import pycares
from aiodns import error as ares

from mailock.net.hosts import HostsFile
from mailock.net.recall import LONGEST_SECONDS, Recall
from mailock.ports.resolver import Answer, LookupFailed, Mx, Srv

T = TypeVar("T")

NEGATIVE_SECONDS: Final = 60
"""How long "there is none" is kept here; c-ares, which knows the zone's negative TTL, may keep it longer by itself."""
PARTIAL_SECONDS: Final = 60
"""How long the addresses of one family are kept where those of the other could not be learnt, and those of the hosts
file."""

_FIRST_TRY_SECONDS: Final = 2.0
# For the first answer of one server; c-ares doubles it at each round, and learns what each server needs.
_WHY: Final = {
    ares.ARES_ESERVFAIL: "the DNS server could not find it out (SERVFAIL; broken delegation or DNSSEC, most often)",
    ares.ARES_EREFUSED: "the DNS server refuses to answer us",
    ares.ARES_ENOTIMP: "the DNS server does not know that kind of question",
    ares.ARES_EFORMERR: "the DNS server did not understand the question",
    ares.ARES_EBADRESP: "the DNS server answered with rubbish",
    ares.ARES_ETIMEOUT: "no DNS server answered in time",
    ares.ARES_ECONNREFUSED: "no DNS server listens at the configured addresses",
}


class DnsResolver:
    """Asks the given servers, each an address and a port, or else those of the system. Belongs to the loop that first
    asks.

    `seconds` bounds one look-up with all its retries; `size` bounds the memory, in answers of each kind.
    """

    def __init__(
        self,
        servers: Sequence[tuple[str, int]] | None = None,
        *,
        seconds: float = 15.0,
        tries: int = 3,
        size: int = 20_000,
        hosts: HostsFile | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = None if servers is None else [server_text(*server) for server in servers]
        self._seconds = seconds
        self._tries = tries
        self._steady = steady
        self._hosts = HostsFile() if hosts is None and servers is None else hosts
        self._resolver: aiodns.DNSResolver | None = None

        def recall(kind: str, read: Callable[[object], T | None]) -> Recall[T]:
            return Recall(partial(self._ask, kind, read), steady=steady, size=size)

        self._a = recall("A", _address)
        self._aaaa = recall("AAAA", _address)
        self._mx = recall("MX", _mx)
        self._srv = recall("SRV", _srv)
        self._txt = recall("TXT", _txt)
        self._ptr = recall("PTR", _pointer)

    async def addresses(self, name: str) -> Answer[str]:
        """A, then AAAA records of a host name; an address literal is its own answer. Raises LookupFailed.

        Where one family answers and the other cannot be learnt, what was learnt is given: a host with a broken AAAA
        record can be reached over IPv4.
        """
        literal = read_literal(name)
        if literal is not None:
            return Answer(records=(literal,), ttl=LONGEST_SECONDS)
        host = to_ascii(name)
        if host is None:
            return _no_such_name()
        if host == "localhost" or host.endswith(".localhost"):
            return Answer(records=("127.0.0.1", "::1"), ttl=LONGEST_SECONDS)
        if self._hosts is not None:
            local = self._hosts.addresses(host, self._steady())
            if local:
                return Answer(records=local, ttl=PARTIAL_SECONDS)
        a, aaaa = self._a.kept(host), self._aaaa.kept(host)
        if a is None or aaaa is None:
            return _joined(*await asyncio.gather(self._a.learn(host), self._aaaa.learn(host)))
        return _joined(a, aaaa)

    async def ipv4(self, name: str) -> Answer[str]:
        """A records of a name, as the DNS has them. Raises LookupFailed."""
        return await self._named(self._a, name)

    async def ipv6(self, name: str) -> Answer[str]:
        """AAAA records of a name, as the DNS has them. Raises LookupFailed."""
        return await self._named(self._aaaa, name)

    async def mx(self, domain: str) -> Answer[Mx]:
        """MX records of a domain, as they came; a null MX is one record with the host ".". Raises LookupFailed."""
        return await self._named(self._mx, domain)

    async def srv(self, name: str) -> Answer[Srv]:
        """SRV records of a service name; one with the host "." says: not offered. Raises LookupFailed."""
        return await self._named(self._srv, name)

    async def txt(self, name: str) -> Answer[str]:
        """TXT records, each joined from its strings; what is not UTF-8 in them is replaced. Raises LookupFailed."""
        return await self._named(self._txt, name)

    async def pointer(self, ip: str) -> Answer[str]:
        """Host names of an address (PTR). Raises LookupFailed; ValueError where it is no address."""
        address = ipaddress.ip_address(ip.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return await self._ptr.answer((mapped or address).reverse_pointer)

    async def close(self) -> None:
        """Ends what is under way; those who wait for it get LookupFailed."""
        if self._resolver is not None:
            await self._resolver.close()
            self._resolver = None

    async def _named(self, recall: Recall[T], name: str) -> Answer[T]:
        if read_literal(name) is not None:
            return Answer(records=(), ttl=LONGEST_SECONDS)
        host = to_ascii(name)
        return _no_such_name() if host is None else await recall.answer(host)

    async def _ask(self, kind: str, read: Callable[[object], T | None], host: str) -> Answer[T]:
        try:
            async with asyncio.timeout(self._seconds):
                result = await self._ares().query_dns(host, kind)
        except TimeoutError:
            raise LookupFailed(f"{kind} of {host}: no DNS server answered within {self._seconds:g} s") from None
        except ares.DNSError as error:
            match error.args[0]:
                case ares.ARES_ENOTFOUND | ares.ARES_EBADNAME:
                    return _no_such_name()
                case ares.ARES_ENODATA:
                    return Answer(records=(), ttl=NEGATIVE_SECONDS)
                case code:
                    why = _WHY.get(code) or f"{error.args[-1]}"
                    raise LookupFailed(f"{kind} of {host}: {why}") from None
        # A chain of aliases comes as CNAME records before those asked for; the shortest-lived link counts.
        records = tuple(found for record in result.answer if (found := read(record.data)) is not None)
        ttl = min((record.ttl for record in result.answer), default=NEGATIVE_SECONDS)
        return Answer(records=records, ttl=ttl if records else min(ttl, NEGATIVE_SECONDS))

    def _ares(self) -> aiodns.DNSResolver:
        if self._resolver is None:
            self._resolver = aiodns.DNSResolver(
                self._servers, loop=asyncio.get_running_loop(), timeout=_FIRST_TRY_SECONDS, tries=self._tries
            )
        return self._resolver


def server_text(ip: str, port: int) -> str:
    """A server as c-ares writes it. Raises ValueError where `ip` is no address."""
    return f"[{ip}]:{port}" if ipaddress.ip_address(ip.partition("%")[0]).version == 6 else f"{ip}:{port}"


def read_literal(name: str) -> str | None:
    """The address that is given, bare or as an SMTP address literal (RFC 5321 section 4.1.3); None for a name."""
    text = name
    if name.startswith("[") and name.endswith("]"):
        text = name[1:-1]
        if text[:5].lower() == "ipv6:":
            text = text[5:]
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return None
    return text


def to_ascii(name: str) -> str | None:
    """A name in lower case and A-labels (RFC 5891), without a final dot; None for what cannot be a name in the DNS."""
    name = name.rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    labels = name.split(".")
    return name if len(name) <= 253 and all(0 < len(label) <= 63 for label in labels) else None


def _no_such_name() -> Answer[T]:
    return Answer(records=(), ttl=NEGATIVE_SECONDS, exists=False)


def _joined(a: Answer[str] | LookupFailed, aaaa: Answer[str] | LookupFailed) -> Answer[str]:
    if isinstance(a, LookupFailed) or isinstance(aaaa, LookupFailed):
        for one in (a, aaaa):
            if not isinstance(one, LookupFailed) and one.records:
                return Answer(records=one.records, ttl=min(one.ttl, PARTIAL_SECONDS))
        failure = a if isinstance(a, LookupFailed) else aaaa
        assert isinstance(failure, LookupFailed)
        raise LookupFailed(*failure.args)
    return Answer(
        records=a.records + aaaa.records,
        # That one family has no addresses says nothing of how long those of the other are good.
        ttl=min((one.ttl for one in (a, aaaa) if one.records), default=min(a.ttl, aaaa.ttl)),
        exists=a.exists or aaaa.exists,
    )


def _host(untrusted_name: str) -> str:
    # c-ares writes the root as nothing at all.
    return untrusted_name.rstrip(".").lower() or "."


def _address(data: object) -> str | None:
    return data.addr if isinstance(data, pycares.ARecordData | pycares.AAAARecordData) else None


def _mx(data: object) -> Mx | None:
    if not isinstance(data, pycares.MXRecordData):
        return None
    return Mx(preference=data.priority, host=_host(data.exchange))


def _srv(data: object) -> Srv | None:
    if not isinstance(data, pycares.SRVRecordData):
        return None
    return Srv(priority=data.priority, weight=data.weight, port=data.port, host=_host(data.target))


def _txt(data: object) -> str | None:
    return data.data.decode("utf-8", "replace") if isinstance(data, pycares.TXTRecordData) else None


def _pointer(data: object) -> str | None:
    return _host(data.dname) if isinstance(data, pycares.PTRRecordData) else None

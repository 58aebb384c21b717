"""A DNS tree for tests, written down record by record.

What is not written down does not exist (NXDOMAIN). Everything is signed, so that a validating resolver sets AD, except
below the domains that are named as `insecure` (no signatures) or `bogus` (signatures that are wrong).
"""

import ipaddress
from dataclasses import dataclass, field
from typing import Self

import dns.name
import dns.reversename


@dataclass(kw_only=True)
class Zone:
    """Records by (name, type), and the domains that misbehave. Each method returns the zone, so that calls chain."""

    ttl: int = 60
    records: list[tuple[str, str, str]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    insecure: set[str] = field(default_factory=set)
    bogus: set[str] = field(default_factory=set)

    def add(self, name: str, kind: str, value: str) -> Self:
        """Any record, its value in presentation format: add("a.test", "TLSA", "3 1 1 ab…")."""
        self.records.append((_absolute(name), kind.upper(), value))
        return self

    def remove(self, name: str, kind: str | None = None) -> Self:
        """Take away the records of that name, of one type or of all."""
        gone = _absolute(name)
        self.records = [r for r in self.records if r[0] != gone or (kind is not None and r[1] != kind.upper())]
        return self

    def a(self, name: str, *addresses: str) -> Self:
        """IPv4 addresses."""
        for address in addresses:
            self.add(name, "A", address)
        return self

    def aaaa(self, name: str, *addresses: str) -> Self:
        """IPv6 addresses."""
        for address in addresses:
            self.add(name, "AAAA", address)
        return self

    def mx(self, name: str, host: str, preference: int = 10) -> Self:
        """A mail exchanger; host "." with preference 0 is the null MX of RFC 7505."""
        return self.add(name, "MX", f"{preference} {_absolute(host)}")

    def srv(self, name: str, host: str, port: int, *, priority: int = 0, weight: int = 0) -> Self:
        """A service: `name` is _service._proto.domain."""
        return self.add(name, "SRV", f"{priority} {weight} {port} {_absolute(host)}")

    def txt(self, name: str, text: str) -> Self:
        """A text of any length, cut into strings of 255 octets."""
        octets = text.encode()
        strings = [octets[i : i + 255] for i in range(0, len(octets), 255)] or [b""]
        return self.add(name, "TXT", " ".join(_quoted(string) for string in strings))

    def cname(self, name: str, target: str) -> Self:
        """An alias."""
        return self.add(name, "CNAME", _absolute(target))

    def ptr(self, address: str, host: str) -> Self:
        """The reverse of an address."""
        return self.add(str(dns.reversename.from_address(str(ipaddress.ip_address(address)))), "PTR", _absolute(host))

    def fail(self, domain: str) -> Self:
        """SERVFAIL for the domain and all below it."""
        self.failing.add(_absolute(domain))
        return self

    def say_nothing(self, domain: str) -> Self:
        """No answer at all for the domain and all below it: queries time out."""
        self.silent.add(_absolute(domain))
        return self

    def unsign(self, domain: str) -> Self:
        """Leave the domain and all below it unsigned: true answers, without AD."""
        self.insecure.add(_absolute(domain))
        return self

    def spoil(self, domain: str) -> Self:
        """Break the signatures of the domain and of all below it: a validating resolver says SERVFAIL."""
        self.bogus.add(_absolute(domain))
        return self


def _absolute(name: str) -> str:
    return dns.name.from_text(name).to_text().lower()


def _quoted(string: bytes) -> str:
    return '"' + "".join(chr(o) if 32 <= o < 127 and o not in b'"\\' else f"\\{o:03d}" for o in string) + '"'

"""What one evaluation of SPF carries with it: the bounds (RFC 7208 section 4.6.4), the macros' values (section 7.2),
and the names of the client (section 5.5).
"""

import ipaddress
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from mailock.core.authentication import spf_macros
from mailock.core.authentication.questions import Found, RecordType, Steps, Unlearnt, records
from mailock.core.authentication.spf_macros import BadSyntax, MacroString

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
LOOKUPS: Final = 10
"""Terms that look something up."""
VOIDS: Final = 2
"""Answers that may be empty."""
HOSTS: Final = 10
"""Mail exchangers, or names of the client, that are looked at."""
EXPLANATION: Final = 500
"""Characters of an explanation that are kept."""


class SpfResult(Enum):
    """The results of section 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class Ends(Exception):
    """Ends the evaluation with an error."""

    def __init__(self, result: SpfResult, reason: str) -> None:
        super().__init__(reason)
        self.result = result
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class Run:
    """One evaluation."""

    ip: Ip
    local: str
    sender_domain: str
    helo: str
    receiver: str
    now: float
    lookups: int = 0
    voids: int = 0
    names: list[str] | None = field(default=None)
    """Validated host names of the client, once they were asked for."""

    def count(self) -> None:
        """Before a term that looks something up. Raises Ends where there were too many."""
        self.lookups += 1
        if self.lookups > LOOKUPS:
            raise Ends(SpfResult.PERMERROR, f"the record needs more than {LOOKUPS} look-ups")

    def counted(self, answer: Found | Unlearnt, name: str) -> Found:
        """An answer that a mechanism waits for. Raises Ends for an error, and for one void answer too many."""
        if isinstance(answer, Unlearnt):
            raise Ends(SpfResult.TEMPERROR, f"{name}: {answer.why}")
        if not answer.untrusted_values:
            self.voids += 1
            if self.voids > VOIDS:
                raise Ends(SpfResult.PERMERROR, f"more than {VOIDS} look-ups of the record found nothing")
        return answer


def domain(run: Run, pieces: MacroString, current: str) -> Steps[str]:
    """A domain-spec, expanded."""
    return spf_macros.as_domain((yield from _expanded(run, pieces, current)))


def explanation(run: Run, pieces: MacroString, current: str) -> Steps[str]:
    """What a domain says to those that it lets fail (section 6.2); empty where that cannot be read."""
    name = yield from domain(run, pieces, current)
    answer = yield from records(name, RecordType.TXT)
    if isinstance(answer, Unlearnt) or len(answer.untrusted_values) != 1:
        return ""
    text = answer.untrusted_values[0]
    if not text.isascii():
        return ""
    try:
        said = yield from _expanded(run, spf_macros.read(text, spaces=True), current)
    except BadSyntax:
        return ""
    return said[:EXPLANATION] if said.isascii() and said.isprintable() else ""


def validated(run: Run) -> Steps[list[str]]:
    """Names of the client that have its address (section 5.5); an error gives none."""
    if run.names is not None:
        return run.names
    run.names = []
    answer = yield from records(run.ip.reverse_pointer, RecordType.PTR)
    if isinstance(answer, Unlearnt):
        return run.names
    run.counted(answer, run.ip.reverse_pointer)
    type_ = RecordType.A if run.ip.version == 4 else RecordType.AAAA
    for name in answer.untrusted_values[:HOSTS]:
        host = name.rstrip(".")
        addresses = yield from records(host, type_)
        if isinstance(addresses, Found) and any(
            same_network(run.ip, address, run.ip.max_prefixlen) for address in addresses.untrusted_values
        ):
            run.names.append(host)
    return run.names


def is_below(name: str, target: str) -> bool:
    """Whether a name is a domain, or lies below it."""
    name, target = name.lower(), target.lower()
    return name == target or name.endswith("." + target)


def same_network(ip: Ip, untrusted_address: str, prefix: int) -> bool:
    """Whether two addresses agree in so many bits."""
    try:
        other = ipaddress.ip_address(untrusted_address)
    except ValueError:
        return False
    if other.version != ip.version:
        return False
    shift = ip.max_prefixlen - prefix
    return int(ip) >> shift == int(other) >> shift


def _expanded(run: Run, pieces: MacroString, current: str) -> Steps[str]:
    wanted = spf_macros.letters(pieces)
    if not wanted:
        return spf_macros.expand(pieces, {})
    shown = str(run.ip)
    values = {
        "s": f"{run.local}@{run.sender_domain}",
        "l": run.local,
        "o": run.sender_domain,
        "d": current,
        "i": shown if run.ip.version == 4 else ".".join(f"{int(run.ip):032X}"),
        "p": (yield from _name(run, current)) if "p" in wanted else "",
        "v": "in-addr" if run.ip.version == 4 else "ip6",
        "h": run.helo,
        "c": shown,
        "r": run.receiver or "unknown",
        "t": str(int(run.now)),
    }
    return spf_macros.expand(pieces, values)


def _name(run: Run, current: str) -> Steps[str]:
    """The validated name of the client: the domain itself, or one below it, or any, or `unknown`."""
    names = yield from validated(run)
    for name in names:
        if name.lower() == current.lower():
            return name
    return next((name for name in names if is_below(name, current)), names[0] if names else "unknown")

"""iprev (RFC 8601 section 3): does the client's address have a name that leads back to it?"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.authentication.questions import Found, RecordType, Steps, Unlearnt, records
from mailock.core.authentication.spf_run import Ip, same_network

NAMES: Final = 5
"""Names of an address that are tried."""


class IprevResult(Enum):
    """The results of RFC 8601 section 2.7.3."""

    PASS = "pass"
    FAIL = "fail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True, kw_only=True)
class Iprev:
    """The outcome."""

    result: IprevResult
    untrusted_name: str
    """The name that leads back, or the first that does not; empty where there is none."""


def check(ip: Ip) -> Steps[Iprev]:
    """Looks an address up, and its names."""
    mapped = ip.ipv4_mapped if ip.version == 6 else None
    ip = mapped or ip
    answer = yield from records(ip.reverse_pointer, RecordType.PTR)
    if isinstance(answer, Unlearnt):
        return Iprev(result=IprevResult.TEMPERROR, untrusted_name="")
    if not answer.untrusted_values:
        return Iprev(result=IprevResult.PERMERROR, untrusted_name="")
    type_ = RecordType.A if ip.version == 4 else RecordType.AAAA
    unsure = False
    for name in answer.untrusted_values[:NAMES]:
        host = name.removesuffix(".").lower()
        addresses = yield from records(host, type_)
        unsure = unsure or isinstance(addresses, Unlearnt)
        if isinstance(addresses, Found) and any(
            same_network(ip, address, ip.max_prefixlen) for address in addresses.untrusted_values
        ):
            return Iprev(result=IprevResult.PASS, untrusted_name=host)
    first = answer.untrusted_values[0].removesuffix(".").lower()
    return Iprev(result=IprevResult.TEMPERROR if unsure else IprevResult.FAIL, untrusted_name=first)

"""The operator's own golden cases: messages of which he knows what is to become of them, tried before a policy is put
into force. One that comes to something else refuses the install (FEATURES 11).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from mailock.config.judgement import Golden
from mailock.config.model import Policy
from mailock.config.sender import Authentication
from mailock.core.mail.address import Address
from mailock.net.dns import DnsResolver
from mailock.operations.scanned import scanned
from mailock.ports.jail import NoJail
from mailock.processes.means import Means
from mailock.processes.offline import NOBODY, Offline, Told, as_sent, bench, named_in
from mailock.stations.examine.outside import Poison

LARGEST: Final = 64 << 20
NOBODYS_IP: Final = "192.0.2.1"
"""An address of no network (RFC 5737)."""


class GoldenCases:
    """A participant of installs that only ever says no."""

    name = "the golden cases"

    def __init__(self, means: Means, hostname: str) -> None:
        self._means = means
        self._hostname = hostname

    async def prepare(self, policy: Policy) -> None:
        """Examines and judges each of them by a policy. Raises ValueError: every one that comes to something else."""
        if not policy.golden:
            return
        # Nobody outside is asked: what an install comes to must not depend on somebody's DNS.
        alone = replace(policy, authentication=Authentication(enabled=False))
        resolver = DnsResolver()
        try:
            async with bench(alone, self._means, self._hostname, resolver) as offline:
                wrong = [told for golden in policy.golden if (told := await _tried(offline, golden))]
        finally:
            await resolver.close()
        if wrong:
            raise ValueError("; ".join(wrong))

    async def switch(self, revision: int) -> None:
        """Nothing follows."""

    async def undo(self) -> None:
        """Nothing was done."""


async def _tried(offline: Offline, golden: Golden) -> str:
    """What is wrong with one case, in a sentence; nothing where it comes to what is expected."""
    try:
        octets = as_sent(await asyncio.to_thread(_read, golden.file))
    except OSError as fault:
        return f"{golden.file} cannot be read ({fault.strerror or fault}): check its name and its permissions"
    told = Told(
        sender=_address(golden.sender) if golden.sender else None,
        recipients=tuple(map(_address, golden.recipients)) or named_in(octets) or (NOBODY,),
        client_ip=golden.client_ip or NOBODYS_IP,
        helo="",
    )
    try:
        outcome = await offline.examine(octets, told)
    except (Poison, NoJail) as fault:
        return f"{golden.file} could not be examined: {fault}"
    found = scanned(outcome.message, outcome.examination, outcome.judgement, None)
    if found["disposition"] == golden.expect.value:
        return ""
    because = found["because"]
    first = because[0] if isinstance(because, Sequence) and because else "no reason was given"
    return (
        f"{golden.file} is to come to {golden.expect.value}, and would come to {found['disposition']} "
        f"by rule {found['rule']} ({first}): change the rules, or what is expected"
    )


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        octets = file.read(LARGEST + 1)
    if len(octets) > LARGEST:
        raise OSError("is larger than 64 MiB")
    return octets


def _address(text: str) -> Address:
    local, _, domain = text.rpartition("@")
    return Address(local, domain)

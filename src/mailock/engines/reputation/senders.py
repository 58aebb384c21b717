"""`senders`: what an author who proved who he is has sent us before. It is heard last, since proof comes with
authentication; without it a domain is a claim, and its history says nothing.

A sender is the registrable domain of a proven author; where anybody gets an address, it is the whole address.
"""

from collections.abc import Sequence
from typing import Final

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.impersonation.places import is_free
from mailock.core.mail.shown import cleaned
from mailock.core.reputation import history
from mailock.engines.suffixes import load, place
from mailock.ports.clock import Clock
from mailock.ports.engine import Heard
from mailock.ports.reputation import Remembrance

NAME: Final = "senders"
KIND: Final = "reputation.sender"
KINDS: Final = {KIND: "What an author who proved who he is sent us lately was mostly wanted, or mostly not."}
MANIFEST: Final = Manifest(
    name=NAME,
    version="1",
    where=Where.ONLINE,
    scope=Scope.MESSAGE,
    duty=Duty.SPAM,
    seconds=1.0,
    kinds=KINDS,
)


class SenderHistory:
    """Implements `ports.engine.Concluding`."""

    def __init__(self, remembrance: Remembrance, clock: Clock) -> None:
        load()
        self._remembrance = remembrance
        self._clock = clock

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return MANIFEST

    def conclude(self, heard: Heard) -> Sequence[Finding]:
        """What its past weighs."""
        proven = heard.authentication.authenticated_author if heard.authentication is not None else ""
        if heard.message.origin.internal or not proven:
            return ()
        sender, now = sender_of(proven), self._clock.now()
        record = self._remembrance.record(sender)
        weight = history.weight(record, now)
        if record is None or not weight:
            return ()
        return (
            Finding(
                engine=NAME,
                kind=KIND,
                severity=Severity.NOTE,
                confidence=Confidence.MEDIUM,
                part=ROOT,
                evidence=cleaned(history.told(record, sender, now)),
                weight=weight,
            ),
        )


def sender_of(address: str) -> str:
    """Whose history an address has a part in."""
    lowered = address.lower()
    domain = lowered.rpartition("@")[2]
    registered = place(domain)
    return lowered if is_free(domain) or is_free(registered) else registered

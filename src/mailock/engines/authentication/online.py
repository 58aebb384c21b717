"""`authentication`: the half that asks. It gets what the jail hashed, and no byte of the mail.

`authenticate` gives the whole value, for policy, the log and our own header field; `ask` gives the findings in it. The
checks of one message share a budget of look-ups and of time; what it does not reach is temperror, never none.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from mailock.core.authentication import arc_check, dkim_check, dmarc, documents, iprev
from mailock.core.authentication.authentication import Authentication, behind
from mailock.core.authentication.dmarc import DmarcResult
from mailock.core.authentication.documents import BadDocument, Evidence
from mailock.core.authentication.spf import Client, check_host
from mailock.core.authentication.trust import vouched_by
from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Fact, FactKind, Finding
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.message import Message
from mailock.engines.authentication.answers import SECONDS, Answers, Budget, drive
from mailock.engines.authentication.findings import ENGINE, KINDS, findings

MANIFEST = Manifest(
    name=ENGINE,
    version="1",
    where=Where.ONLINE,
    scope=Scope.MESSAGE,
    duty=Duty.SENDER,
    seconds=SECONDS + 5,
    kinds=KINDS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who brought a message."""

    ip: str
    untrusted_helo: str
    untrusted_sender: str
    """The reverse-path without its brackets; empty for the null one."""
    own: bool = False
    """Whether it is our own, or one that signed in: then neither SPF nor iprev is asked."""


class AuthenticationEngine:
    """Asks who sent a message. `receiver` is our host name; `now` gives Unix time in seconds; `trusted_sealers` are
    domains whose word counts on what they forward and change.
    """

    def __init__(
        self,
        answers: Answers,
        *,
        receiver: str,
        now: Callable[[], float],
        seconds: float = SECONDS,
        trusted_sealers: Set[str] = frozenset(),
    ) -> None:
        self._trusted = trusted_sealers
        self._answers = answers
        self._receiver = receiver
        self._now = now
        self._seconds = seconds

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return MANIFEST

    async def ask(self, message: Message, facts: Sequence[Fact]) -> Sequence[Finding]:
        """What is found about the sender. Raises Unfinished."""
        return findings(await self.authenticate(message, facts))

    def findings(self, authentication: Authentication) -> Sequence[Finding]:
        """What of it speaks for or against the message."""
        return tuple(findings(authentication))

    async def authenticate(self, message: Message, facts: Sequence[Fact]) -> Authentication:
        """Everything that is known of the sender. Raises Unfinished where the jail gave nothing that can be read."""
        sender = message.envelope.sender
        source = Source(
            ip=message.origin.ip,
            untrusted_helo=message.origin.untrusted_helo,
            untrusted_sender=str(sender) if sender is not None else "",
            own=message.origin.internal,
        )
        return await self.judge(source, evidence_in(facts))

    async def judge(self, source: Source, evidence: Evidence) -> Authentication:
        """Every check, those that do not need each other at the same time."""
        budget, now = Budget(self._answers, seconds=self._seconds), self._now()
        client = Client(
            ip=ipaddress.ip_address(source.ip.partition("%")[0]),
            untrusted_helo=source.untrusted_helo,
            untrusted_sender=source.untrusted_sender,
            receiver=self._receiver,
            now=now,
        )
        outside = not source.own
        async with asyncio.TaskGroup() as group:
            # The author's policy is asked for at once: what a forger's names take of the time must not hide it.
            group.create_task(drive(dmarc.learn(evidence.author), budget.reply))
            spf = group.create_task(drive(check_host(client), budget.reply)) if outside else None
            back = group.create_task(drive(iprev.check(client.ip), budget.reply)) if outside else None
            arc = group.create_task(drive(arc_check.check(evidence.arc, now), budget.reply))
            signatures = [group.create_task(drive(dkim_check.check(one, now), budget.reply)) for one in evidence.dkim]
        dkim = tuple(task.result() for task in signatures)
        spf_result = spf.result() if spf is not None else None
        found = await drive(dmarc.evaluate(evidence.author, behind(spf_result, dkim)), budget.reply)
        if source.own and not evidence.author.odd and found.result is not DmarcResult.PASS:
            # Nobody signs before us, so there is nothing that could have passed.
            found = dmarc.Dmarc(result=DmarcResult.NONE, reason="the source is our own", domain=found.domain)
        return Authentication(
            ip=source.ip,
            spf=spf_result,
            dkim=dkim,
            arc=arc.result(),
            dmarc=found,
            iprev=back.result() if back is not None else None,
            author=evidence.author,
            receiver=self._receiver,
            forged=evidence.forged,
            vouched_by=vouched_by(arc.result(), evidence.author, self._trusted),
        )


def evidence_in(facts: Sequence[Fact]) -> Evidence:
    """What the jail says. Raises Unfinished where it says nothing, more than one thing, or rubbish."""
    told = [fact.untrusted_value for fact in facts if fact.kind is FactKind.DKIM and fact.part == ROOT]
    if len(told) != 1:
        raise Unfinished(Why.UNREADABLE, "the jail did not say what the message's signatures cover")
    try:
        return documents.read(told[0])
    except BadDocument as error:
        raise Unfinished(Why.NONSENSE, f"what the jail says of the signatures cannot be read: {error}") from None

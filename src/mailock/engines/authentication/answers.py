"""Who answers the questions of authentication: the DNS through the port, or a zone that is written down; and the budget
of one message, behind which every name counts as one that could not be learnt.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from mailock.core.authentication.questions import Ask, Check, Checked, Fit, Found, RecordType, Reply, Steps, T, Unlearnt
from mailock.core.authentication.zone import Zone
from mailock.engines.authentication import arithmetic
from mailock.ports.resolver import Answer, LookupFailed, Resolver

QUESTIONS: Final = 100
"""Names that are asked for on behalf of one message."""
CHECKS: Final = 60
"""Signatures that are computed for one message."""
SECONDS: Final = 20.0
"""For all questions of one message (RFC 7208 section 4.6.4 asks for at least as much)."""
VALUES: Final = 50
"""Records of one answer that are looked at."""


class Answers(Protocol):
    """Knows what records a name has."""

    async def records(self, ask: Ask) -> Found | Unlearnt:
        """What is known. Never raises."""
        ...


class FromDns:
    """Asks the DNS."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def records(self, ask: Ask) -> Found | Unlearnt:
        """What the DNS says."""
        try:
            match ask.type:
                case RecordType.A:
                    return _found(await self._resolver.ipv4(ask.name))
                case RecordType.AAAA:
                    return _found(await self._resolver.ipv6(ask.name))
                case RecordType.TXT:
                    return _found(await self._resolver.txt(ask.name))
                case RecordType.PTR:
                    return _found(await self._resolver.pointer(_address(ask.name)))
                case RecordType.MX:
                    answer = await self._resolver.mx(ask.name)
                    hosts = sorted(answer.records, key=lambda record: record.preference)
                    return Found(tuple(record.host for record in hosts), answer.exists)
        except LookupFailed as failure:
            return Unlearnt(f"{failure}")


class FromZone:
    """Reads what is written down."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    async def records(self, ask: Ask) -> Found | Unlearnt:
        """What the zone says."""
        return self._zone.answer(ask)


class Budget:
    """Answers for one message, each name asked for once, until what it may ask is used up."""

    def __init__(self, answers: Answers, *, seconds: float = SECONDS) -> None:
        self._answers = answers
        self._under_way: dict[Ask, asyncio.Task[Found | Unlearnt]] = {}
        self._checks = 0
        self._end = asyncio.get_running_loop().time() + seconds

    async def reply(self, question: Ask | Check) -> Reply:
        """The answer to one question."""
        if isinstance(question, Check):
            self._checks += 1
            if self._checks > CHECKS:
                return Checked(Fit.NO_KEY, why=f"more than {CHECKS} signatures would have to be computed")
            return arithmetic.check(question)
        task = self._under_way.get(question)
        if task is None:
            if len(self._under_way) >= QUESTIONS:
                return Unlearnt(f"more than {QUESTIONS} names would have to be looked up for one message")
            task = self._under_way[question] = asyncio.create_task(self._records(question))
        return await asyncio.shield(task)

    async def _records(self, ask: Ask) -> Found | Unlearnt:
        try:
            async with asyncio.timeout_at(self._end):
                found = await self._answers.records(ask)
        except TimeoutError:
            return Unlearnt("the time for one message is used up")
        if isinstance(found, Found) and len(found.untrusted_values) > VALUES:
            return Found(found.untrusted_values[:VALUES], found.exists)
        return found


async def drive(steps: Steps[T], reply: Callable[[Ask | Check], Awaitable[Reply]]) -> T:
    """What steps come to, each question answered before the next."""
    try:
        question = next(steps)
        while True:
            question = steps.send(await reply(question))
    except StopIteration as end:
        result: T = end.value
        return result


def _found(answer: Answer[str]) -> Found:
    return Found(answer.records, answer.exists)


def _address(reverse: str) -> str:
    """The address whose reverse name is given (RFC 3596 section 2.5)."""
    labels = reverse.split(".")
    if labels[-2:] == ["in-addr", "arpa"]:
        return ".".join(reversed(labels[:-2]))
    return str(ipaddress.IPv6Address(int("".join(reversed(labels[:-2])), 16)))

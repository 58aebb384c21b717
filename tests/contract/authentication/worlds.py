"""A message, what is known of its sender, and a zone: asked the way the gateway asks, without a socket."""

import asyncio
from collections.abc import Mapping

from mailock.core.authentication import documents, steps
from mailock.core.authentication.authentication import Authentication
from mailock.core.authentication.fields import as_crlf
from mailock.core.authentication.questions import Ask, Question, Reply, Steps, T
from mailock.core.authentication.zone import Zone, read
from mailock.engines.authentication import arithmetic
from mailock.engines.authentication.answers import FromZone
from mailock.engines.authentication.online import AuthenticationEngine, Source

NOW = 1_700_000_000.0


def asked(check: Steps[T], zone: Zone) -> T:
    """What a check comes to in a zone."""

    def answer(question: Question) -> Reply:
        return zone.answer(question) if isinstance(question, Ask) else arithmetic.check(question)

    return steps.run(check, answer)


def authenticated(
    message: bytes,
    names: Mapping[str, object],
    *,
    ip: str = "192.0.2.1",
    helo: str = "mx.sender.example",
    sender: str = "",
    now: float = NOW,
) -> Authentication:
    """Everything that is known of the sender; the evidence goes through its document, as out of the jail."""
    evidence = documents.read(documents.write(documents.evidence(as_crlf(message)[0], "mx.receiver.example")))
    engine = AuthenticationEngine(FromZone(read(names)), receiver="mx.receiver.example", now=lambda: now)
    return asyncio.run(engine.judge(Source(ip=ip, untrusted_helo=helo, untrusted_sender=sender), evidence))

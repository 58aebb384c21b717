"""What the bytes of a message say of who sent it, read in a jail that is made for it: for `mailock auth`."""

import os
from dataclasses import replace
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.authentication import documents
from mailock.core.authentication.documents import BadDocument, Evidence
from mailock.engines.authentication.jailed import EVIDENCE
from mailock.engines.yara.ruleset import RuleSet
from mailock.ports.bodies import in_memory
from mailock.ports.jail import End, Job
from mailock.processes.charter import Charter
from mailock.processes.jailing import jail_of
from mailock.processes.means import Means

SECONDS: Final = 30.0
_NO_RULES: Final = RuleSet(version="", files=0, kinds={}, uses_names=False, code=b"")


class Unreadable(Exception):
    """The jail could not read the message, or what it said is not to be believed; the sentence says why."""


async def evidence_of(message: bytes, identifier: str, means: Means) -> Evidence:
    """What a message with CRLF line ends says; `identifier` is our host name. Raises NoJail and Unreadable."""
    charter = Charter(engines=(), settings=EngineSettings(), rules=_NO_RULES.write()).write()
    jail = jail_of(replace(means, workers=1), charter)
    body = in_memory(message)
    try:
        await jail.start()
        ended = await jail.run(Job(task=EVIDENCE, order=identifier.encode(), body=body, seconds=SECONDS))
    finally:
        os.close(body)
        await jail.close()
    if ended.end is not End.DONE or len(ended.untrusted_frames) != 1:
        raise Unreadable(f"the jail could not read the message: {ended.detail or ended.end.value}")
    try:
        return documents.read(ended.untrusted_frames[0].decode("ascii"))
    except (UnicodeDecodeError, BadDocument) as fault:
        raise Unreadable(f"what the jail says of the message cannot be read: {fault}") from None

"""Reading what a message says: a right of its own, which leaves a trace in the message's history."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.events import Noted
from mailock.core.mail.message import Message
from mailock.core.mail.shown import cleaned
from mailock.core.mime.headers import LOOKED_AT, fields, header_block
from mailock.operations.desk import Desk
from mailock.ports.bodies import in_memory
from mailock.ports.commands import Refused, Speaker


async def header_lines(desk: Desk, message: Message, speaker: Speaker, what: str = "header") -> list[str]:
    """The header fields of a message, unfolded, a line each. Who read them, or more, is noted first. Raises Refused."""
    noted = Noted(queue_id=message.queue_id, at=desk.clock.now(), text=f"Its {what} was read by {speaker.name}")
    await desk.queue.commit(Commit(events=(noted,)), keep_lease=True)
    try:
        content = await _first_bytes(desk, message)
    except (OSError, KeyError) as fault:
        raise Refused(f"the content cannot be read: {fault}") from None
    lines = []
    for field in fields(header_block(content)):
        name = field.name.decode("ascii") + ": " if field.name else ""
        lines.append(cleaned(name + field.value.decode("utf-8", "replace")))
    return lines


@asynccontextmanager
async def lent(desk: Desk, message: Message) -> AsyncIterator[int]:
    """A descriptor of a message's octets, closed at the end. Raises OSError, KeyError."""
    if message.body.inline:
        body = in_memory(await desk.queue.small_body(message.body))
    else:
        body = await desk.bodies.descriptor(message.body)
    try:
        yield body
    finally:
        os.close(body)


async def _first_bytes(desk: Desk, message: Message) -> bytes:
    if message.body.inline:
        return await desk.queue.small_body(message.body)
    found = bytearray()
    async for chunk in desk.bodies.read(message.body):
        found += chunk
        if len(found) >= LOOKED_AT:
            break
    return bytes(found)

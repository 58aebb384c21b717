"""Giving the gateway mail, and asking it what it has."""

import json
from typing import Any

from tests.parts.mailock import Mailock
from tests.parts.talk import talk


def rows(gateway: Mailock, group: str, *arguments: str) -> list[dict[str, Any]]:
    """What `queue list`, `quarantine list` or `shunt list` prints."""
    done = gateway.run(group, "list", "--json", *arguments)
    return [json.loads(line) for line in done.stdout.splitlines()]


async def submit(gateway: Mailock, *recipients: str, subject: str = "hello") -> None:
    """Gives the gateway a message."""
    async with talk(gateway.address) as client:
        await client.hello()
        content = f"Subject: {subject}\r\nFrom: alice@source.test\r\n\r\nhello\r\n".encode()
        said = await client.message("alice@source.test", recipients, content)
        assert said.code == 250, said

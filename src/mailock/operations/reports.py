"""Sending somebody a report: a file that the console made of a view, as mail of our own (DECISIONS 15)."""

import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from msgspec import Meta, Struct

from mailock.config.names import address
from mailock.core.mail.address import Address
from mailock.core.mail.message import DEFAULT_SYSTEM, QueueId, show_id
from mailock.core.notices.notice import Enclosed
from mailock.core.policy.installed import Installed
from mailock.core.routing.direction import Refusal, place_own
from mailock.operations.filtering import read_arguments
from mailock.ports.commands import Arguments, Command, Refused, Speaker

MOST_RECIPIENTS: Final = 20
LARGEST: Final = 2_900_000
"""Octets of the file: a request holds no more."""
Post = Callable[[str, str, tuple[str, ...], Enclosed], Awaitable[QueueId]]


class Sending(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `report.send`. `content` is Base64."""

    to: Annotated[list[str], Meta(min_length=1, max_length=MOST_RECIPIENTS)]
    subject: Annotated[str, Meta(max_length=200)]
    text: Annotated[str, Meta(max_length=4000)]
    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,80}\.[a-z]{3,4}$")]
    media: Annotated[str, Meta(pattern=r"^[a-z0-9/.+-]{3,100}$")]
    content: str


def commands(post: Post, standing: Callable[[], Installed]) -> dict[str, Command]:
    """`report.send`."""

    async def send(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Sending)
        try:
            content = b64decode(given.content, validate=True)
        except binascii.Error as fault:
            raise ValueError(f"the report's content is no Base64: {fault}") from None
        to = tuple(dict.fromkeys(address(one) for one in given.to))
        may_go(standing(), to)
        enclosed = Enclosed(name=given.name, media=given.media, content=content)
        return {"id": show_id(await post(given.subject, given.text, to, enclosed))}

    return {"report.send": send}


def may_go(installed: Installed, to: tuple[str, ...]) -> None:
    """Raises Refused where mail of ours to one of these has no route, or none may leave (DECISIONS 17)."""
    if installed.routes.monitor_only:
        raise Refused("nothing is enforced here (every rule leads nowhere), so no report leaves either")
    for one in to:
        placed = place_own(installed.routes, DEFAULT_SYSTEM, Address(*one.rpartition("@")[::2]))
        if isinstance(placed, Refusal):
            raise Refused(f"no report can go to {one}: {placed.why}")

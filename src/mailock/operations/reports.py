"""Mail of our own that people order (DECISIONS 15): a report, which the console made of a view, and a test."""

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
Submit = Callable[[str, str, tuple[str, ...]], Awaitable[QueueId]]


class Sending(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `report.send`. `content` is Base64."""

    to: Annotated[list[str], Meta(min_length=1, max_length=MOST_RECIPIENTS)]
    subject: Annotated[str, Meta(max_length=200)]
    text: Annotated[str, Meta(max_length=4000)]
    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,80}\.[a-z]{3,4}$")]
    media: Annotated[str, Meta(pattern=r"^[a-z0-9/.+-]{3,100}$")]
    content: str


class Testing(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `mail.test`."""

    to: Annotated[str, Meta(max_length=320)]


def commands(post: Post, submit: Submit, standing: Callable[[], Installed]) -> dict[str, Command]:
    """`report.send`, `mail.test`."""

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

    async def test(arguments: Arguments, speaker: Speaker) -> object:
        to = address(read_arguments(arguments, Testing).to)
        installed = standing()
        may_go(installed, (to,))
        here = installed.hostname
        text = f"This mail shows that Mailock on {here} reaches your mail server.\n\n{speaker.name} sent it.\n"
        return {"id": show_id(await submit(f"A test from {here}", text, (to,)))}

    return {"report.send": send, "mail.test": test}


def may_go(installed: Installed, to: tuple[str, ...]) -> None:
    """Raises Refused where mail of ours to one of these has no route, or none may leave (DECISIONS 17)."""
    if installed.routes.monitor_only:
        raise Refused("nothing is enforced here (every rule leads nowhere), so no mail of ours leaves either")
    for one in to:
        placed = place_own(installed.routes, DEFAULT_SYSTEM, Address(*one.rpartition("@")[::2]))
        if isinstance(placed, Refusal):
            raise Refused(f"no mail of ours can go to {one}: {placed.why}")

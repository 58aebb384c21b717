"""Links that ask us before they lead on: what a rewritten link says, signed, and for how long it holds (DECISIONS 29).

A token is `v1.KEY.PAYLOAD.TAG`: the name of the key, the payload, and the HMAC-SHA-256 of all before it, each of the
last two in URL-safe Base64 without padding (RFC 4648 section 5). The payload is an array in JSON: when it ends (Unix
time), the virtual system, the recipient, the URL. Nothing in it is secret, and nothing of it is believed unless the tag
holds: who makes a token for another URL, another recipient or a longer time needs the key. A token that does not hold
shows a text; it never leads anywhere.

Keys are handed in: the first signs, all of them verify, so that a key can be changed while links that it signed live.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.rewriting.edits import ReplaceLink

VERSION: Final = "v1"
SHORTEST_KEY: Final = 32
LONGEST_TOKEN: Final = 8_192
"""Letters of a token; a longer one is not looked at."""
LONGEST_URL: Final = 2_048
"""Letters of a URL that is put into a token; a longer one is neutralised instead."""
_LEADS: Final = ("http://", "https://", "ftp://")


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of at least 32 octets, and the name by which a token says that it was signed with it."""

    name: str
    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_KEY:
            raise ValueError(f"key {self.name} has {len(self.secret)} octets; it needs {SHORTEST_KEY}")
        if not self.name.isascii() or not self.name.isalnum():
            raise ValueError(f"{self.name!r} is no name for a key: letters and digits make one")

    def __repr__(self) -> str:
        return f"Key({self.name!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """What a token says."""

    url: str
    recipient: str
    system: str
    until: int
    """Unix time at which it ends, in whole seconds."""


class Invalid(Enum):
    """Why a token does not hold. The value is for people."""

    GARBLED = "this is no link of ours, or it was cut on its way"
    FORGED = "this link was not made by us, or it was changed"
    UNKNOWN_KEY = "this link was signed with a key that is no longer in use"
    EXPIRED = "this link has expired"
    ELSEWHERE = "this link leads to something that is no web page"


def token(click: Click, keys: Sequence[Key]) -> str:
    """The token for a click, signed with the first key."""
    payload = json.dumps([click.until, click.system, click.recipient, click.url], separators=(",", ":"))
    said = f"{VERSION}.{keys[0].name}.{_coded(payload.encode('ascii'))}"
    return f"{said}.{_coded(_tag(said, keys[0]))}"


def read_token(untrusted: str, keys: Sequence[Key], now: float) -> Click | Invalid:
    """What a token says, where it holds."""
    parts = untrusted.split(".")
    if len(untrusted) > LONGEST_TOKEN or len(parts) != 4 or parts[0] != VERSION or not untrusted.isascii():
        return Invalid.GARBLED
    key = next((each for each in keys if each.name == parts[1]), None)
    if key is None:
        return Invalid.UNKNOWN_KEY
    said, _, tag = untrusted.rpartition(".")
    if not hmac.compare_digest(_coded(_tag(said, key)), tag):
        return Invalid.FORGED
    try:
        until, system, recipient, url = json.loads(_decoded(parts[2]))
    except (ValueError, TypeError):
        return Invalid.GARBLED
    if not isinstance(until, int) or not all(isinstance(each, str) for each in (system, recipient, url)):
        return Invalid.GARBLED
    if now >= until:
        return Invalid.EXPIRED
    if not url.lower().startswith(_LEADS):
        return Invalid.ELSEWHERE
    return Click(url=url, recipient=recipient, system=system, until=until)


def may_be_rewritten(url: str) -> bool:
    """Whether a link leads to a page, and is short enough for a token."""
    return url.lower().startswith(_LEADS) and len(url) <= LONGEST_URL


def rewritten(link: ReplaceLink, click: Click, keys: Sequence[Key], page: str) -> ReplaceLink:
    """The order to have a link ask us first. `page`: where click pages are, `https://portal.example/click`."""
    return ReplaceLink(
        part=link.part,
        untrusted_raw=link.untrusted_raw,
        replacement=f"{page.rstrip('/')}/{token(click, keys)}",
        clickable=True,
    )


def _tag(said: str, key: Key) -> bytes:
    return hmac.digest(key.secret, said.encode("ascii"), "sha256")


def _coded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))

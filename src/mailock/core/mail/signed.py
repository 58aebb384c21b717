"""Words that we sign and believe when they come back: what our links say, to whom, and for how long (DECISIONS 29).

A token is `v1.KEY.PAYLOAD.TAG`: the name of the key, the payload, and the HMAC-SHA-256 of all before it, each of the
last two in URL-safe Base64 without padding (RFC 4648 section 5). The payload is an array in JSON: what the token is
for, when it ends (Unix time), and some texts. Nothing in it is secret, and nothing of it is believed unless the tag
holds. What a token is for is signed with it, so that a link to one thing never opens another.

Keys are handed in: the first signs, all of them verify, so that a key can be changed while what it signed lives.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

VERSION: Final = "v1"
SHORTEST_KEY: Final = 32
LONGEST_TOKEN: Final = 8_192
"""Letters of a token; a longer one is not looked at."""


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


class Invalid(Enum):
    """Why a token does not hold. The value is for people."""

    GARBLED = "this is no link of ours, or it was cut on its way"
    FORGED = "this link was not made by us, or it was changed"
    UNKNOWN_KEY = "this link was signed with a key that is no longer in use"
    EXPIRED = "this link has expired"
    ELSEWHERE = "this link leads to something that is no web page"


@dataclass(frozen=True, slots=True)
class Said:
    """What a token says that holds."""

    until: int
    """Unix time at which it ends, in whole seconds."""
    words: tuple[str, ...]


def token(purpose: str, until: int, words: Sequence[str], keys: Sequence[Key]) -> str:
    """A token for some purpose, signed with the first key."""
    payload = json.dumps([purpose, until, *words], separators=(",", ":"))
    said = f"{VERSION}.{keys[0].name}.{_coded(payload.encode('ascii'))}"
    return f"{said}.{_coded(_tag(said, keys[0]))}"


def read_token(untrusted: str, purpose: str, count: int, keys: Sequence[Key], now: float) -> Said | Invalid:
    """What a token says, where it holds, is for this purpose and has `count` words."""
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
        meant, until, *words = json.loads(_decoded(parts[2]))
    except (ValueError, TypeError):
        return Invalid.GARBLED
    if meant != purpose or not isinstance(until, int) or len(words) != count:
        return Invalid.GARBLED
    if not all(isinstance(each, str) for each in words):
        return Invalid.GARBLED
    return Invalid.EXPIRED if now >= until else Said(until, tuple(words))


def _tag(said: str, key: Key) -> bytes:
    return hmac.digest(key.secret, said.encode("ascii"), "sha256")


def _coded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))

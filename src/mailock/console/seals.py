"""Tickets: what a browser carries from one step of a sign-in to the next, and can neither make nor change.

Each is sealed with a key that ends with the process, is for one purpose, has an end, and can be used up once. Nothing
is kept of a ticket until it is used up, so that whoever asks for many fills nothing and pushes nobody out.
"""

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from typing import Final

import msgspec

MOST: Final = 10_000
"""How many that were used up are remembered; beyond, the oldest are forgotten."""
SECONDS: Final = 300.0
"""How long a ticket holds."""


class Seals:
    """The key, and what was used up. Any thread."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def seal(self, purpose: str, told: Mapping[str, str], now: float) -> str:
        """A ticket, different each time."""
        body = msgspec.json.encode((secrets.token_urlsafe(16), now + SECONDS, dict(told)))
        return f"{_text(body)}.{_text(self._mark(purpose, body))}"

    def open(self, purpose: str, ticket: str, now: float) -> Mapping[str, str] | None:
        """What a ticket of ours says; None for one that is not, or is too old, or is used up."""
        said, _, mark = ticket.partition(".")
        try:
            body, seen = _octets(said), _octets(mark)
        except ValueError:
            return None
        if not hmac.compare_digest(self._mark(purpose, body), seen):
            return None
        _, until, told = msgspec.json.decode(body, type=tuple[str, float, dict[str, str]])
        with self._lock:
            return None if now > until or digest(ticket) in self._used else told

    def use_up(self, ticket: str, now: float) -> bool:
        """Whether this is the first time; afterwards the ticket opens no more."""
        which = digest(ticket)
        with self._lock:
            if which in self._used:
                return False
            if len(self._used) >= MOST:
                self._used = {one: at for one, at in self._used.items() if now - at <= SECONDS}
            if len(self._used) >= MOST:
                del self._used[next(iter(self._used))]
            self._used[which] = now
            return True

    def _mark(self, purpose: str, body: bytes) -> bytes:
        return hmac.digest(self._key, f"{purpose}\0".encode() + body, "sha256")


def digest(ticket: str) -> bytes:
    """32 octets that stand for a ticket."""
    return hashlib.sha256(ticket.encode("utf-8", "replace")).digest()


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode("ascii")


def _octets(text: str) -> bytes:
    octets = base64.urlsafe_b64decode(text)
    if _text(octets) != text:
        raise ValueError("not as we write it")  # Else one ticket could be written in many ways, each used up once.
    return octets

"""Accounts of internal submitters: a file with one `name:hash` a line, hashed with scrypt (RFC 7914).

A hash reads `scrypt$N$r$p$SALT$KEY`, salt and key in Base64. The file is read again when it has changed.
"""

import asyncio
import base64
import hashlib
import hmac
import os
from pathlib import Path
from typing import Final

COST: Final = 1 << 15
BLOCK: Final = 8
PARALLEL: Final = 1
_MEMORY: Final = 256 << 20
_NOBODY: Final = "scrypt$32768$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
"""Compared with where there is no such account, so that the time of the answer says nothing."""


class UsersFile:
    """The file; None: nobody has an account."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    async def check(self, name: str, password: str) -> bool:
        """Whether this is the account's password. Hashing takes a tenth of a second, off the loop. Raises OSError."""
        return await asyncio.to_thread(self._check, name, password)

    def _check(self, name: str, password: str) -> bool:
        stored = self._hashes().get(name)
        right = verify(stored or _NOBODY, password)
        return right and stored is not None

    def _hashes(self) -> dict[str, str]:
        if self._path is None:
            return {}
        lines = self._path.read_text("utf-8").splitlines()
        pairs = (line.strip().rpartition(":") for line in lines if line.strip() and not line.startswith("#"))
        return {name: hashed for name, _, hashed in pairs}


def make_hash(password: str) -> str:
    """The hash of a new password."""
    salt = os.urandom(16)
    key = _key(password, salt, COST, BLOCK, PARALLEL)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def verify(stored: str, password: str) -> bool:
    """Whether a password has this hash. A hash that is none is nobody's."""
    try:
        kind, cost, block, parallel, salt, key = stored.split("$")
        if kind != "scrypt":
            return False
        made = _key(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
        return hmac.compare_digest(made, base64.b64decode(key))
    except ValueError:
        return False


def _key(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, n=cost, r=block, p=parallel, maxmem=_MEMORY, dklen=32)

"""Accounts of internal submitters: a file with one `name:hash` a line, hashed with scrypt (RFC 7914).

A hash reads `scrypt$N$r$p$SALT$KEY`, salt and key in Base64; `mailock user hash` makes a line. The file is read anew
for each sign-in, so a change holds at once.
"""

import asyncio
import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Final

COST: Final = 1 << 15
BLOCK: Final = 8
PARALLEL: Final = 1
_MEMORY: Final = 256 << 20
_KEY: Final = 32
_NOBODY: Final = "scrypt$32768$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
"""Compared with where there is no such account, so that the time of the answer says nothing."""


class UsersFile:
    """The file; None: nobody has an account."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> dict[str, str]:
        """The hash of each account. Raises OSError, or ValueError for a line that is none, with a sentence."""
        if self._path is None:
            return {}
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as fault:
            why = getattr(fault, "strerror", None) or "it is not UTF-8"
            raise OSError(f"the users_file {self._path} cannot be read ({why}): check its name and owner") from None
        found: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            name, _, hashed = line.strip().rpartition(":")
            if not name or not is_hash(hashed) or name in found:
                what = f"the second line for {name}" if name in found else "no `name:hash`"
                raise ValueError(f"{self._path}:{number}: this is {what}: make the line with `mailock user hash`")
            found[name] = hashed
        return found

    async def check(self, name: str, password: str) -> bool:
        """Whether this is the account's password. Hashing takes a tenth of a second, off the loop. Raises OSError."""
        return await asyncio.to_thread(self._check, name, password)

    def _check(self, name: str, password: str) -> bool:
        stored = self.read().get(name)
        right = verify(stored or _NOBODY, password)
        return right and stored is not None


def make_hash(password: str) -> str:
    """The hash of a new password."""
    salt = os.urandom(16)
    key = _key(password, salt, COST, BLOCK, PARALLEL)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${b64encode(salt).decode()}${b64encode(key).decode()}"


def is_hash(text: str) -> bool:
    """Whether a text is a hash of ours."""
    return _parts(text) is not None


def verify(stored: str, password: str) -> bool:
    """Whether a password has this hash. A hash that is none is nobody's."""
    parts = _parts(stored)
    if parts is None:
        return False
    cost, block, parallel, salt, key = parts
    return hmac.compare_digest(_key(password, salt, cost, block, parallel), key)


def _parts(stored: str) -> tuple[int, int, int, bytes, bytes] | None:
    """Cost, block size, parallelism, salt and key; None where a text is no hash, or one that would take too much."""
    try:
        kind, cost, block, parallel, salt, key = stored.split("$")
        parts = (int(cost), int(block), int(parallel), b64decode(salt, validate=True), b64decode(key, validate=True))
    except ValueError:
        return None
    fits = 1 < parts[0] <= 1 << 20 and parts[0] & (parts[0] - 1) == 0 and 128 * parts[0] * parts[1] < _MEMORY
    return parts if kind == "scrypt" and fits and parts[1] > 0 and parts[2] > 0 and len(parts[4]) == _KEY else None


def _key(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, n=cost, r=block, p=parallel, maxmem=_MEMORY, dklen=_KEY)

"""`links.key`: the secrets that sign our links. Only mailflow reads them; the portal never has them.

A line for each: name, secret in hexadecimal digits, when it was made in Unix seconds. The newest signs, and every
`NEW_EVERY` a newer one is added; older ones verify for as long as a link may live that they signed.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from mailock.core.mail.signed import Key

FILE: Final = "links.key"
NEW_EVERY: Final = 90 * 86_400.0
KEPT: Final = 500 * 86_400.0
"""Seconds; the longest life that settings can give a link is a year."""


class LinkKeys:
    """The keys, newest first."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._keys: list[tuple[Key, float]] = []

    def load(self, now: float) -> None:
        """Reads them, and makes one where there is none, or none that is new. Blocks.

        Raises OSError, and ValueError with a sentence where the file is not as we write it.
        """
        known = list(self._read())
        kept = [one for one in known if now - one[1] < KEPT]
        if not kept or now - kept[0][1] >= NEW_EVERY:
            kept.insert(0, (Key(f"k{int(now)}", secrets.token_bytes(32)), now))
        if kept != known:
            self._write(kept)
        self._keys = kept

    @property
    def keys(self) -> tuple[Key, ...]:
        """For signing and verifying."""
        return tuple(key for key, _ in self._keys)

    def renew(self, now: float) -> None:
        """The same as `load`, where it is time for a new one. Blocks."""
        if self._keys and now - self._keys[0][1] >= NEW_EVERY:
            self.load(now)

    def _read(self) -> list[tuple[Key, float]]:
        if not self._path.exists():
            return []
        found = []
        for number, line in enumerate(self._path.read_text("ascii").splitlines(), 1):
            try:
                name, secret, made = line.split()
                found.append((Key(name, bytes.fromhex(secret)), float(made)))
            except ValueError:
                raise ValueError(
                    f"{self._path}: line {number} is no key: remove it; links that it signed then no longer hold"
                ) from None
        return sorted(found, key=lambda one: -one[1])

    def _write(self, keys: list[tuple[Key, float]]) -> None:
        new = self._path.with_suffix(".new")
        lines = "".join(f"{key.name} {key.secret.hex()} {made:.0f}\n" for key, made in keys)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as out:
            out.write(lines)
            out.flush()
            os.fsync(file)
        new.replace(self._path)

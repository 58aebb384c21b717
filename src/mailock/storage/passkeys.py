"""Passkeys and security keys (WebAuthn) of people of the console: public keys, and how often each was used.

They stand in `console.db`; the secret of each is in its owner's device and never here. All calls block.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST: Final = 20
"""Passkeys of one person."""
_COLUMNS: Final = "number, person, name, handle, credential, public, count, created, used"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as it is kept."""

    number: int
    person: str
    name: str
    handle: bytes
    """What its owner is called in devices: random, and the same for all of a person's passkeys."""
    credential: bytes
    """Its identifier, chosen by the device."""
    public: bytes
    """The public key, as COSE writes it (RFC 9052)."""
    count: int
    """The signature counter that it last told; 0 where the device has none."""
    created: float
    used: float | None


class Passkeys:
    """The passkeys of everybody."""

    def __init__(self, rows: Callable[..., list[tuple[Any, ...]]]) -> None:
        """`rows` runs a statement."""
        self._rows = rows

    def add(
        self, person: str, name: str, *, handle: bytes, credential: bytes, public: bytes, count: int, now: float
    ) -> None:
        """Keeps a new one. Raises ValueError with a sentence."""
        if not 1 <= len(name) <= 64 or not name.isprintable():
            raise ValueError("a passkey has a name of 1 to 64 characters")
        if len(self.of(person)) >= MOST:
            raise ValueError(f"a person has at most {MOST} passkeys: remove one first")
        added = self._rows(
            "INSERT INTO passkey(person, name, handle, credential, public, count, created) VALUES(?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING RETURNING 1",
            person,
            name,
            handle,
            credential,
            public,
            count,
            now,
        )
        if not added:
            raise ValueError("this passkey is registered already")

    def of(self, person: str) -> Sequence[Passkey]:
        """Those of a person, the oldest first."""
        found = self._rows(f"SELECT {_COLUMNS} FROM passkey WHERE person = ? ORDER BY number", person)
        return [Passkey(*row) for row in found]

    def known(self, credential: bytes) -> Passkey | None:
        """The one with this identifier."""
        found = self._rows(f"SELECT {_COLUMNS} FROM passkey WHERE credential = ?", credential)
        return Passkey(*found[0]) if found else None

    def handle(self, person: str) -> bytes:
        """What a person is called in devices."""
        others = self.of(person)
        return others[0].handle if others else secrets.token_bytes(32)

    def use(self, passkey: Passkey, count: int, now: float) -> bool:
        """Notes a use. False where it was used, or removed, since it was read."""
        return bool(
            self._rows(
                "UPDATE passkey SET count = ?, used = ? WHERE number = ? AND count = ? AND used IS ? RETURNING 1",
                count,
                now,
                passkey.number,
                passkey.count,
                passkey.used,
            )
        )

    def remove(self, person: str, number: int) -> str | None:
        """Removes one of a person's; its name, or None where there was none."""
        found = self._rows("DELETE FROM passkey WHERE person = ? AND number = ? RETURNING name", person, number)
        return found[0][0] if found else None

    def remove_all(self, person: str) -> None:
        """Removes all of a person's: they were lost."""
        self._rows("DELETE FROM passkey WHERE person = ?", person)

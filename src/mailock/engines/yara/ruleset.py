"""Compiled rules as they are handed into the jail: one value, and its bytes.

The bytes hold machine code. They are made on our side of the door from rules that the administrator wrote, and read
inside; they are never taken from anywhere else, and never back out of the jail.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import msgspec
import yara_x

_MAGIC: Final = b"mailock-yara-1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Rules, compiled."""

    version: str
    """Of the library and of the sources: other rules, another version."""
    files: int
    """How many files of the administrator's went into it."""
    kinds: dict[str, str]
    """Every kind that its rules may report, with a sentence."""
    uses_names: bool
    """Whether a rule asks for the part's name or type, so that the same content may come out differently."""
    code: bytes

    def write(self) -> bytes:
        """The bytes, which `read` takes."""
        return _MAGIC + msgspec.msgpack.encode(self)

    @classmethod
    def read(cls, octets: bytes) -> "RuleSet":
        """Raises ValueError for bytes that `write` of this version did not make."""
        if not octets.startswith(_MAGIC):
            raise ValueError("these are no compiled rules, or those of another version")
        try:
            return msgspec.msgpack.decode(memoryview(octets)[len(_MAGIC) :], type=cls)
        except msgspec.MsgspecError as fault:
            raise ValueError(f"these are no compiled rules: {fault}") from None

    def rules(self) -> yara_x.Rules:
        """The rules, ready to scan. Raises ValueError where another version of the library made them."""
        try:
            return yara_x.Rules.deserialize_from(BytesIO(self.code))
        except Exception as fault:
            # The library has no type of its own for this.
            raise ValueError(f"the compiled rules cannot be read: {fault}") from None

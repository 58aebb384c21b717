"""Values that every message makes many of: frozen for whoever writes code, made at the price of an ordinary class.

A frozen dataclass sets each field through `object.__setattr__`, since its own refuses: five times what an ordinary
assignment takes, and a message that is taken and relayed makes some seventy values of 260 fields. So `value` is
`dataclass(frozen=True)` to the type checker, which refuses every assignment, and at run time a dataclass that is equal
and hashed by its fields and refuses nothing. It is for the hot path; everywhere else the plain `dataclass` stands.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from dataclasses import dataclass

    def value(cls=None, *, frozen, slots, kw_only=False):
        """`dataclass`, with hashes as those of a frozen one has; always called with `frozen=True, slots=True`."""
        assert frozen and slots, "a value is frozen and has slots"
        return dataclass(cls, slots=True, unsafe_hash=True, kw_only=kw_only)


__all__ = ["value"]

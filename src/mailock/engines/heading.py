"""The header fields of a message: taken apart once for the engines that look at it as its reader does.

No engine: engines share it, as they do `page`. Two of them look at one message one after the other, in its process.
"""

from functools import lru_cache

from mailock.core.mime.headers import LOOKED_AT, Field, fields
from mailock.core.mime.part import Anatomy


def heading(anatomy: Anatomy) -> tuple[Field, ...]:
    """The fields of the message itself, in order; of those behind the first 64 KiB none."""
    return _fields(anatomy.raw_header(anatomy.root)[:LOOKED_AT])


@lru_cache(maxsize=1)
def _fields(block: bytes) -> tuple[Field, ...]:
    return fields(block)


def forget() -> None:
    """Drops what is kept, as a new process has it: for measuring."""
    _fields.cache_clear()

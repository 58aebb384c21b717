"""What the jail's workers are told at their start: which engines they make, and from what.

No secret stands in it: a job can read it in its memory.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from mailock.config.engines import EngineSettings
from mailock.engines.yara.ruleset import RuleSet

MANIFESTS: Final = "manifests"
"""The task that says which engines were made: asked once, before any mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """One installed set of jailed engines."""

    engines: tuple[str, ...]
    """Names, in the order in which they look."""
    settings: EngineSettings
    rules: bytes
    """The compiled YARA rules (`engines.yara.ruleset`)."""

    def write(self) -> bytes:
        """The document."""
        return msgspec.msgpack.encode(self)


def read_charter(document: bytes) -> tuple[Charter, RuleSet]:
    """The charter and its rules, inside the worker. Raises ValueError where another version wrote it."""
    try:
        charter = msgspec.msgpack.decode(document, type=Charter)
    except msgspec.MsgspecError as fault:
        raise ValueError(f"the charter cannot be read: {fault}") from None
    return charter, RuleSet.read(charter.rules)

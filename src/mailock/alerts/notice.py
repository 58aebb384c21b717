"""An alert as it leaves us: worded once, for every way of sending."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a channel sends. `repeated`: how many alerts of this kind, about this, came since the last that was sent."""

    kind: str
    about: str
    text: str
    at: float
    node: str
    repeated: int = 0

    @property
    def when(self) -> str:
        """The moment in UTC, to the second (ISO 8601)."""
        return datetime.fromtimestamp(self.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def sentence(self) -> str:
        """The whole of it in one line without control characters: what it is about may have come from outside."""
        more = f" ({self.repeated} more like this since the last time)" if self.repeated else ""
        line = f"{self.kind}: {self.text}{more}"
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


class NotSent(Exception):
    """A channel gave up on a notice; the text is a sentence that gives no secret away."""


class Channel(Protocol):
    """One way of telling people."""

    @property
    def name(self) -> str:
        """What people call it: `mail`, `webhook`."""
        ...

    async def send(self, notice: Notice) -> None:
        """Sends one notice, trying again itself where that makes sense. Raises NotSent."""
        ...

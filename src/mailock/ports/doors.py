"""The doors: whether mail is taken in at all."""

from typing import Protocol


class Doors(Protocol):
    """What shuts and opens them. Connections that stand are told at their next command."""

    def close(self, why: str) -> None:
        """From now on every client is answered 421; `why` is a sentence for the log."""
        ...

    def remove(self, why: str) -> None:
        """From now on nobody is listening at all; `why` is for those whose connections stand."""
        ...

    def open(self) -> None:
        """Mail is taken again."""
        ...

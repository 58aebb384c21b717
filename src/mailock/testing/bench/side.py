"""One side of a comparison: a mail server that can be started on loopback with its files on a disk that we chose."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from mailock.testing.bench.programs import Started


class After(Enum):
    """What a side does with a message once it has answered 250."""

    HOLD = "hold"
    """It keeps it and does not try to deliver."""
    RELAY = "relay"
    """It hands it to the next hop at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate and its key, each a PEM file."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a side is to be set up for. `folder` exists and is the side's own: empty, or as its last run left it."""

    folder: Path
    port: int
    """Where it is to listen on loopback; the same when it is started again on the same folder."""
    after: After
    next_hop: int
    """The port on loopback that all mail goes to; nothing need listen there when it is held."""
    sessions: int
    """How many connections at once the side must be able to serve."""
    size_limit: int
    """Bytes of the largest message."""
    certificate: Certificate | None
    """With one, STARTTLS is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A side that takes mail on its port, and the process above all of its processes."""

    port: int
    process: Started


class Side(Protocol):
    """A mail server that the bench can start again and again."""

    @property
    def name(self) -> str:
        """How tables and options call it: `mailock`, `postfix` …"""
        ...

    def prepare(self) -> str:
        """Finds or installs what is needed, and says which version. Raises CannotMeasureError when it cannot be had."""
        ...

    def settings(self) -> tuple[str, ...]:
        """What differs from how it comes, and how it syncs: one sentence each, for the reader of the figures."""
        ...

    def serve(self, task: Task) -> AbstractContextManager[Serving]:
        """Starts it, until the block ends. Raises CannotMeasureError when it does not come up."""
        ...

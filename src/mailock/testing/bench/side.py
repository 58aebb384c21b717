"""One side of a comparison: a mail server that can be started on loopback with its files on a disk that we chose."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from mailock.testing.bench.programs import Started, memory, processor_seconds


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
class Scan:
    """That content is to be looked at, and whom a side may ask about it."""

    resolver: int
    """The port of a resolver on loopback."""
    clamd: Path | None
    """The socket of a clamd; without one, viruses are left to what the side itself has."""
    passing: bool
    """Whether everything goes on to the next hop, whatever is found: for mail of all sorts."""
    settled: bool
    """Whether a side is first waited for until it has done what it does once after its start."""


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
    scan: Scan | None = None
    """None: mail is carried, and nobody looks at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A side that takes mail on its port, and the process above all of its processes."""

    port: int
    process: Started
    beside: tuple[Started, ...] = ()
    """Other processes of the side, which stand below no common one."""

    def processor_seconds(self) -> float:
        """What all of its processes have used so far."""
        return sum(processor_seconds(one.pid) for one in (self.process, *self.beside))

    def memory(self) -> int:
        """Bytes of all of its processes (PSS)."""
        return sum(memory(one.pid) for one in (self.process, *self.beside))


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

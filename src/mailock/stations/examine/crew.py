"""Who looks at mail: the engines that are installed and switched on, and what may be spent on one message."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailock.core.evidence.manifest import Manifest
from mailock.core.evidence.report import Why
from mailock.core.evidence.wording import Sought
from mailock.ports.engine import Authenticator, Concluding, External, Online
from mailock.ports.jail import Jail


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """An engine that exists and does not look: named in the coverage, and not due."""

    engine: str
    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one message may cost. Sizes are octets."""

    depth: int = 16
    """Containers within containers."""
    files: int = 10_000
    octets: int = 512 << 20
    """What all that is unpacked may come to."""
    ratio: int = 1000
    seconds: float = 60.0
    """In the jail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """One installed set of engines. An install swaps the whole of it."""

    jail: Jail
    """Where the jailed ones work."""
    jailed: tuple[Manifest, ...] = ()
    external: Sequence[External] = ()
    online: Sequence[Online] = ()
    sender: Authenticator | None = None
    """Who asks who sent it; None where nobody is to be asked."""
    concluding: Sequence[Concluding] = ()
    """Those who are heard last."""
    absent: tuple[Absent, ...] = ()
    digests: tuple[str, ...] = ()
    """What online engines know files by, besides SHA-256: `md5`, `sha1`."""
    sought: tuple[Sought, ...] = ()
    """Words that rules ask for."""
    words: tuple[str, ...] = ()
    """Configured passwords for archives and documents."""
    bounds: Bounds = field(default_factory=Bounds)

    @property
    def looks(self) -> bool:
        """Whether anybody looks at mail at all; asked for every message."""
        return bool(self.sought or self.jailed or self.external or self.online or self.sender is not None)

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """Of all that look."""
        return (
            *self.jailed,
            *(engine.manifest for engine in self.external),
            *(engine.manifest for engine in self.online),
            *((self.sender.manifest,) if self.sender is not None else ()),
            *(engine.manifest for engine in self.concluding),
        )

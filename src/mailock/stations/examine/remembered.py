"""What an answer of an external scanner depends on, and so what it is remembered by (DECISIONS 23).

A content is hashed here, on our side of the jail's door: whoever took the jail over, and says that something bad has
the hash of something good, is neither believed now nor remembered for others.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from typing import Final

from mailock.core.evidence.manifest import Manifest
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Unfinished, Why
from mailock.ports.engine import Exhibit
from mailock.ports.verdicts import Asked

AT_ONCE: Final = 256 << 10
"""Octets that are hashed on the event loop; more are hashed in a thread."""


async def asked_of(manifest: Manifest, exhibit: Exhibit, sha256: str, file: File) -> Asked:
    """What is asked of a scanner about a content of a part. Raises Unfinished where the jail lied about its hash."""
    if exhibit.size <= AT_ONCE:
        digest = _hashed(exhibit.chunks)
    else:
        digest = await asyncio.to_thread(_hashed, exhibit.chunks)
    if digest.hex() != sha256:
        raise Unfinished(Why.NONSENSE, "what came out of the jail does not have the hash that it was said to have")
    return Asked(sha256=digest, engine=manifest.name, version=manifest.version, inputs=_inputs(manifest, exhibit, file))


def _inputs(manifest: Manifest, exhibit: Exhibit, file: File) -> bytes:
    """A digest of the engine's settings, and of those circumstances of the part that its manifest declares."""
    told: list[str] = [f"settings={manifest.settings}"] if manifest.settings else []
    if "name" in manifest.needs:
        told.append(f"name={exhibit.untrusted_name}")
    if "declared" in manifest.needs:
        told.append(f"declared={','.join(file.declared)}")
    if "parent" in manifest.needs:
        told.append(f"parent={file.provenance}")
    return hashlib.sha256("\0".join(told).encode("utf-8", "replace")).digest()[:16] if told else b""


def _hashed(chunks: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.digest()

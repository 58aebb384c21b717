"""Contents for external scanners."""

from mailock.core.mime.part import PartPath
from mailock.ports.engine import Exhibit


def exhibit(content: bytes, *, piece: int = 65_536, name: str = "") -> Exhibit:
    """A content that can be gone through any number of times."""
    chunks = [content[start : start + piece] for start in range(0, len(content), piece)]
    return Exhibit(part=PartPath("1.2"), size=len(content), chunks=chunks, untrusted_name=name)

"""Mail written for training."""

from collections.abc import Iterator


def written() -> Iterator[tuple[str, str, bool, bytes]]:
    """Source, name, whether it is spam, and the octets."""
    yield from ()

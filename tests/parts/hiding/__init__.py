"""Ways to hide an attachment from a gateway that a mail client shows all the same, each as a whole message.

They come from what has been published on differences between parsers: the bugtraq threads on base64 (2003) and on
MIME::Tools (2002), Steffen Ullrich's series on MIME in mail filters and his generator of bad MIME, "Inbox Invasion"
(CCS 2024) and its MIMEminer, RFC 7103, and the issue trackers of mail libraries. Every trick is combined with every
encoding of the payload.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.parts.hiding import boundaries, decoding, encodings, headers, lines, naming, splitting
from tests.parts.hiding.payload import NAME, Trick, packed

TRICKS: Final[dict[str, tuple[Trick, str]]] = {
    **{f"header: {name}": (trick, NAME) for name, trick in headers.TRICKS.items()},
    **{f"splitting: {name}": (trick, NAME) for name, trick in splitting.TRICKS.items()},
    **{f"encoding: {name}": (trick, NAME) for name, trick in encodings.TRICKS.items()},
    **{f"boundary: {name}": (trick, NAME) for name, trick in boundaries.TRICKS.items()},
    **{f"decoding: {name}": (trick, NAME) for name, trick in decoding.TRICKS.items()},
    **{f"line: {name}": named for name, named in lines.TRICKS.items()},
    **{f"name: {name}": named for name, named in naming.TRICKS.items()},
}


@dataclass(frozen=True, slots=True)
class Hidden:
    """One trick's message."""

    trick: str
    encoding: str
    octets: bytes
    name: str
    """What a client shows as the file's name; empty where it shows none."""


def messages() -> Iterator[Hidden]:
    """Every trick in every encoding in which it makes sense."""
    for trick, (make, name) in TRICKS.items():
        for pack in packed():
            octets = make(pack)
            if octets is not None:
                shown = "" if trick.endswith("(unnamed)") else name
                yield Hidden(trick, pack.encoding, octets, shown)

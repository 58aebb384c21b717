"""Messages that can be told from each other: each bears a number of its own, and its hash says whether it is whole."""

import hashlib
import random
from dataclasses import dataclass

MARK = b"X-Crash-Number: "
LARGEST = 2 << 20
# Any octet becomes a letter of a line: printable, or over 127.
_LETTERS = bytes(0x20 + octet % 0x5F if octet < 0xC0 else octet for octet in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One message as its client writes it; `sha256` is of its content."""

    number: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    sha256: str

    @property
    def stuffed(self) -> bytes:
        """The content as it goes behind DATA, with the final dot (RFC 5321 section 4.5.2)."""
        return (b"\r\n" + self.content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


class Mint:
    """Makes messages from a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._text = _lines(self._chance, LARGEST + 65536)

    def message(self, number: str, recipients: tuple[str, ...], size: int) -> Marked:
        """A message of about so many bytes. Its lines may begin with dots and hold octets over 127."""
        head = MARK + f"{number}\r\nMessage-ID: <{number}@crash.test>\r\nSubject: {number}\r\n\r\n".encode()
        start = self._chance.randrange(65536)
        body = self._text[start : start + max(0, size - len(head) - 2)]
        # A cut may leave half a line end on either side.
        content = head + body.removeprefix(b"\n").rstrip(b"\r\n") + b"\r\n"
        return Marked(
            number=number,
            sender=f"{number}@sender.test",
            recipients=recipients,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )

    def size(self) -> int:
        """From a kibibyte to two mebibytes: most are small, and a few of every hundred are large."""
        draw = self._chance.random()
        if draw < 0.90:
            return int(1024 * 2 ** (6 * self._chance.random()))
        return int(65536 * 2 ** (5 * self._chance.random() ** 2))


def _lines(chance: random.Random, size: int) -> bytes:
    made = bytearray()
    while len(made) < size:
        dots = b"." * chance.choice((0, 0, 0, 0, 0, 1, 2))
        made += dots + chance.randbytes(chance.choice((0, 40, 70, 72, 76, 900))).translate(_LETTERS) + b"\r\n"
    return bytes(made)

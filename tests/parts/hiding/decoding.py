"""Tricks with the letters of base64 and quoted-printable that some decoder overlooks."""

import base64
from collections.abc import Callable
from functools import partial
from typing import Final

from tests.parts.hiding.payload import EOL, MIXED, PAYLOAD, TEXT, Packed, Trick, disposed, fields, mixed, top, typed

_QUADS: Final = [base64.b64encode(PAYLOAD)[at : at + 4] for at in range(0, len(base64.b64encode(PAYLOAD)), 4)]
_PAIRS: Final = [base64.b64encode(PAYLOAD[at : at + 2]) for at in range(0, len(PAYLOAD), 2)]
_ESCAPED: Final = [b"=%02X" % octet for octet in PAYLOAD]


def _part(encoding: bytes, body: bytes) -> bytes:
    header = fields(typed(), b"Content-Transfer-Encoding: " + encoding, disposed())
    return top(MIXED) + mixed(TEXT, header + body + EOL)


def _as(encoding: bytes, body: Callable[[], bytes]) -> Trick:
    """The same whatever the payload is packed in: so it is made once."""

    def make(pack: Packed) -> bytes | None:
        return _part(encoding, body()) if pack.encoding == "base64" else None

    return make


def _thunderbird() -> bytes:
    """An octet whose two lowest bits are zero fits one letter and a half; the padding moves before the second."""
    out: list[bytes] = []
    for octet in PAYLOAD:
        coded = base64.b64encode(bytes((octet,)))
        out.append(coded.replace(b"A==", b"=A=") if octet % 4 == 0 else coded)
    return EOL.join(out)


def _zeros() -> bytes:
    """Padding stands for the letter of six zero bits, but in the last group."""
    coded = base64.b64encode(PAYLOAD + b"\0\0\0")
    return coded[:-8].replace(b"A", b"=") + coded[-8:]


_BASE64: Final[dict[str, Callable[[], bytes]]] = {
    "junk ends the line": lambda: EOL.join(quad + b"#ABCDefgh0123" for quad in _QUADS),
    "junk in each line": lambda: EOL.join(quad[:3] + b"#" + quad[3:] for quad in _QUADS),
    "a letter too many in each line": lambda: EOL.join(quad + b"X" for quad in _QUADS),
    "two letters too many in each line": lambda: EOL.join(quad + b"XX" for quad in _QUADS),
    "three letters too many in each line": lambda: EOL.join(quad + b"XXX" for quad in _QUADS),
    "padding too many in each line": lambda: EOL.join(quad + b"=" for quad in _QUADS),
    "padding before each pair": lambda: b"".join(b"=" + pair.rstrip(b"=") for pair in _PAIRS),
    "padding behind a letter of each pair": lambda: b"".join(pair[:1] + b"=" + pair[1:3] for pair in _PAIRS),
    "padding within each pair": lambda: b"".join(pair[:2] + b"=" + pair[2:3] for pair in _PAIRS),
    "one padding of two": lambda: b"".join(base64.b64encode(bytes((octet,)))[:3] for octet in PAYLOAD),
    "padding moved": _thunderbird,
    "padding for zero bits": _zeros,
    "one letter first": lambda: b"A\r\n\r\n" + base64.b64encode(PAYLOAD),
    "two letters first": lambda: b"AB\r\n\r\n" + base64.b64encode(PAYLOAD),
    "three letters first": lambda: b"ABC\r\n\r\n" + base64.b64encode(PAYLOAD),
    "the line of another algorithm first": lambda: b"begin-base64 744 a.pdf\n" + base64.b64encode(PAYLOAD) + b"\n====",
    "another file behind": lambda: base64.b64encode(PAYLOAD + b"x") + EOL + base64.b64encode(b"GIF89a" * 9),
    "padding on lines of their own": lambda: b"=\r\n" + EOL.join(quad + b"\r\n=" for quad in _QUADS),
}

_BETWEEN: Final[dict[str, bytes]] = {
    "equals": b"=",
    "equals and a letter": b"=G",
    "equals and a digit": b"=2",
    "equals and two letters": b"=ZZ",
    "equals, a digit and a letter": b"=0X",
    "equals and a blank": b"= ",
    "equals and two blanks": b"=  ",
    "equals and a tab": b"=\t",
    "equals and a control": b"=\x12",
    "equals and NUL": b"=\0",
    "equals and an at sign": b"=@",
    "an escape in small letters, to be dropped": b"=0a",
    "a tab": b"\t",
    "a control": b"\x12",
    "an 8-bit letter": b"\xaa",
    "a line end": EOL,
    "CR for a joined line end": b"=\r",
    "two CRs": b"=\r\r\n",
    "two LFs": b"=\r\n\n",
    "a joined line end behind blanks": b" \t=\r\n",
    "a joined line end with blanks": b"= \t\r\n",
    "a vertical tab before a joined line end": b"=\v\r\n",
}


def _with(mark: bytes, every: int) -> bytes:
    """The payload in escapes, and a mark between every few of them."""
    return mark.join(b"".join(_ESCAPED[at : at + every]) for at in range(0, len(_ESCAPED), every))


_QUOTED: Final[dict[str, Callable[[], bytes]]] = {
    **{f"{name} between": partial(_with, mark, 1) for name, mark in _BETWEEN.items()},
    **{f"{name} in lines": partial(_with, mark, 24) for name, mark in _BETWEEN.items()},
    "lines joined within escapes": lambda: b"".join(pair[:2] + b"=\r\n" + pair[2:] for pair in _ESCAPED),
    "small and capital letters": lambda: b"".join(b"=" + pair[1:].capitalize() for pair in _ESCAPED),
    "letters kept, junk between": lambda: b"=Q".join(b"%c" % octet for octet in PAYLOAD),
    "letters kept, two of junk between": lambda: b"=QQ".join(b"%c" % octet for octet in PAYLOAD),
    "letters kept, controls between": lambda: b"\x05".join(b"%c" % octet for octet in PAYLOAD) + b"=21",
}

TRICKS: Final[dict[str, Trick]] = {
    **{f"base64: {name}": _as(b"base64", body) for name, body in _BASE64.items()},
    **{f"quoted-printable: {name}": _as(b"quoted-printable", body) for name, body in _QUOTED.items()},
    "binhex without its sentence": _as(b"mac-binhex40", lambda: _binhex(PAYLOAD)),
}

_LETTERS: Final = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_STANDARD: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _binhex(content: bytes) -> bytes:
    """A file in BinHex 4.0 (RFC 1741), its checksums zero."""
    header = b"\1x\0" + b"?" * 8 + b"\0\0" + len(content).to_bytes(4, "big") + b"\0" * 4
    packed = (header + b"\0\0" + content + b"\0" * 4).replace(b"\x90", b"\x90\0")
    return b":" + base64.b64encode(packed).rstrip(b"=").translate(bytes.maketrans(_STANDARD, _LETTERS)) + b":"

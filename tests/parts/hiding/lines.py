"""Tricks with the lines of a part's header: what stands between two fields, and between the fields and the body."""

from typing import Final

from tests.parts.hiding.payload import MIXED, NAME, TEXT, Packed, Trick, disposed, mixed, top

_BETWEEN: Final = (
    # What stands between the line with the name and the line with the encoding.
    b"\r",
    b"\n\r",
    b"\r\r\n",
    b"\r\n\n",
    b"\r\n\r",
    b"\n\r\n",
    b"\r\x13",
    b"\x13\n",
    b"\r{}\n",
    b"\r(\n)",
    b"\r ",
    b" \n",
    b"\r\n ",
    b"\n ",
    b"\r\n\v",
    b"\r\nXXXXXXXXXX\r\n",
    b"\r\n\1\2\3\r\n",
    b"\r\n:\r\n",
    b"\r\n#X: y\r\n",
)
_BEHIND: Final = (
    # What stands between the line with the encoding and the body.
    b"\r\n",
    b"\r\n \r\n",
    b"\r\n \r\n \r\n",
    b"\r\n\t\r\n",
    b"\r\n\v\r\n",
    b"\r\n\v\r\n\v\r\n",
    b"\r\n\r",
    b"\r\n\n",
    b"\r\r\n",
    b"\n\r\n",
    b"\r\r",
    b"\n\n",
    b"\n\r",
    b"\r\n\r\r\n",
    b"\r\n\n\r\n",
    b"\r\n\r\n\r",
    b"\r\n\r\n\n",
    b"\r/\r\n",
    b"\r<>\n\r\n",
    b"\r\nc\n",
    b"\r\n<\r\n",
    b'\r\n\r""\n',
    b"\r\nABCD\r\n\r\n",
    b"\r\nABC=\r\n\r\n",
    b"\r\nABCD\r\nABCD\r\n\r\n",
    b"\r\nABCD\r\n \r\n",
    b"\r\n Content-ID: <3>\r\n\r\n",
)
_LATE: Final = (
    # How the encoding is declared behind the line that ends the header, and the body begins.
    b"\r\n{}\r\n\r\n",
    b"\r\n{}\r\n",
    b"\r\nSome words.\r\n{}\r\n\r\n",
    b"\r\nSome words.\r\n{}\r\nSome words.\r\n\r\n",
    b"\r\nSome words.\r\n{}\r\nSome words.\r\n",
    b"\r\n {}\r\n\r\n",
    b"Some words.\r\n{}\r\n",
)
_SPELLED: Final = (
    # The whole line with the encoding, with {} for its name.
    b" Content-Transfer-Encoding: {}",
    b"Content-Transfer-Encoding {}",
    b"Content-Transfer-Encoding\r\n :{}",
    b"Content-Transfer-Encoding(: ){}",
    b"Content-Transfe(r-Encoding: {}",
    b"Content-Transfer-Encoding:Content-Transfer-Encoding:{}",
    b"Content-Transfer-Encoding:: {}",
    b"\0Content-Transfer-Encoding: {}",
    b"\rContent-Transfer-Encoding: {}",
    b"Content-Transfer-Encoding:\v{}",
    b"Content-Transfer-Encoding:\r{}",
    b"Content-Transfer-Encoding: " + b" " * 2_000 + b"{}",
    b"Content-Transfer-Encoding: {}-",
    b"Content-Transfer-Encoding: {}{}",
    b"Content-Transfer-Encoding: xx{}",
    b"Content-Transfer-Encoding: {}xx",
    b"Content-Transfer-Encoding: xx {}",
    b"Content-Transfer-Encoding: ({})",
    b"Content-Transfer-Encoding: ({}",
    b"Content-Transfer-Encoding: {}(7bit",
    b"Content-Transfer-Encoding: {}(7bit\r)",
    b"Content-Transfer-Encoding: {}(7bit\n)",
    b"Content-Transfer-Encoding: utf-7",
    b"Content-Transfer-Encoding: \r\nContent-Transfer-Encoding: {}",
    b"Content-Transfer-Encoding: {}\r\nContent-Transfer-Encoding: ",
)


def _part(header: bytes, pack: Packed) -> bytes:
    type_ = b"Content-Type: application/octet-stream; name=att\r\n"
    return top(MIXED) + mixed(TEXT, type_ + header + pack.body + b"\r\n")


def _between(separator: bytes) -> Trick:
    return lambda pack: _part(disposed() + separator + _encoding(pack) + b"\r\n\r\n", pack)


def _behind(separator: bytes) -> Trick:
    return lambda pack: _part(disposed() + b"\r\n" + _encoding(pack) + separator, pack)


def _late(text: bytes) -> Trick:
    return lambda pack: _part(disposed() + b"\r\n" + text.replace(b"{}", _encoding(pack)), pack)


def _spelled(line: bytes) -> Trick:
    def make(pack: Packed) -> bytes | None:
        if pack.encoding == "uuencode" or (line.endswith(b"utf-7") and pack.encoding == "7bit"):
            return None
        return _part(disposed() + b"\r\n" + line.replace(b"{}", pack.declared) + b"\r\n\r\n", pack)

    return make


def _encoding(pack: Packed) -> bytes:
    return b"Content-Transfer-Encoding: " + pack.declared


def _halved(pack: Packed) -> bytes:
    """The encoding's name, on two lines."""
    first, rest = pack.declared[:3], pack.declared[3:]
    return _part(disposed() + b"\r\nContent-Transfer-Encoding: " + first + b"\r\n " + rest + b"\r\n\r\n", pack)


def _name(text: bytes) -> str:
    return text.decode("latin-1").encode("unicode_escape").decode("ascii")[:60]


TRICKS: Final[dict[str, tuple[Trick, str]]] = {
    **{f"between: {_name(separator)}": (_between(separator), NAME) for separator in _BETWEEN},
    **{f"behind: {_name(separator)}": (_behind(separator), NAME) for separator in _BEHIND},
    **{f"late: {_name(text)}": (_late(text), NAME) for text in _LATE},
    **{f"spelled: {_name(line)}": (_spelled(line), NAME) for line in _SPELLED},
    "the encoding's name on two lines": (_halved, NAME),
}

"""Ways to hide an attachment from a gateway that a mail client shows all the same, each as a whole message.

They come from what has been published on differences between parsers: the bugtraq threads on base64 (2003) and on
MIME::Tools (2002), Steffen Ullrich's series on MIME in mail filters, "Inbox Invasion" (CCS 2024), RFC 7103, and the
issue trackers of mail libraries. Every trick is combined with every encoding of the payload, which is the industry's
test file for scanners: harmless, and put together here so that no scanner of a developer's disk finds it.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

PAYLOAD: Final = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"
NAME: Final = "evil-invoice.exe"
_N: Final = NAME.encode()
_EOL: Final = b"\r\n"


@dataclass(frozen=True, slots=True)
class Packed:
    """The payload in one encoding."""

    encoding: str
    declared: bytes
    """What stands behind Content-Transfer-Encoding."""
    body: bytes


def packed() -> tuple[Packed, ...]:
    """The payload in each encoding."""
    return (
        Packed("base64", b"base64", base64.b64encode(PAYLOAD)),
        Packed("quoted-printable", b"quoted-printable", b"".join(b"=%02X" % octet for octet in PAYLOAD)),
        Packed("uuencode", b"x-uuencode", _uuencoded(PAYLOAD)),
        Packed("7bit", b"7bit", PAYLOAD),
    )


def _uuencoded(content: bytes) -> bytes:
    lines = [binascii.b2a_uu(content[place : place + 45]) for place in range(0, len(content), 45)]
    return b"begin 644 " + _N + b"\n" + b"".join(lines) + b"`\nend"


@dataclass(frozen=True, slots=True)
class Hidden:
    """One trick's message."""

    trick: str
    encoding: str
    octets: bytes
    named: bool
    """Whether a client shows the file's name."""


def fields(*lines: bytes) -> bytes:
    """Header lines, and the empty line behind them."""
    return b"".join(line + _EOL for line in lines) + _EOL


def top(content_type: bytes, *more: bytes) -> bytes:
    """The header block of a message."""
    return fields(
        b"From: a@example.org", b"To: b@example.org", b"Subject: hello", b"MIME-Version: 1.0", *more, content_type
    )


def _type(value: bytes = b"application/octet-stream") -> bytes:
    return b"Content-Type: " + value + b'; name="' + _N + b'"'


def _disposition() -> bytes:
    return b'Content-Disposition: attachment; filename="' + _N + b'"'


def attachment(pack: Packed) -> bytes:
    """The entity that is to be hidden, well-formed."""
    return fields(_type(), b"Content-Transfer-Encoding: " + pack.declared, _disposition()) + pack.body + _EOL


TEXT: Final = fields(b"Content-Type: text/plain") + b"Hello.\r\n"
MIXED: Final = b'Content-Type: multipart/mixed; boundary="foo"'

Trick = Callable[[Packed], bytes | None]
TRICKS: Final[dict[str, Trick]] = {}
UNNAMED: Final[set[str]] = set()


def _trick(name: str, *, unnamed: bool = False) -> Callable[[Trick], Trick]:
    def take(function: Trick) -> Trick:
        TRICKS[name] = function
        if unnamed:
            UNNAMED.add(name)
        return function

    return take


def messages() -> Iterator[Hidden]:
    """Every trick in every encoding in which it makes sense."""
    for trick, make in TRICKS.items():
        for pack in packed():
            octets = make(pack)
            if octets is not None:
                yield Hidden(trick, pack.encoding, octets, trick not in UNNAMED)


def mixed(*parts: bytes, boundary: bytes = b"foo", close: bool = True) -> bytes:
    """The body of a multipart."""
    body = b"".join(b"--" + boundary + _EOL + part for part in parts)
    return body + (b"--" + boundary + b"--" + _EOL if close else b"")


# --- simple ways: a line each -----------------------------------------------------------------------------------------


def _whole(header: bytes, *, boundary: bytes = b"foo") -> Trick:
    """A message whose boundary is written oddly in its header."""
    return lambda pack: top(header) + mixed(TEXT, attachment(pack), boundary=boundary)


_HEADERS: Final[dict[str, tuple[bytes, bytes]]] = {
    "plain": (MIXED, b"foo"),
    "boundary unquoted": (b"Content-Type: multipart/mixed; boundary=foo", b"foo"),
    "boundary without semicolon": (b'Content-Type: multipart/mixed boundary="foo"', b"foo"),
    "boundary with blanks around equals": (b'Content-Type: multipart/mixed; boundary = "foo"', b"foo"),
    "boundary in upper case": (b'Content-Type: MULTIPART/MIXED; BOUNDARY="foo"', b"foo"),
    "boundary behind a comment": (b'Content-Type: multipart/mixed; (a;b) boundary="foo"', b"foo"),
    "boundary in a comment first": (b'Content-Type: multipart/mixed (x; boundary="bar"); boundary="foo"', b"foo"),
    "boundary only in a comment": (b'Content-Type: multipart/mixed (x; boundary="foo")', b"foo"),
    "comment in the boundary's value": (b"Content-Type: multipart/mixed; boundary=(bar)foo", b"foo"),
    "comment behind the boundary": (b"Content-Type: multipart/mixed; boundary=foo(bar)", b"foo"),
    "nested comments": (b"Content-Type: multipart/mixed; (a(b;c)d) boundary=foo", b"foo"),
    "unclosed quote": (b'Content-Type: multipart/mixed; boundary="foo', b"foo"),
    "only a closing quote": (b'Content-Type: multipart/mixed; boundary=foo"', b"foo"),
    "text behind the quotes": (b'Content-Type: multipart/mixed; boundary="foo"bar', b"foo"),
    "text behind the quotes joined": (b'Content-Type: multipart/mixed; boundary="foo"bar', b"foobar"),
    "quotes inside": (b'Content-Type: multipart/mixed; boundary=f"o"o', b"foo"),
    "single quotes": (b"Content-Type: multipart/mixed; boundary='foo'", b"foo"),
    "single quotes kept": (b"Content-Type: multipart/mixed; boundary='foo'", b"'foo'"),
    "escaped letter": (b'Content-Type: multipart/mixed; boundary="f\\oo"', b"foo"),
    "escaped letter kept": (b'Content-Type: multipart/mixed; boundary="f\\oo"', b"f\\oo"),
    "semicolon in the quotes": (b'Content-Type: multipart/mixed; boundary="fo;o"', b"fo;o"),
    "semicolon in the quotes cuts": (b'Content-Type: multipart/mixed; x="; boundary=foo; "; boundary=bar', b"foo"),
    "blank ends the boundary": (b"Content-Type: multipart/mixed; boundary=foo bar", b"foo"),
    "blank in the boundary": (b"Content-Type: multipart/mixed; boundary=foo bar", b"foo bar"),
    "comma ends the boundary": (b"Content-Type: multipart/mixed; boundary=foo, bar", b"foo"),
    "slash in the boundary": (b"Content-Type: multipart/mixed; boundary=f/o=o", b"f/o=o"),
    "boundary of one dash": (b'Content-Type: multipart/mixed; boundary="-"', b"-"),
    "boundary of dashes": (b'Content-Type: multipart/mixed; boundary="--"', b"--"),
    "empty boundary": (b'Content-Type: multipart/mixed; boundary=""', b""),
    "empty boundary unquoted": (b"Content-Type: multipart/mixed; boundary=", b""),
    "no boundary": (b"Content-Type: multipart/mixed", b"foo"),
    "boundary that is another": (b"Content-Type: multipart/mixed; boundary=bar", b"foo"),
    "two boundaries first": (b"Content-Type: multipart/mixed; boundary=foo; boundary=bar", b"foo"),
    "two boundaries last": (b"Content-Type: multipart/mixed; boundary=bar; boundary=foo", b"foo"),
    "rfc 2231 pieces": (b"Content-Type: multipart/mixed; boundary*0=f; boundary*1=oo", b"foo"),
    "rfc 2231 pieces out of order": (b"Content-Type: multipart/mixed; boundary*1=oo; boundary*0=f", b"foo"),
    "rfc 2231 pieces beside a plain one": (
        b"Content-Type: multipart/mixed; boundary=bar; boundary*0=f; boundary*1=oo",
        b"foo",
    ),
    "rfc 2231 plain one beside pieces": (
        b"Content-Type: multipart/mixed; boundary=foo; boundary*0=b; boundary*1=ar",
        b"foo",
    ),
    "rfc 2231 with charset": (b"Content-Type: multipart/mixed; boundary*=us-ascii'en'f%6fo", b"foo"),
    "rfc 2231 pieces with charset": (
        b"Content-Type: multipart/mixed; boundary*0*=us-ascii''f; boundary*1*=%6f; boundary*2=o",
        b"foo",
    ),
    "rfc 2231 with a gap": (b"Content-Type: multipart/mixed; boundary*0=foo; boundary*2=bar", b"foo"),
    "rfc 2231 from one": (b"Content-Type: multipart/mixed; boundary*1=f; boundary*2=oo", b"foo"),
    "rfc 2047 boundary": (b'Content-Type: multipart/mixed; boundary="=?utf-8?q?foo?="', b"foo"),
    "rfc 2047 boundary in base64": (b'Content-Type: multipart/mixed; boundary="=?utf-8?b?Zm9v?="', b"foo"),
    "rfc 2047 boundary kept": (b'Content-Type: multipart/mixed; boundary="=?utf-8?q?foo?="', b"=?utf-8?q?foo?="),
    "rfc 2047 around the whole value": (b"Content-Type: =?utf-8?q?multipart/mixed=3B_boundary=3Dfoo?=", b"foo"),
    "folded before the boundary": (b"Content-Type: multipart/mixed;\r\n\tboundary=foo", b"foo"),
    "folded in the type": (b"Content-Type:\r\n multipart/mixed; boundary=foo", b"foo"),
    "folded inside the quotes": (b'Content-Type: multipart/mixed; boundary="f\r\n oo"', b"f oo"),
    "fold of blanks only": (b"Content-Type: multipart/mixed;\r\n \r\n boundary=foo", b"foo"),
    "fold with a bare CR": (b"Content-Type: multipart/mixed;\r boundary=foo", b"foo"),
    "fold with a bare LF": (b"Content-Type: multipart/mixed;\n boundary=foo", b"foo"),
    "form feed for a blank": (b"Content-Type: multipart/mixed;\fboundary=foo", b"foo"),
    "NUL behind the boundary": (b"Content-Type: multipart/mixed; boundary=foo\0bar", b"foo"),
    "NUL in quotes": (b'Content-Type: multipart/mixed; boundary="foo\0bar"', b"foo"),
    "NUL before the type": (b"Content-Type: \0multipart/mixed; boundary=foo", b"foo"),
    "blank behind the boundary": (b'Content-Type: multipart/mixed; boundary="foo "', b"foo"),
    "blank behind the boundary kept": (b'Content-Type: multipart/mixed; boundary="foo "', b"foo "),
    "blank before the boundary": (b'Content-Type: multipart/mixed; boundary=" foo"', b"foo"),
    "unknown subtype": (b"Content-Type: multipart/whatever; boundary=foo", b"foo"),
    "no subtype": (b"Content-Type: multipart; boundary=foo", b"foo"),
    "empty subtype": (b"Content-Type: multipart/; boundary=foo", b"foo"),
    "blanks in the type": (b"Content-Type: multipart / mixed; boundary=foo", b"foo"),
    "comment in the type": (b"Content-Type: multi(x)part/mixed; boundary=foo", b"foo"),
    "comment before the type": (b"Content-Type: (text/plain) multipart/mixed; boundary=foo", b"foo"),
    "quoted type": (b'Content-Type: "multipart/mixed"; boundary=foo', b"foo"),
    "two types in one field": (b"Content-Type: text/plain, multipart/mixed; boundary=foo", b"foo"),
    "semicolon first": (b"Content-Type: ;multipart/mixed; boundary=foo", b"foo"),
    "no multipart at all": (b"Content-Type: text/plain; boundary=foo", b"foo"),
    "garbage type": (b"Content-Type: garbage; boundary=foo", b"foo"),
    "empty type": (b"Content-Type: ; boundary=foo", b"foo"),
    "blank before the colon": (b"Content-Type : multipart/mixed; boundary=foo", b"foo"),
    "tab before the colon": (b"Content-Type\t: multipart/mixed; boundary=foo", b"foo"),
    "name in upper case": (b"CONTENT-TYPE: multipart/mixed; boundary=foo", b"foo"),
    "no blank behind the colon": (b"Content-Type:multipart/mixed;boundary=foo", b"foo"),
    "NUL in the field's name": (b"Content\0-Type: multipart/mixed; boundary=foo", b"foo"),
    "leading blank": (b"garbage without colon\r\n Content-Type: multipart/mixed; boundary=foo", b"foo"),
    "line without colon before it": (b"garbage\r\nContent-Type: multipart/mixed; boundary=foo", b"foo"),
    "blank-looking line before it": (b" \t\r\nContent-Type: multipart/mixed; boundary=foo", b"foo"),
    "bare CR before it": (b"X-Odd: a\rContent-Type: multipart/mixed; boundary=foo", b"foo"),
    "two bare CRs before the body": (b"Content-Type: multipart/mixed; boundary=foo\r\rX: ", b"foo"),
    "two fields first": (b"Content-Type: multipart/mixed; boundary=foo\r\nContent-Type: text/plain", b"foo"),
    "two fields last": (b"Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=foo", b"foo"),
    "two multiparts first": (
        b"Content-Type: multipart/mixed; boundary=foo\r\nContent-Type: multipart/mixed; boundary=bar",
        b"foo",
    ),
    "two multiparts last": (
        b"Content-Type: multipart/mixed; boundary=bar\r\nContent-Type: multipart/mixed; boundary=foo",
        b"foo",
    ),
    "declared base64 as a whole": (
        b"Content-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed; boundary=foo",
        b"foo",
    ),
    "declared quoted-printable as a whole": (
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Type: multipart/mixed; boundary=foo",
        b"foo",
    ),
    "many parameters": (
        b"Content-Type: multipart/mixed; " + b"; ".join(b"x%d=y" % n for n in range(60)) + b"; boundary=foo",
        b"foo",
    ),
    "very long boundary": (b"Content-Type: multipart/mixed; boundary=" + b"f" * 300, b"f" * 300),
    "8-bit boundary": ("Content-Type: multipart/mixed; boundary=fö".encode(), "fö".encode()),
}
for _name, (_header, _boundary) in _HEADERS.items():
    TRICKS[f"header: {_name}"] = _whole(_header, boundary=_boundary)

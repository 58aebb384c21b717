"""Tricks with how the content is encoded, and how that is declared."""

import base64
import binascii
from collections.abc import Callable
from typing import Final

from tests.parts.hiding.payload import (
    EOL,
    FILE_NAME,
    MIXED,
    PAYLOAD,
    TEXT,
    Packed,
    Trick,
    attachment,
    disposed,
    fields,
    mixed,
    top,
    typed,
)


def _part(pack: Packed, *lines: bytes, body: bytes | None = None) -> bytes:
    return top(MIXED) + mixed(TEXT, fields(typed(), *lines, disposed()) + (pack.body if body is None else body) + EOL)


def _declared(*values: bytes) -> Trick:
    """Content-Transfer-Encoding fields, with {} for the encoding's name."""
    return lambda pack: _part(
        pack, *(b"Content-Transfer-Encoding: " + value.replace(b"{}", pack.declared) for value in values)
    )


def _only(encoding: str, change: Callable[[bytes], bytes]) -> Trick:
    """The encoded text, changed; for one encoding."""

    def make(pack: Packed) -> bytes | None:
        if pack.encoding != encoding:
            return None
        return _part(pack, b"Content-Transfer-Encoding: " + pack.declared, body=change(pack.body))

    return make


def _sections(size: int) -> Callable[[bytes], bytes]:
    """base64 of each few octets, each with its own padding."""
    return lambda _: b"".join(base64.b64encode(PAYLOAD[at : at + size]) for at in range(0, len(PAYLOAD), size))


def _between(mark: bytes, every: int) -> Callable[[bytes], bytes]:
    return lambda body: mark.join(body[at : at + every] for at in range(0, len(body), every))


def _by_line(_: bytes) -> bytes:
    """Lines of a length that is no multiple of four, each decoded by itself."""
    lines = [base64.b64encode(PAYLOAD[at : at + 11]).rstrip(b"=") for at in range(0, len(PAYLOAD), 11)]
    return b"\r\n".join(lines)


_FIELDS: Final[dict[str, tuple[bytes, ...]]] = {
    "declared in upper case": (b"{}",),
    "twice, right first": (b"{}", b"7bit"),
    "twice, right last": (b"7bit", b"{}"),
    "twice, garbage first": (b"garbage", b"{}"),
    "thrice": (b"binary", b"{}", b"8bit"),
    "quoted": (b'"{}"',),
    "single quotes": (b"'{}'",),
    "comment before": (b"(7bit) {}",),
    "comment behind": (b"{} (7bit)",),
    "comment joined": (b"{}(x)",),
    "semicolon behind": (b"{};",),
    "parameter behind": (b"{}; x=y",),
    "blank inside": (b"{} 7bit",),
    "two in one field": (b"7bit, {}",),
    "two in one field turned": (b"{}, 7bit",),
    "dot behind": (b"{}.",),
    "NUL behind": (b"{}\0x",),
    "NUL before": (b"\0{}",),
    "rfc 2047": (b"=?us-ascii?q?{}?=",),
    "equals before": (b"={}",),
    "colon twice": (b": {}",),
    "form feed": (b"\f{}",),
    "no-break space": (b"\xa0{}",),
}

_BASE64: Final[dict[str, Callable[[bytes], bytes]]] = {
    "blanks inside": _between(b" ", 5),
    "each letter on its line": _between(b"\r\n", 1),
    "foreign characters": _between(b"!", 3),
    "8-bit characters": _between(b"\xe4", 3),
    "NULs": _between(b"\0", 7),
    "dashes and underscores": _between(b"-_", 4),
    "dots": _between(b".", 2),
    "padding in the middle": _sections(10),
    "padding behind each octet": _sections(1),
    "padding behind every two octets": _sections(2),
    "padding that pads nothing": _between(b"=", 4),
    "padding anywhere": _between(b"=", 5),
    "much padding": lambda body: body[:12] + b"====" + body[12:],
    "padding first": lambda body: b"====" + body,
    "padding missing": lambda body: body.rstrip(b"="),
    "one letter too many": lambda body: body.rstrip(b"=") + b"=\r\nA",
    "garbage behind": lambda body: body + b"\r\n!!garbage!!\r\nmore",
    "garbage behind without mark": lambda body: body + b"\r\nmore text that is none",
    "garbage line before": lambda body: b"!!!!\r\n" + body,
    "text line inside": lambda body: body[:40] + b"\r\n--- a line of text ---\r\n" + body[40:],
    "field inside": lambda body: body[:40] + b"\r\nX-Comment: none\r\n" + body[40:],
    "wrapped oddly": _between(b"\r\n", 7),
    "lines decoded by themselves": _by_line,
    "very long line": lambda _: base64.b64encode(b"\n" * 90_000 + PAYLOAD),
    "blank lines inside": _between(b"\r\n\r\n", 8),
    "bare CRs": _between(b"\r", 8),
    "quoted by >": lambda body: b"> " + _between(b"\r\n> ", 16)(body),
    "html around": lambda body: b"<pre>\r\n" + body + b"\r\n</pre>",
    "url-safe alphabet": lambda _: base64.urlsafe_b64encode(b"\xff\xff\xff" + PAYLOAD),
}

_QUOTED_PRINTABLE: Final[dict[str, Callable[[bytes], bytes]]] = {
    "lower case": lambda body: body.lower(),
    "joined lines": _between(b"=\r\n", 9),
    "joined lines of LF": _between(b"=\n", 9),
    "joined lines of CR": _between(b"=\r", 9),
    "joined lines with blanks": _between(b"= \t\r\n", 9),
    "invalid escape before": lambda body: b"=ZZ" + body,
    "lone equals sign before": lambda body: b"= x" + body,
    "lone equals sign behind": lambda body: body + b"=",
    "equals signs inside": lambda body: _between(b"==\r\n", 30)(body),
    "not escaped at all": lambda _: PAYLOAD,
    "long line": lambda body: b"x" * 100_000 + b"=\r\n" + body,
    "8-bit beside": lambda body: b"\xe4\xff" + body,
    "one escaped letter": lambda _: PAYLOAD.replace(b"X", b"=58", 1),
}

_UUENCODE: Final[dict[str, Callable[[bytes], bytes]]] = {
    "line ends of CRLF": lambda body: body.replace(b"\n", b"\r\n"),
    "blanks for graves": lambda body: body.replace(b"`", b" "),
    "blanks at the end cut": lambda body: b"\n".join(line.rstrip() for line in body.split(b"\n")),
    "no end": lambda body: body.removesuffix(b"`\nend"),
    "no last line": lambda body: body.replace(b"`\nend", b"end"),
    "three digits of mode missing": lambda body: body.replace(b"begin 644 ", b"begin "),
    "mode of four digits": lambda body: body.replace(b"begin 644", b"begin 0644"),
    "two blanks": lambda body: body.replace(b"begin 644 ", b"begin 644  "),
    "text before": lambda body: b"hello\n" + body,
    "text joined before": lambda body: b"begin with\n" + body,
    "checksum at the end of lines": lambda body: body.replace(b"\n", b"x\n").replace(b"exex", b"exe"),
    "another file before": lambda body: b"begin 644 a.txt\n#86)C\n`\nend\n" + body,
    "begin-base64": lambda _: b"begin-base64 644 " + FILE_NAME + b"\n" + base64.b64encode(PAYLOAD) + b"\n====",
}

TRICKS: Final[dict[str, Trick]] = {
    **{f"declared: {name}": _declared(*values) for name, values in _FIELDS.items()},
    **{f"base64: {name}": _only("base64", change) for name, change in _BASE64.items()},
    **{f"quoted-printable: {name}": _only("quoted-printable", change) for name, change in _QUOTED_PRINTABLE.items()},
    **{f"uuencode: {name}": _only("uuencode", change) for name, change in _UUENCODE.items()},
    "declared: in capitals": lambda pack: _part(pack, b"CONTENT-TRANSFER-ENCODING: " + pack.declared.upper()),
    "declared: base-64": lambda pack: (
        _part(pack, b"Content-Transfer-Encoding: base-64") if pack.encoding == "base64" else None
    ),
    "declared: x-base64": lambda pack: (
        _part(pack, b"Content-Transfer-Encoding: x-base64") if pack.encoding == "base64" else None
    ),
    "declared: qp": lambda pack: (
        _part(pack, b"Content-Transfer-Encoding: qp") if pack.encoding == "quoted-printable" else None
    ),
    "declared: foreign word": lambda pack: (
        _part(pack, b"Content-Transfer-Encoding: whatever") if pack.encoding in ("base64", "7bit") else None
    ),
    "declared: nothing, and plain": lambda pack: _part(pack) if pack.encoding in ("7bit", "uuencode") else None,
    "declared: base64, and plain": lambda pack: (
        _part(pack, b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64")
        if pack.encoding == "7bit"
        else None
    ),
    "multipart in base64": lambda pack: (
        top(MIXED, b"Content-Transfer-Encoding: base64") + base64.encodebytes(mixed(TEXT, attachment(pack)))
    ),
    "multipart in quoted-printable": lambda pack: (
        top(MIXED, b"Content-Transfer-Encoding: quoted-printable")
        + binascii.b2a_qp(mixed(TEXT, attachment(pack)), istext=True).replace(b"--foo", b"=2D-foo")
    ),
    "inner multipart in base64": lambda pack: (
        top(MIXED)
        + mixed(
            fields(b"Content-Type: multipart/mixed; boundary=bar", b"Content-Transfer-Encoding: base64")
            + base64.encodebytes(mixed(TEXT, attachment(pack), boundary=b"bar"))
        )
    ),
    "message in base64": lambda pack: (
        top(MIXED)
        + mixed(
            fields(b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64")
            + base64.encodebytes(top(MIXED) + mixed(TEXT, attachment(pack)))
        )
    ),
    "message in quoted-printable": lambda pack: (
        top(MIXED)
        + mixed(
            fields(b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: quoted-printable")
            + binascii.b2a_qp(
                top(MIXED.replace(b"foo", b"bar")) + mixed(TEXT, attachment(pack), boundary=b"bar"), istext=True
            )
        )
    ),
    "message in uuencode": lambda pack: (
        top(b"Content-Type: text/plain")
        + b"begin 644 a.eml\n"
        + _uu(top(MIXED) + mixed(TEXT, attachment(pack)))
        + b"`\nend\n"
    ),
    "winmail.dat": lambda pack: (
        top(b"Content-Type: application/ms-tnef; name=winmail.dat", b"Content-Transfer-Encoding: base64")
        + base64.encodebytes(tnef(PAYLOAD, FILE_NAME))
        if pack.encoding == "base64"
        else None
    ),
    "winmail.dat by its content only": lambda pack: (
        top(b"Content-Type: image/gif; name=a.gif", b"Content-Transfer-Encoding: base64")
        + base64.encodebytes(tnef(PAYLOAD, FILE_NAME))
        if pack.encoding == "base64"
        else None
    ),
    "yEnc": lambda pack: (
        top(b"Content-Type: text/plain")
        + b"hello\r\n=ybegin line=128 size=%d name=" % len(PAYLOAD)
        + FILE_NAME
        + EOL
        + yenc(PAYLOAD)
        + b"\r\n=yend size=%d\r\n" % len(PAYLOAD)
        if pack.encoding == "7bit"
        else None
    ),
}


def _uu(content: bytes) -> bytes:
    return b"".join(binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45))


def yenc(content: bytes) -> bytes:
    """Octets in yEnc, on one line."""
    shifted = (octet + 42 & 255 for octet in content)
    return b"".join(b"=%c" % (octet + 64 & 255) if octet in b"\0\r\n=" else b"%c" % octet for octet in shifted)


def tnef(content: bytes, name: bytes) -> bytes:
    """A TNEF stream with one attachment."""
    attributes = ((0x9002, b"\1\0" + b"\0" * 12), (0x8010, name + b"\0"), (0x800F, content))
    return b"\x78\x9f\x3e\x22\1\0" + b"".join(
        b"\2"
        + identity.to_bytes(2, "little")
        + b"\1\0"
        + len(data).to_bytes(4, "little")
        + data
        + (sum(data) & 0xFFFF).to_bytes(2, "little")
        for identity, data in attributes
    )

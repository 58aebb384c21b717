"""Tricks with what is declared as the boundary, and what stands in the body: tables of facts, each a pair.

The pairs are what Steffen Ullrich's and MIMEminer's collections have shown mail clients to accept.
"""

from typing import Final

from tests.parts.hiding.payload import MIXED, TEXT, Packed, Trick, attachment, fields, mixed, top

_A, _B = b"bound_", b"3f9a"
_AB: Final = _A + _B
_SPELLED: Final[tuple[tuple[bytes, bytes], ...]] = (
    # What stands behind "multipart/mixed; ", and the boundary of the body.
    (b"boundary=bound\\_3f9a", _AB),
    (b"boundary=bound\\_3f9a", b"bound\\_3f9a"),
    (b"oundary=" + _AB, _AB),
    (b"bound=" + _AB, _AB),
    (b"bou\\ndary=" + _AB, _AB),
    (b"boun()dary=" + _AB, _AB),
    (b"boundary\0=" + _AB, _AB),
    (b"boundary\t=" + _AB, _AB),
    (b"boundary\r\n =" + _AB, _AB),
    (b"boundary \r\n =\r\n " + _AB, _AB),
    (b"boundary\\=" + _AB, _AB),
    (b"boundary=\\" + _AB, _AB),
    (b"boundary=\0" + _AB, _AB),
    (b'boundary="\0' + _AB + b'"', b"\0" + _AB),
    (b'boundary="' + _AB + b' XXX"', _AB + b" YYY"),
    (b'boundary="' + _AB + b'\r\n XXX"', _AB + b" YYY"),
    (b'boundary="' + _AB + b'\r"', _AB + b"\r"),
    (b'boundary="' + _AB + b'\r"', _AB),
    (b"boundary=foo\r\n foo", b"foo"),
    (b"boundary=foo\r\n foo", b"foofoo"),
    (b'boundary=" "', b" "),
    (b'boundary="', b""),
    (b"boundary=;", b""),
    (b"boundary=;", b";"),
    (b'boundary=""foo', b""),
    (b'boundary=""foo', b"foo"),
    (b'boundary=""foo', b'""foo'),
    (b'boundary="bar"foo', b'"bar"foo'),
    (b'boundary="foo foo"', b'"foo foo"'),
    (b"boundary*=''%20foo", b" foo"),
    (b"boundary*=''foo%20", b"foo "),
    (b"boundary*=UTF-16''" + b"".join(b"%c%%00" % octet for octet in _AB), _AB),
    (b"boundary*=UTF-16''" + b"".join(b"%%00%c" % octet for octet in _AB), _AB),
    (b"boundary*1*=''" + _A + b"; boundary*0*=" + _B, _AB),
    (b"boundary*0*=''" + _A + b"; boundary*0*=''x; boundary*1*=" + _B, _AB),
    (b"boundary*0*=''x; boundary*0*=''" + _A + b"; boundary*1*=" + _B, _AB),
    (b"boundary*0=x; boundary*0=" + _A + b"; boundary*1=" + _B, _AB),
    (b"boundary*0=bound%5F3f9a", b"bound%5F3f9a"),
    (b"boundary=foo\\;bar", b"foo"),
    (b"boundary=foo\\;bar", b"foo\\"),
    (b"boundary=foo\\;bar", b"foo;bar"),
    (b"boundary=foo\\;bar", b"foo\\;bar"),
    (b"boundary=foo;bar", b"foo;bar"),
    (b'boundary=foo\\"bar\\"', b'foo"bar"'),
    (b'boundary=foo\\"bar\\"', b"foo"),
    (b'boundary=foo\\"bar\\"', b"bar"),
    (b'boundary=foo\\"bar\\"', b'foo\\"bar\\"'),
    (b'boundary=foo"bar"', b'foo"bar"'),
    (b'boundary=foo"bar"', b"bar"),
    (b'boundary="foo', b'"foo'),
    (b"foo=bla boundary=" + _AB, _AB),
    (b'foo=bla"boundary=' + _AB, _AB),
    (b"foo=bla\\;boundary=" + _AB, _AB),
    (b'foo="bla;boundary=' + _AB + b'"', _AB),
    (b'foo="bla;boundary=' + _AB + b'"', _AB + b'"'),
    (b'foo="bla;boundary=' + _AB, _AB),
    (b'foo="bla\\";boundary=' + _AB, _AB),
    (b"boundary=boundary=" + _AB, _AB),
    (b"boundary=boundary=" + _AB, b"boundary=" + _AB),
    (b'" boundary=' + _AB + b' "', _AB),
    (b"boundary()=" + _AB, _AB),
    (b"boundary=" + _AB + b"()", _AB + b"()"),
    (b"boundary=" + _A + b"()" + _B, _AB),
    (b"boundary=" + _A + b"()" + _B, _A),
    (b"boundary=" + _A + b"()" + _B, _A + b"()" + _B),
    (b"boundary=(boundary=" + _B + b")" + _A, _B),
    (b"boundary=(boundary=" + _B + b")" + _A, b"(boundary=" + _B + b")" + _A),
    (b"( boundary=" + _AB + b" )", _AB),
    (b"(() boundary=" + _AB + b" )", _AB),
    (b"boundary=(foo)", b""),
    (b"boundary=(foo)", b"(foo)"),
    (b"boundary=(foo", b"(foo"),
    (b"boundary=foo(foo", b"foo(foo"),
    (b"boundary=foo,faa", b"foo,faa"),
    (b"boundary=foo,faa", b"faa"),
    (b"boundary=foo, boundary=faa", b"faa"),
)
_TYPES: Final = (
    b"Content-Type:: multipart/mixed",
    b"Content-Type:Content-Type:multipart/mixed",
    b"Content-Type: multipart/mixedmultipart/mixed",
    b"Content-Type: multi\\part/mixed",
    b"Content-Type: multipar\0t/mixed",
    b"Content-Type: multipart/mixed\0",
    b"Content-Type: multipart/mixed()",
    b"Content-Type: ()multipart/mixed",
    b"Content-Type: =?UTF-8?B?bXVsdGlwYXJ0?=/mixed",
    b"Content-Type: x-multipart/mixed",
    b"Content-Type: multiparts/mixed",
    b"Content-Type: multipart/mixed, application/octet-stream",
    b"Content-Type: application/octet-stream\r\nContent-Type: multipart/mixed",
    b"Content-Type multipart/mixed",
    b"Content-Type\r\n : multipart/mixed",
    b"Content-(x)Type: multipart/mixed",
    b"\0Content-Type: multipart/mixed",
    b"X-Odd :y\r\n Content-Type: multipart/mixed",
    b"X-Odd: y\r\n Content-Type: multipart/mixed",
    b"X-Odd Odd:y\r\n Content-Type: multipart/mixed",
)
_DECOYS: Final = (
    b"boundary=foo\r\n%s; boundary=bar",
    b"boundary=bar\r\n%s; boundary=foo",
    b"boundary=foo; boundary=bar",
    b"boundary=bar; boundary=foo",
    b"boundary*=''foo; boundary=bar",
    b"boundary*=''bar; boundary=foo",
    b"boundary=bar; boundary*=''foo",
    b"boundary=foo; boundary*=''bar",
    b"boundary*0=f; x=y\r\n%s; boundary*1=oo; boundary=bar",
)
"""Two boundaries, of which `foo` has the attachment, and `bar` a text around all of it."""


def _plain(declared: bytes, used: bytes) -> Trick:
    header = b"Content-Type: multipart/mixed; " + declared
    return lambda pack: top(header) + mixed(TEXT, attachment(pack), boundary=used)


def _behind_a_blank_line(declared: bytes, used: bytes) -> Trick:
    """The attachment's fields come behind a blank line: some parsers' suites have all of these so."""
    header = b"Content-Type: multipart/mixed; " + declared
    return lambda pack: top(header) + mixed(TEXT, b"\r\n" + attachment(pack), boundary=used)


def _typed(line: bytes) -> Trick:
    return lambda pack: top(line + b"; boundary=foo") + mixed(TEXT, attachment(pack))


def _decoy(declared: bytes) -> Trick:
    header = b"Content-Type: multipart/mixed; " + declared.replace(b"%s", b"Content-Type: multipart/mixed")
    return lambda pack: (
        top(header)
        + b"--bar\r\n"
        + fields(b"Content-Type: text/plain")
        + mixed(TEXT, attachment(pack))
        + b"--bar--\r\n"
    )


def _inner(boundary: bytes, pack: Packed) -> bytes:
    """A multipart within a multipart, with the attachment."""
    header = fields(b"Content-Type: multipart/mixed; boundary=" + boundary)
    return header + mixed(TEXT, attachment(pack), boundary=boundary)


_BAR: Final = b"Content-Type: multipart/mixed; boundary=bar"
_NESTED: Final[dict[str, Trick]] = {
    "the inner is the outer's end": lambda pack: top(MIXED) + mixed(_inner(b"foo--", pack)),
    "the same, behind a part that ends": lambda pack: (
        top(MIXED) + b"--foo\r\n" + TEXT + b"--foo--\r\n\r\n--foo\r\n" + _inner(b"foo", pack) + b"--foo--\r\n"
    ),
    "the inner's preamble has the outer's, longer": lambda pack: (
        top(MIXED.replace(b'"foo"', b"foo_"))
        + mixed(_inner(b"foo", pack).replace(b"\r\n\r\n", b"\r\n\r\n--foo_X\r\n\r\n", 1), boundary=b"foo_")
    ),
    "the inner names none": lambda pack: (
        top(MIXED) + mixed(fields(b"Content-Type: multipart/mixed") + mixed(TEXT, attachment(pack), boundary=b"bar"))
    ),
    "the inner names none, and has the outer's": lambda pack: (
        top(MIXED) + mixed(fields(b"Content-Type: multipart/mixed") + mixed(TEXT, attachment(pack)))
    ),
    "the inner is empty": lambda pack: top(MIXED) + mixed(fields(_BAR) + b"\r\n", attachment(pack)),
    "the outer's end in the header": lambda pack: (
        top(MIXED).removesuffix(b"\r\n") + b"--foo--\r\n\r\n" + mixed(_inner(b"bar", pack))
    ),
    "the outer's end in the inner's header": lambda pack: (
        top(MIXED) + mixed(_inner(b"bar", pack).replace(b"\r\n\r\n", b"\r\n--foo--\r\n\r\n", 1))
    ),
    "the outer's in the inner's header": lambda pack: (
        top(MIXED) + mixed(_inner(b"bar", pack).replace(b"\r\n\r\n", b"\r\n--foo\r\n\r\n", 1))
    ),
    "the outer's in the inner's base64": lambda pack: (
        top(MIXED.replace(b'"foo"', b"###+"))
        + mixed(_inner(b"bar", pack).replace(pack.body, b"--###+\r\n" + pack.body), boundary=b"###+")
        if pack.encoding == "base64"
        else None
    ),
    "CR before each, and a harmless one behind": lambda pack: (
        top(MIXED) + b"".join(b" \r--foo\r\n" + part for part in (TEXT, attachment(pack))) + b"\r\n" + mixed(TEXT)
    ),
    "CR behind each, and a harmless one behind": lambda pack: (
        top(MIXED) + b"".join(b"\r\n--foo\r" + part for part in (TEXT, attachment(pack))) + b"\r\n" + mixed(TEXT)
    ),
    "a vertical tab behind each": lambda pack: (
        top(MIXED) + b"".join(b"--foo\v\r\n" + part for part in (TEXT, attachment(pack))) + b"--foo--\r\n"
    ),
    "no end, but one more": lambda pack: top(MIXED) + mixed(TEXT, attachment(pack), close=False) + b"--foo\r\n",
    "CR and a control behind it": lambda pack: (
        top(MIXED) + b"--foo\r\n" + TEXT + b"--foo\r\x13" + _inner(b"bar", pack) + b"--foo--\r\n"
    ),
}


def _name(*pieces: bytes) -> str:
    return " | ".join(piece.decode("latin-1").encode("unicode_escape").decode("ascii") for piece in pieces)


TRICKS: Final[dict[str, Trick]] = {
    **{_name(declared, used): _plain(declared, used) for declared, used in _SPELLED},
    **{f"late: {_name(declared, used)}": _behind_a_blank_line(declared, used) for declared, used in _SPELLED},
    **{_name(line): _typed(line) for line in _TYPES},
    **{f"decoy: {_name(declared)}": _decoy(declared) for declared in _DECOYS},
    **_NESTED,
}

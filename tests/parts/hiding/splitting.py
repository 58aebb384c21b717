"""Tricks with delimiters and header blocks: where a part starts, where it ends, and where its fields do."""

from typing import Final

from tests.parts.hiding.payload import (
    EOL,
    FILE_NAME,
    MIXED,
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


def _delimited(delimiter: bytes, close: bytes = b"--foo--\r\n") -> Trick:
    """The delimiter line before the attachment, line end included."""
    return lambda pack: top(MIXED) + b"--foo\r\n" + TEXT + delimiter + attachment(pack) + close


def _headed(make: bytes) -> Trick:
    """The header block of the attachment, with {} for the encoding's name."""
    return lambda pack: (
        top(MIXED)
        + b"--foo\r\n"
        + TEXT
        + b"--foo\r\n"
        + make.replace(b"{}", pack.declared).replace(b"{type}", typed()).replace(b"{disposition}", disposed())
        + pack.body
        + b"\r\n--foo--\r\n"
    )


def _cte(pack: Packed) -> bytes:
    return b"Content-Transfer-Encoding: " + pack.declared


def _inner(boundary: bytes) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=" + boundary


_DELIMITERS: Final = {
    "blanks behind the delimiter": b"--foo  \t\r\n",
    "text behind the delimiter": b"--foobar\r\n",
    "text behind a blank": b"--foo bar\r\n",
    "delimiter ended by LF": b"--foo\n",
    "delimiter ended by CR": b"--foo\r",
    "delimiter behind CR": b"\rx\r--foo\r\n",
    "delimiter with NUL": b"--foo\0\r\n",
    "closing delimiter before it": b"--foo--\r\n--foo\r\n",
    "closing delimiter in its place": b"--foo--\r\n",
    "closing delimiter with text": b"--foo--bar\r\n",
    "closing delimiter with blanks": b"--foo-- \r\n",
    "delimiter with a third dash": b"--foo-\r\n",
    "delimiter twice": b"--foo\r\n--foo\r\n",
    "delimiter in upper case": b"--FOO\r\n",
    "leading blank": b" --foo\r\n",
    "other delimiter": b"--bar\r\n",
    "single dash": b"-foo\r\n",
    "no dashes": b"foo\r\n",
    "delimiter and header on one line": b"--foo ",
    "very long tail": b"--foo" + b" " * 5_000 + b"\r\n",
}

_BLOCKS: Final = {
    "no blank line": b"{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n",
    "blank-looking line for the blank line": b"{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n \r\n",
    "blank line is CRCRLF": b"{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\r\n\r\r\n",
    "blank line is CRCR": b"{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\r",
    "line ends are CR": b"{type}\rContent-Transfer-Encoding: {}\r{disposition}\r\r",
    "line ends are LF": b"{type}\nContent-Transfer-Encoding: {}\n{disposition}\n\n",
    "line ends are mixed": b"{type}\nContent-Transfer-Encoding: {}\r\n{disposition}\n\r\n",
    "blank line first": b"\r\n{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "blank-looking line among the fields": b"{type}\r\n \r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "blank line in the middle": b"{type}\r\n\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "garbage line among the fields": b"{type}\r\ngarbage\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "garbage line first": b"garbage\r\n{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "continuation first": b" {type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "colon without name": b": x\r\n{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "From line": b"From a@b Mon Jan  1 00:00 2024\r\n{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "byte order mark": b"\xef\xbb\xbf{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "encoding on a bare-CR line": b"{type}; x=y\rContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "encoding in lower case": b"{type}\r\ncontent-transfer-encoding:{}\r\n{disposition}\r\n\r\n",
    "encoding folded": b"{type}\r\nContent-Transfer-Encoding:\r\n {}\r\n{disposition}\r\n\r\n",
    "encoding folded twice": b"{type}\r\nContent-Transfer-Encoding:\r\n \r\n\t{}\r\n{disposition}\r\n\r\n",
    "blank before the colon": b"{type}\r\nContent-Transfer-Encoding : {}\r\n{disposition}\r\n\r\n",
    "NUL in the name": b"{type}\r\nContent-Transfer\0-Encoding: {}\r\n{disposition}\r\n\r\n",
    "8-bit letter in the name": b"{type}\r\nContent-Transfer-Encoding\xa0: {}\r\n{disposition}\r\n\r\n",
    "hundred fields before it": b"X: y\r\n" * 100 + b"{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
    "long field before it": b"X: "
    + b"y" * 100_000
    + b"\r\n{type}\r\nContent-Transfer-Encoding: {}\r\n{disposition}\r\n\r\n",
}

_BAD_TYPE = b"Content-Type: image/gif\r\nContent-Transfer-Encoding: 7bit\r\n\r\nGIF89a\r\n"

TRICKS: Final[dict[str, Trick]] = {
    **{name: _delimited(line) for name, line in _DELIMITERS.items()},
    **{name: _headed(make) for name, make in _BLOCKS.items()},
    "not closed": lambda pack: top(MIXED) + mixed(TEXT, attachment(pack), close=False),
    "cut off in the last line": lambda pack: top(MIXED) + mixed(TEXT, attachment(pack).rstrip(), close=False),
    "behind the end": lambda pack: top(MIXED) + mixed(TEXT) + EOL + attachment(pack),
    "before the first delimiter": lambda pack: top(MIXED) + attachment(pack) + EOL + mixed(TEXT),
    "without any delimiter": lambda pack: top(MIXED) + attachment(pack),
    "only the closing delimiter": lambda pack: top(MIXED) + attachment(pack) + b"--foo--\r\n",
    "only the closing delimiter, first": lambda pack: top(MIXED) + b"--foo--\r\n" + attachment(pack),
    "delimiter right behind the header": lambda pack: top(MIXED).removesuffix(EOL) + mixed(TEXT, attachment(pack)),
    "no header before the first part": lambda pack: MIXED + b"\r\n\r\n" + mixed(attachment(pack)),
    "header of the message ends early": lambda pack: (
        b"From: a\r\nSubject: x\r\n\r\n" + MIXED + b"\r\n\r\n" + mixed(TEXT, attachment(pack))
    ),
    "the message is the attachment": lambda pack: top(typed(), _cte(pack), disposed()) + pack.body + EOL,
    "inner boundary is the outer one": lambda pack: (
        top(MIXED) + mixed(fields(_inner(b"foo")) + mixed(TEXT, attachment(pack)))
    ),
    "inner boundary starts with the outer one": lambda pack: (
        top(MIXED) + mixed(fields(_inner(b"foobar")) + mixed(TEXT, attachment(pack), boundary=b"foobar"))
    ),
    "outer boundary starts with the inner one": lambda pack: (
        top(b"Content-Type: multipart/mixed; boundary=foobar")
        + mixed(fields(_inner(b"foo")) + mixed(TEXT, attachment(pack)), boundary=b"foobar")
    ),
    "inner multipart not closed": lambda pack: (
        top(MIXED) + mixed(fields(_inner(b"bar")) + mixed(TEXT, close=False, boundary=b"bar"), attachment(pack))
    ),
    "inner delimiter behind the outer one": lambda pack: (
        top(MIXED)
        + mixed(
            fields(_inner(b"bar")) + mixed(TEXT, close=False, boundary=b"bar"),
            _BAD_TYPE + b"--bar\r\n" + attachment(pack) + b"--bar--\r\n",
        )
    ),
    "inner delimiter in an encoded part (unnamed)": lambda pack: (
        top(MIXED)
        + mixed(
            fields(_inner(b"bar")) + mixed(TEXT, close=False, boundary=b"bar"),
            fields(b"Content-Type: image/gif", b"Content-Transfer-Encoding: base64")
            + b"R0lGODlh\r\n--bar\r\n\r\n"
            + pack.body
            + b"\r\n--bar--\r\n",
        )
        if pack.encoding == "7bit"
        else None
    ),
    "inner multipart in the outer epilogue": lambda pack: (
        top(MIXED) + mixed(fields(_inner(b"bar")) + EOL) + mixed(TEXT, attachment(pack), boundary=b"bar")
    ),
    "ten levels deep": lambda pack: _nested(pack, 10),
    "sixty levels deep": lambda pack: _nested(pack, 60),
    "beyond the budget's depth": lambda pack: _nested(pack, 200),
    "message in a message": lambda pack: (
        top(MIXED) + mixed(fields(b"Content-Type: message/rfc822") + top(MIXED) + mixed(TEXT, attachment(pack)))
    ),
    "message in a digest": lambda pack: (
        top(b"Content-Type: multipart/digest; boundary=bar")
        + mixed(EOL + top(MIXED) + mixed(TEXT, attachment(pack)), boundary=b"bar")
    ),
    "message with a blank line first": lambda pack: (
        top(MIXED)
        + mixed(fields(b"Content-Type: message/rfc822") + EOL + top(typed(), _cte(pack), disposed()) + pack.body + EOL)
    ),
    "message/global": lambda pack: (
        top(MIXED)
        + mixed(fields(b"Content-Type: message/global") + top(typed(), _cte(pack), disposed()) + pack.body + EOL)
    ),
    "message/partial": lambda pack: (
        top(b'Content-Type: message/partial; id="x"; number=1; total=1') + top(MIXED) + mixed(TEXT, attachment(pack))
    ),
    "message by its name only": lambda pack: (
        top(MIXED)
        + mixed(
            fields(b'Content-Type: application/octet-stream; name="a.eml"')
            + top(MIXED.replace(b"foo", b"bar"))
            + mixed(TEXT, attachment(pack), boundary=b"bar")
        )
    ),
    "part without fields (unnamed)": lambda pack: (
        top(MIXED) + mixed(TEXT, EOL + pack.body + EOL) if pack.encoding == "7bit" else None
    ),
    "uuencode in plain text": lambda pack: (
        top(b"Content-Type: text/plain") + b"see:\r\n" + pack.body + EOL if pack.encoding == "uuencode" else None
    ),
    "uuencode in a text part": lambda pack: (
        top(MIXED) + mixed(TEXT + pack.body + EOL) if pack.encoding == "uuencode" else None
    ),
    "uuencode in the preamble": lambda pack: (
        top(MIXED) + pack.body + EOL + mixed(TEXT) if pack.encoding == "uuencode" else None
    ),
    "uuencode in the epilogue": lambda pack: (
        top(MIXED) + mixed(TEXT) + pack.body + EOL if pack.encoding == "uuencode" else None
    ),
    "uuencode without a header": lambda pack: b"\r\n" + pack.body + EOL if pack.encoding == "uuencode" else None,
    "type field again in the body": lambda pack: (
        top(MIXED)
        + mixed(
            fields(b"Content-Type: text/plain")
            + typed()
            + EOL
            + _cte(pack)
            + EOL
            + disposed()
            + EOL
            + EOL
            + pack.body
            + EOL
        )
    ),
    "name field in the first part only": lambda pack: (
        top(MIXED) + mixed(fields(b"Content-Type: application/x; name=" + FILE_NAME, _cte(pack)) + pack.body + EOL)
    ),
}


def _nested(pack: Packed, levels: int) -> bytes:
    body = attachment(pack)
    for level in range(levels):
        boundary = b"b%d." % level
        body = fields(_inner(boundary)) + mixed(TEXT, body, boundary=boundary)
    return top(_inner(b"foo")) + mixed(body)

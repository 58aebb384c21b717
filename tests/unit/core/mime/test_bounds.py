"""Messages made to cost much end soon, and what was left unseen is named."""

import base64
import time
from collections.abc import Callable

import pytest

from mailock.core.mime.defects import Defect
from mailock.core.mime.parse import parse

MIB = 1 << 20
SECONDS = 20
"""Far above what any of them takes on an idle machine (under two seconds); a quadratic one takes minutes."""
MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
BASE64 = b"Content-Transfer-Encoding: base64\n\n"
QUOTED = b"Content-Transfer-Encoding: quoted-printable\n\n"


def _deep(levels: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%06d\n\n--b%06d\n" % (n, n) for n in range(levels))


def _encoded_messages(levels: int, content: bytes) -> bytes:
    for _ in range(levels):
        content = b"Content-Type: message/rfc822\n" + BASE64 + base64.b64encode(content)
    return content


CUT: dict[str, tuple[Callable[[], bytes], Defect]] = {
    "a million parts": (lambda: MIXED + b"--b\r\n\r\n" * 1_000_000, Defect.TOO_MANY_PARTS),
    "100,000 levels": (lambda: _deep(100_000), Defect.TOO_DEEP),
    "100,000 messages": (lambda: b"Content-Type: message/rfc822\n\n" * 100_000, Defect.TOO_DEEP),
    "a header of 2 MiB": (lambda: b"X: y\n" * (2 * MIB // 5) + b"\nbody", Defect.HEADER_TOO_LONG),
    "20,000 boundaries": (
        lambda: b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n" % n for n in range(20_000)) + b"\n--b1\n",
        Defect.AMBIGUOUS,
    ),
    "30,000 encodings": (
        lambda: b"".join(b"Content-Transfer-Encoding: x%d\n" % n for n in range(30_000)) + b"\nabc",
        Defect.AMBIGUOUS,
    ),
    "250,000 parameters": (lambda: b"Content-Type: a/b;" + b"a=b;" * 250_000 + b"\n\n", Defect.AMBIGUOUS),
    "300,000 stray parts": (lambda: b"\n" + b"--x\nContent-Type: a/b\n\n" * 300_000, Defect.AMBIGUOUS),
    "delimiters within a line": (lambda: MIXED + b"x--b--" * MIB, Defect.TOO_MANY_PARTS),
    "inner multiparts that do not end": (
        lambda: MIXED + b"--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n" * 3_000,
        Defect.TOO_MANY_PARTS,
    ),
    "closing delimiters": (lambda: MIXED + b"--b--\n" * MIB, Defect.TOO_MANY_PARTS),
}
WHOLE: dict[str, Callable[[], bytes]] = {
    "boundaries that start with each other": lambda: MIXED + b"--b\n\n" + b"--bb\n" * 500,
    "quotes and backslashes": lambda: b"Content-Type: a/b; x=" + b'"\\' * 400_000 + b"\n\n",
    "boundaries in comments": lambda: b"Content-Type: multipart/mixed(;" + b"boundary=b;" * 80_000 + b"\n\n--b\n",
    "encoded words that do not end": lambda: b"Content-Type: a/b; name=" + b"=?a?q?" * 150_000 + b"\n\n",
    "padding": lambda: BASE64 + b"QQ==\n" * (2 * MIB),
    "foreign letters": lambda: BASE64 + b"Q!" * (5 * MIB),
    "lines of one letter": lambda: BASE64 + b"Q\n" * (5 * MIB),
    "equals signs": lambda: QUOTED + b"=" * (10 * MIB),
    "begin and begin": lambda: b"\n" + b"begin 644 a\n" * (MIB // 2),
    "short lines of uuencode": lambda: b"\nbegin 644 a\n" + b"!86\n" * MIB,
    "yEnc of escapes": lambda: b"\n=ybegin line=128 size=1 name=x\n" + b"=a" * (4 * MIB),
    "TNEF of nothing": lambda: b"\n\x78\x9f\x3e\x22" + b"\2\x05\x90\0\0\0\0\0\0" * MIB,
    "messages in base64": lambda: _encoded_messages(20, b"x"),
    "NULs": lambda: b"a: b\n\n" + b"\0" * (10 * MIB),
    "dashes": lambda: b'Content-Type: multipart/mixed; boundary="-"\n\n' + b"-" * (10 * MIB),
}


@pytest.mark.parametrize("name", CUT)
def test_what_is_too_much_ends_soon_and_is_named(name: str) -> None:
    make, defect = CUT[name]
    message = make()
    start = time.process_time()
    anatomy = parse(message)
    assert time.process_time() - start < SECONDS
    assert defect in anatomy.defects
    assert not anatomy.complete


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_odd_ends_soon(name: str) -> None:
    message = WHOLE[name]()
    start = time.process_time()
    anatomy = parse(message)
    assert time.process_time() - start < SECONDS
    assert anatomy.spaces[0] is message

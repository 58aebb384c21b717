"""Warms a worker of the jail up: before any mail comes, every engine looks at a letter of our own, again and again.

What is written to memory then need not be written by each child, and so not be copied for it: the interpreter's
specialised code, its caches of attributes, regular expressions, tables that libraries make on first use. It halves what
an ordinary message costs. Nothing of anybody's mail is in it: the letter stands below.
"""

import base64
import struct
import zlib
from collections.abc import Callable, Iterable
from typing import Final

from mailock.jail.child import Task
from mailock.ports.bodies import in_memory
from mailock.stations.examine.crew import Bounds
from mailock.stations.examine.wire import Order, write_order

ROUNDS: Final = 24
"""The interpreter specialises code after some eight runs, and gives up on what changes after as many more."""
_PICTURE_SIDE: Final = 16
_LETTER: Final = """\
Received: from mail.sender.test (mail.sender.test [192.0.2.1])\r
\tby mx.receiver.test with ESMTPS id 4F1; Tue, 24 Nov 2026 09:12:44 +0000\r
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=sender.test; s=a;\r
\th=from:to:subject:date; bh=AAAA; b=AAAA\r
From: =?utf-8?q?Anna_M=C3=BCller?= <anna@sender.test>\r
To: "Receiver, R." <r@receiver.test>\r
Subject: =?utf-8?b?R3LDvMOfZQ==?= and more\r
Date: Tue, 24 Nov 2026 09:12:44 +0000\r
Message-ID: <1@sender.test>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="m"\r
\r
--m\r
Content-Type: multipart/alternative; boundary=a\r
\r
--a\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
Good morning, see https://www.sender.test/news?id=3D1 or www.sender.test =\r
before Friday. Gr=C3=BC=C3=9Fe, anna@sender.test\r
--a\r
Content-Type: text/html; charset="iso-8859-1"\r
Content-Transfer-Encoding: 8bit\r
\r
<html><head><style>p {{ color: #222; font-size: 14px }}</style></head><body bgcolor="#ffffff">\r
<table width="600"><tr><td><p style="margin:0">Good <b>morning</b>, see\r
<a href="https://www.sender.test/news?id=1&amp;x=2">the news</a> <img src="cid:logo@sender.test" width="16"></p>\r
<a href="mailto:anna@sender.test">Anna</a></td></tr></table></body></html>\r
--a--\r
--m\r
Content-Type: image/png; name="logo.png"\r
Content-Disposition: inline; filename*=utf-8''logo.png\r
Content-ID: <logo@sender.test>\r
Content-Transfer-Encoding: base64\r
\r
{picture}\r
--m--\r
"""


def warm(task: Task, engines: Iterable[str]) -> Callable[[], None]:
    """Has these engines look at the letter, by the task of the jail that does so for mail; gives what does it again."""
    bounds = Bounds()
    order = write_order(
        Order(
            words=(),
            engines=tuple(engines),
            exhibit=(),
            sought=(),
            digests=(),
            depth=bounds.depth,
            files=bounds.files,
            octets=bounds.octets,
            ratio=bounds.ratio,
        )
    )
    body = in_memory(_letter())

    def once() -> None:
        task(order, body, None, _unheard)

    for _ in range(ROUNDS):
        once()
    return once


def _letter() -> bytes:
    picture = base64.encodebytes(_picture()).decode().strip().replace("\n", "\r\n")
    return _LETTER.format(picture=picture).encode("iso-8859-1")


def _picture() -> bytes:
    """A PNG of one colour (PNG, 3rd edition, chapter 5)."""
    lines = (b"\0" + b"\x30\x60\x90" * _PICTURE_SIDE) * _PICTURE_SIDE

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", _PICTURE_SIDE, _PICTURE_SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def _unheard(frame: bytes) -> None:
    """Nobody is told what a worker thinks of our letter."""

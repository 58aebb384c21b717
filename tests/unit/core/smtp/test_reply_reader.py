"""Replies as next hops write them."""

import pytest

from mailock.core.smtp.client_effects import Fault
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.reply_reader import LINE_OCTETS, LINES, ReplyReader


def read(octets: bytes) -> list[Reply | Fault]:
    """All that is whole, up to the first fault."""
    reader, found = ReplyReader(), list[Reply | Fault]()
    reader.feed(octets)
    while (reply := reader.next()) is not None:
        found.append(reply)
        if isinstance(reply, Fault):
            break
    return found


def empty(reader: ReplyReader) -> bool:
    """Whether nothing is left."""
    return reader.empty


@pytest.mark.parametrize(
    ("octets", "reply"),
    [
        (b"250 2.1.0 Ok\r\n", Reply.of(250, "2.1.0", "Ok")),
        (b"250 2.1.0\r\n", Reply.of(250, "2.1.0")),
        (b"250\r\n", Reply.of(250, "")),
        (b"250 \n", Reply.of(250, "")),
        (b"550 4.1.1 contradiction\r\n", Reply.of(550, "", "4.1.1 contradiction")),
        (b"250-2.0.0 one\r\n250-\r\n250 2.0.0 two\r\n", Reply.of(250, "2.0.0", "one", "", "two")),
        (b"550 \xc3\xbc\xff\x00\r\n", Reply.of(550, "", "ü\ufffd?")),
        (b"550 a\r\r\n", Reply.of(550, "", "a?")),
    ],
)
def test_reads(octets: bytes, reply: Reply) -> None:
    assert read(octets) == [reply]


@pytest.mark.parametrize(
    "octets",
    [
        b"hello\r\n",
        b"\r\n",
        b"25 x\r\n",
        b"199 x\r\n",
        b"600 x\r\n",
        b"2500 x\r\n",
        b"250-a\r\n550 b\r\n",
        "²50 x\r\n".encode(),
    ],
)
def test_malformed(octets: bytes) -> None:
    assert read(octets) == [Fault.MALFORMED]


@pytest.mark.parametrize(
    "octets", [b"250 " + b"x" * LINE_OCTETS, b"250 " + b"x" * LINE_OCTETS + b"\r\n", b"250-x\r\n" * (LINES + 1)]
)
def test_overlong(octets: bytes) -> None:
    assert read(octets) == [Fault.OVERLONG]


def test_waits_and_tells_whether_anything_is_left() -> None:
    reader = ReplyReader()
    assert empty(reader)
    reader.feed(b"250-a\r\n")
    assert reader.next() is None
    assert not empty(reader)
    reader.feed(b"250 b\r\n2")
    assert reader.next() == Reply.of(250, "", "a", "b")
    assert not empty(reader)
    reader.feed(b"50 c\r\n")
    assert reader.next() == Reply.of(250, "", "c")
    assert empty(reader)

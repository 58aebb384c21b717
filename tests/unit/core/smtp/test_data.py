"""The body on the wire: the cases that the properties draw seldom, one by one."""

import pytest

from mailock.core.smtp.data import ChunkFramer, DotReader, DotStuffer, NewlineLaw, normalised


def test_the_law_across_chunks() -> None:
    law = NewlineLaw()
    assert not law.watch(b"a\r")
    assert not law.watch(b"\nb\xff")
    assert not law.ended()
    assert law.watch(b"\n")
    assert law.broken


def test_a_cr_at_the_very_end_breaks_the_law() -> None:
    law = NewlineLaw()
    assert not law.watch(b"a\r")
    assert law.ended()
    assert law.broken


def test_reads_to_the_end_and_gives_back_the_rest() -> None:
    reader = DotReader(normalise=False)
    assert reader.feed(b"a\r\n..b\r\n.\r\nQUIT\r\n.\r\n") == b"a\r\n.b\r\n"
    assert (reader.ended, reader.bare, reader.rest) == (True, False, b"QUIT\r\n.\r\n")


def test_an_empty_message() -> None:
    reader = DotReader(normalise=False)
    assert reader.feed(b".\r\n") == b""
    assert reader.ended


@pytest.mark.parametrize("held", [b"\r", b"\r\n", b"\r\n.", b"\r\n.\r"])
def test_keeps_what_is_unsettled(held: bytes) -> None:
    reader = DotReader(normalise=False)
    assert reader.feed(b"a" + held) == b"a"
    end = b"\r\n.\r\n".removeprefix(held)
    assert reader.feed(end) == b"\r\n"
    assert reader.ended


@pytest.mark.parametrize("plain", [b".", b"\n", b"x", b"x."])
def test_keeps_nothing_else(plain: bytes) -> None:
    assert DotReader(normalise=False).feed(b"a" + plain) == b"a" + plain


def test_feeding_nothing_changes_nothing() -> None:
    reader = DotReader(normalise=True)
    assert reader.feed(b"a") == b"a"
    assert reader.feed(b"") == b""
    assert not reader.bare


def test_normalising_makes_no_dot_line_that_was_not_stuffed() -> None:
    reader = DotReader(normalise=True)
    assert reader.feed(b"a\n.\r\nb\r.c\n..d\r\n.\r\n") == b"a\r\n\r\nb\r\nc\r\n.d\r\n"
    assert reader.bare


def test_normalising_holds_back_a_line_end() -> None:
    reader = DotReader(normalise=True)
    assert reader.feed(b"a\n") + reader.feed(b".b\r\n.\r\n") == b"a\r\nb\r\n"


def test_stuffs_across_chunks() -> None:
    stuffer = DotStuffer()
    assert [stuffer.feed(piece) for piece in (b".a\r", b"\n.b", b".\r\n", b"", b".", b"c")] == [
        b"..a\r",
        b"\n..b",
        b".\r\n",
        b"",
        b"..",
        b"c",
    ]
    assert stuffer.finish() == b"\r\n.\r\n"


def test_large_clean_chunks_pass_as_they_are() -> None:
    chunk = b"line\r\n" * 10_000
    assert DotStuffer().feed(chunk) is chunk


def test_an_empty_body_ends_at_once() -> None:
    assert DotStuffer().finish() == b".\r\n"


@pytest.mark.parametrize("writer", [DotStuffer, ChunkFramer])
def test_unlawful_content_does_not_leave(writer: type[DotStuffer | ChunkFramer]) -> None:
    first = writer()
    assert first.feed(b"a\nb") is None
    assert first.finish() is None
    second = writer()
    assert second.feed(b"a\r") is not None
    assert second.finish() is None


def test_frames() -> None:
    framer = ChunkFramer()
    assert framer.feed(b"") == b""
    assert framer.feed(b"ab") == b""
    assert framer.feed(b"c\r\n") == b"BDAT 2\r\nab"
    assert framer.finish() == b"BDAT 3 LAST\r\nc\r\n"
    assert framer.frames == 2
    assert ChunkFramer().finish() == b"BDAT 2 LAST\r\n\r\n"


def test_normalised() -> None:
    assert normalised(b"a\r\nb\rc\nd\n\re") == b"a\r\nb\r\nc\r\nd\r\n\r\ne"

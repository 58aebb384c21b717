"""The body on the wire: unstuffing undoes stuffing, cuts do not matter, and a slow reading of the law agrees."""

import re

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.smtp.data import ChunkFramer, DotReader, DotStuffer, NewlineLaw
from tests.properties.smtp_worlds import cut_at

octets = st.lists(
    st.sampled_from((b"\r\n", b"\r", b"\n", b".", b"\r\n.", b"\r\n.\r\n", b"a", b"\0", b"text ", b"\xff")), max_size=14
).map(b"".join)
lawful = st.lists(st.sampled_from((b"\r\n", b".", b"a", b"..", b"\r\n.\r\n", b"\xff")), max_size=14).map(b"".join)
places = st.lists(st.integers(0, 80), max_size=8)


def read(pieces: list[bytes], *, normalise: bool) -> tuple[bytes, bool, bool, bytes]:
    """Content, whether it ended, whether the law was broken, and the rest."""
    reader, content, rest = DotReader(normalise=normalise), b"", b""
    for piece in pieces:
        if reader.ended:
            rest += piece
        else:
            content += reader.feed(piece)
            rest += reader.rest
    return content, reader.ended, reader.bare, rest


def slowly(wire: bytes, *, normalise: bool) -> tuple[bytes, bool, bytes]:
    """The same for a wire with an end, as one would write it without a thought for speed."""
    body, _, rest = (b"\r\n" + wire).partition(b"\r\n.\r\n")
    lines = re.split(rb"\r\n|\r|\n", body) if normalise else body.split(b"\r\n")
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n", body) is not None
    content = b"\r\n".join(line.removeprefix(b".") for line in lines[1:])
    # partition took the CRLF that ends the last line; without lines there is none.
    return content + b"\r\n" if len(lines) > 1 else content, bare, rest


@given(octets, places, st.booleans())
def test_reading_does_not_depend_on_the_cut(wire: bytes, cuts: list[int], normalise: bool) -> None:
    assert read([wire], normalise=normalise)[1:] == read(cut_at(wire, cuts), normalise=normalise)[1:]
    ended = wire + b"\r\n.\r\n"
    assert read([ended], normalise=normalise) == read(cut_at(ended, cuts), normalise=normalise)


@given(octets, st.booleans())
def test_the_fast_reader_is_right(wire: bytes, normalise: bool) -> None:
    wire += b"\r\n.\r\n"
    content, ended, bare, rest = read([wire], normalise=normalise)
    wanted, wanted_bare, wanted_rest = slowly(wire, normalise=normalise)
    assert ended
    assert (bare, rest) == (wanted_bare, wanted_rest)
    if normalise or not bare:
        assert content == wanted


@given(octets)
def test_normalised_content_is_lawful(wire: bytes) -> None:
    content, *_ = read([wire + b"\r\n.\r\n"], normalise=True)
    law = NewlineLaw()
    law.watch(content)
    assert not law.ended()


def stuff(pieces: list[bytes]) -> bytes | None:
    """The wire octets with their end mark, or None."""
    stuffer, wire = DotStuffer(), b""
    for piece in pieces:
        stuffed = stuffer.feed(piece)
        if stuffed is None:
            return None
        wire += stuffed
    end = stuffer.finish()
    return None if end is None else wire + end


@given(lawful, places, places)
def test_unstuffing_undoes_stuffing(content: bytes, out: list[int], back: list[int]) -> None:
    wire = stuff(cut_at(content, out))
    assert wire is not None
    assert wire == stuff([content])
    whole = content if content.endswith(b"\r\n") or not content else content + b"\r\n"
    assert read(cut_at(wire, back), normalise=False) == (whole, True, False, b"")


@given(octets, places)
def test_what_leaves_has_one_end(content: bytes, cuts: list[int]) -> None:
    wire = stuff(cut_at(content, cuts))
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n", content) is not None
    assert (wire is None) == bare
    if wire is not None:
        assert (b"\r\n" + wire).find(b"\r\n.\r\n") == len(wire) - 3


@given(octets, places)
def test_framed_octets_count_themselves(content: bytes, cuts: list[int]) -> None:
    framer = ChunkFramer()
    frames = [framer.feed(piece) for piece in cut_at(content, cuts)]
    frames.append(framer.finish() if None not in frames else None)
    if None in frames:
        assert re.search(rb"\r(?!\n)|(?<!\r)\n", content)
        return
    wire, out = b"".join(frame for frame in frames if frame), b""
    while wire:
        line, _, wire = wire.partition(b"\r\n")
        verb, size, *last = line.split()
        assert verb == b"BDAT"
        out, wire = out + wire[: int(size)], wire[int(size) :]
        assert bool(last) == (not wire)
    assert out == (content if content.endswith(b"\n") else content + b"\r\n")

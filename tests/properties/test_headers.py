"""Whatever bytes come: header blocks are taken apart without loss, and what is shown of them is harmless."""

from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.mime.headers import SHOWN, end_of_headers, fields, first, glimpse, header_block, received_count

PIECES = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b"Subject:",
        b"From",
        b"received:",
        b"Message-ID: <a@b>",
        b"\0",
        b"\xff",
        b"\xc3\xa9",
        b"x" * 999,
    ]
)
MESSAGES = st.one_of(
    st.binary(max_size=400),
    st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=30).map(b"".join),
)


@given(MESSAGES)
def test_the_block_and_the_body_are_the_message(message: bytes) -> None:
    block, body = header_block(message), message[end_of_headers(message) :]
    between = message[len(block) : len(message) - len(body)]
    assert block + between + body == message
    assert between in (b"", b"\n", b"\r\n")
    assert b"\n\n" not in block
    assert b"\n\r\n" not in block


@given(MESSAGES)
def test_fields_joined_are_the_block(message: bytes) -> None:
    found = fields(message)
    assert b"".join(field.raw for field in found) == message
    assert all(field.raw for field in found)
    for field in found:
        assert b"\n" not in field.value
        assert not field.name or field.raw.startswith(field.name + b":")


@given(MESSAGES)
def test_the_glimpse_agrees_with_the_fields_and_fits_a_log_line(message: bytes) -> None:
    block = header_block(message)
    shown = glimpse(block)
    for text in astuple(shown):
        assert len(text.encode("utf-8")) <= 3 * SHOWN
        assert not any(character < " " or character == "\x7f" for character in text)
    subjects = [field.value for field in fields(block) if field.name.lower() == b"subject"]
    assert first(block, b"subject") == (subjects[0] if subjects else None)
    assert received_count(block) == sum(field.name.lower() == b"received" for field in fields(block))

"""Words are found however a text hides them, and what was not looked at is told."""

import pytest

from mailock.core.evidence.wording import BODY, READABLE, Sought, folded, spot
from mailock.core.mime.parse import parse

WANTED = (Sought(BODY, folded("Lottery  win")), Sought("list-id", "news"), Sought("x-mark", "straße".casefold()))


@pytest.mark.parametrize(
    ("message", "numbers"),
    [
        (b"\r\nthe LOTTERY\r\nwin", [0]),
        (b"Content-Type: text/html\r\n\r\n<p>lot<b>tery</b><br>win", [0]),
        (b"Content-Type: text/html\r\n\r\n<p>&#108;ottery<br>win", [0]),
        (b"Content-Transfer-Encoding: base64\r\n\r\nTG90dGVyeSB3aW4=", [0]),
        (b"Content-Type: text/plain; charset=utf-8\r\n\r\nlot\xe2\x80\x8btery win", [0]),
        (b"Content-Type: application/pdf\r\n\r\nlottery win", []),
        (b"List-Id: a\r\nList-ID: The =?utf-8?q?Ne?=\r\n =?utf-8?q?ws?=\r\n\r\nnothing", [1]),
        (b"X-Mark: =?utf-8?b?U1RSQcOfRQ==?=\r\n\r\nnews", [2]),
        (b"Subject: lottery win\r\n\r\nlottery, win", []),
    ],
)
def test_a_word_is_found_where_it_stands_and_nowhere_else(message: bytes, numbers: list[int]) -> None:
    seen, whole = spot(parse(message), WANTED)
    assert [number for number, _ in seen] == numbers
    assert whole


def test_a_text_that_is_too_long_is_not_said_to_be_without_a_word() -> None:
    seen, whole = spot(parse(b"\r\n" + b"a " * READABLE + b"lottery win"), WANTED)
    assert (seen, whole) == ([], False)
    assert spot(parse(b"\r\n" + b"a " * READABLE), WANTED[1:]) == ([], True)

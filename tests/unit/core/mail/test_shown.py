"""What came from outside, shown: decoded where it can be, harmless always, and never a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.mail.shown import cleaned, header


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus Ulm", "Grüße aus Ulm"),
        ("=?iso-8859-1?Q?caf=E9?=", "café"),
        ("=?utf-8?B?0J/RgNC40LLQtdGC?=", "Привет"),
        ("=?utf-8?b?SGVsbG8g?=\r\n =?utf-8?b?V29ybGQ=?=", "Hello World"),
        ("=?nonsense?q?caf=E9?=", "café"),
        ("=?utf-8?q?broken=ZZ?=", "broken=ZZ"),
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("=?hex?q?41?=", "41"),
        ("=?utf-8?q?a=1B=5B31mred=00?=", "a\ufffd[31mred\ufffd"),
        ("folded\r\n\tfield", "folded field"),
        ("turned \u202e round", "turned \ufffd round"),
        ("lone \udcff surrogate", "lone \ufffd surrogate"),
    ],
)
def test_headers_are_shown_decoded_and_harmless(raw: str, shown: str) -> None:
    assert header(raw) == shown


@given(st.text() | st.text(alphabet="=?utf-8qbQB AZaz09_+/\x1b\r\n", max_size=80))
def test_whatever_stands_there_one_harmless_line_comes_out(raw: str) -> None:
    for shown in (header(raw), cleaned(raw)):
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in shown)
        shown.encode()


@given(
    st.sampled_from(["utf-7", "unicode_escape", "idna", "punycode", "rot13", "undefined", "utf-16", "a\0b"]), st.text()
)
def test_no_character_set_brings_it_down(charset: str, text: str) -> None:
    header(f"=?{charset}?q?{text}?=").encode()

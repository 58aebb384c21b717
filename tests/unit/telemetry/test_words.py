"""Words: how texts are folded, cut, and found by their beginnings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.telemetry.words import address_key, begins_word, folded, indexable, tokens


@pytest.mark.parametrize(
    ("text", "plain"), [("Invoice", "invoice"), ("Grüße", "grusse"), ("CAFÉ", "cafe"), ("ИНН", "инн"), ("ﬁn", "fin")]
)
def test_case_and_accents_do_not_matter(text: str, plain: str) -> None:
    assert folded(text) == plain


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("inv", "your invoice", True),
        ("voice", "your invoice", False),
        ("alice@exa", "<alice@example.com>", True),
        ("@example", "alice@example.com", True),
        ("example.com", "alice@mail.example.com", True),
        ("xample", "alice@example.com", False),
        ("our inv", "your invoice", False),
        ("a", "banana a", True),
        ("発注", "ご発注の件", True),
    ],
)
def test_terms_are_found_at_the_beginning_of_words(term: str, text: str, found: bool) -> None:
    assert begins_word(folded(term), folded(text)) is found


@given(st.text(), st.text(min_size=1).filter(lambda term: bool(tokens(term))))
def test_what_is_found_has_the_terms_words(text: str, term: str) -> None:
    """The index may offer too much, never too little: the tokens of a term that is found are in the indexed text."""
    held = f"{text} {term} {text}"
    assert begins_word(folded(term), folded(held))
    words = indexable(held).split()
    present = ["".join(c if c.isalnum() or not c.isascii() else " " for c in word).split() for word in words]
    flat = [word for several in present for word in several]
    *whole, last = tokens(term)
    assert all(word in flat for word in whole)
    assert any(word.startswith(last) for word in flat)


def test_keys_of_addresses_share_their_beginnings() -> None:
    assert address_key("192.0.2.25").startswith(address_key("192.0.2"))
    assert address_key("192.0.2.25").startswith(address_key("192.0.2."))
    assert not address_key("192.0.25.1").startswith(address_key("192.0.2"))
    assert address_key("2001:db8::1").startswith(address_key("2001:db8::"))
    assert address_key("2001:db8::1") == address_key("2001:0DB8:0:0::0001")
    assert address_key('1.2"x') == "1x2xx"

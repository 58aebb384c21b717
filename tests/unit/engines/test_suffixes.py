"""Whose a host is."""

import pytest

from mailock.engines.suffixes import place


@pytest.mark.parametrize(
    ("host", "whose"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("app.shop.invalid", "shop.invalid"),
        ("localhost", "localhost"),
        ("", ""),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "[2001:db8::1]"),
    ],
)
def test_a_host_belongs_to_its_registrable_domain_or_to_its_last_two_names(host: str, whose: str) -> None:
    assert place(host) == whose

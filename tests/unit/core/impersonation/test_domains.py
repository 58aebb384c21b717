"""Domains that pass for others."""

import pytest

from mailock.core.impersonation.domains import Names, one_edit, skeleton


@pytest.mark.parametrize(
    ("site", "name", "sure"),
    [
        ("paypa1.com", "paypal", True),
        ("rnicrosoft.com", "microsoft", True),
        ("xn--pypal-4ve.com", "paypal", True),
        ("arnazon.de", "amazon", True),
        ("netfl1x.com", "netflix", True),
        ("gooogle.com", "google", True),
        ("facebok.com", "facebook", True),
        ("fcaebook.com", "facebook", True),
        ("paypal-secure.net", "paypal", True),
        ("secure-paypal.net", "paypal", True),
        ("dhl-paket.info", "dhl", True),
        ("paypallogin.com", "paypal", True),
        ("paypal.xyz", "paypal", False),
        ("paypal-bakery.com", "paypal", False),
        ("wwwpaypal.com", "paypal", True),
        ("kon7or6ank.com", "kontorbank", True),
        ("kontorbankdeutschland.com", "kontorbank", False),
    ],
)
def test_a_domain_passes_for_another(site: str, name: str, *, sure: bool) -> None:
    found = Names({name: name}).resemblance(site)
    assert found is not None
    assert (found.of, found.sure) == (name, sure)


@pytest.mark.parametrize(
    ("site", "name"),
    [
        ("papal.va", "paypal-x"),
        ("pineapple.com", "apple"),
        ("amazing.com", "amazon"),
        ("dhlawyers.com", "dhl"),
        ("ingress.org", "ing"),
        ("example.com", "paypal"),
        ("updates.example", "ups"),
    ],
)
def test_an_honest_domain_passes_for_nobody(site: str, name: str) -> None:
    assert Names({name: name}).resemblance(site) is None


def test_one_edit_is_one_letter_more_less_other_or_exchanged() -> None:
    assert one_edit("abcd", "abd")
    assert one_edit("abd", "abcd")
    assert one_edit("abcd", "abxd")
    assert one_edit("abcd", "acbd")
    assert not one_edit("abcd", "abcd")
    assert not one_edit("abcd", "badc")
    assert not one_edit("abcd", "abcdef")


@pytest.mark.parametrize("written", ["раураl", "ρаyραl", "рɑγраӏ", "ᴘᴀʏᴘᴀʟ", "páýpąl", "ƿaypal", "PАYPAL"])
def test_letters_of_other_scripts_have_the_skeleton_of_ours(written: str) -> None:
    assert skeleton(written) == skeleton("paypal")
    assert Names({"paypal": "PayPal"}).looks_like(written) == "PayPal"


def test_a_name_does_not_look_like_itself() -> None:
    names = Names({"paypal": "PayPal", "dhl": "DHL"})
    assert not names.looks_like("paypal")
    assert not names.looks_like("dh1")
    assert skeleton("x" * 300) == "x" * 300

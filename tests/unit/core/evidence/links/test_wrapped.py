"""Wrappers undone, one in the other too; what carries nothing stays as it is."""

import base64
import time

import pytest

from mailock.core.evidence.links.target import target
from mailock.core.evidence.links.wrapped import DEEPEST, chain


def inner(written: str) -> tuple[str, bool]:
    """Where a URL leads in the end, and whether only known wrappers lie around that."""
    outer = target(written)
    assert outer is not None
    found, known = chain(outer)
    return found[-1].untrusted_url, known


@pytest.mark.parametrize(
    ("wrapped", "leads"),
    [
        (
            "https://eur01.safelinks.protection.outlook.com/?url=http%3A%2F%2Fevil.example%2Fa&data=05",
            "http://evil.example/a",
        ),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=http%3A%2F%2Fevil.example%2Fa&amp;data=05",
            "http://evil.example/a",
        ),
        ("https://urldefense.proofpoint.com/v1/url?u=http://evil.example/a&k=x", "http://evil.example/a"),
        (
            "https://urldefense.proofpoint.com/v2/url?u=http-3A__evil.example_a-3Fb-3D1&d=x&c=y",
            "http://evil.example/a?b=1",
        ),
        ("https://urldefense.com/v3/__https://evil.example/a*b__;Kw!!x!y$", "https://evil.example/a+b"),
        ("https://urldefense.us/v3/__https:/*evil.example__;Lw!!x!y$", "https://evil.example/"),
        ("https://urldefense.com/v3/__https://evil.example/**Bx__;8J-YgA!!x!y$", "https://evil.example/\U0001f600x"),
        ("https://www.google.com/url?q=https://evil.example/a%3Fb&sa=D", "https://evil.example/a?b"),
        ("https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fevil.example%2F", "https://evil.example/"),
        ("https://google.com/amp/s/evil.example/x", "https://evil.example/x"),
        ("https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fevil.example%2f&c=E", "https://evil.example/"),
        ("https://secure-web.cisco.com/1abc/https%3A%2F%2Fevil.example%2F", "https://evil.example/"),
        ("https://url.avanan.click/v2/___https://evil.example/x___.YXA", "https://evil.example/x"),
        ("https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9ldmlsLmV4YW1wbGUv&ntb=1", "https://evil.example/"),
        ("https://r.search.yahoo.com/_ylt=x/RU=https%3a%2f%2fevil.example%2f/RK=2/RS=x", "https://evil.example/"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fevil.example%2F&h=x", "https://evil.example/"),
    ],
)
def test_a_known_wrapper_is_undone(wrapped: str, leads: str) -> None:
    assert inner(wrapped) == (leads, True)


@pytest.mark.parametrize(
    "wrapped",
    [
        "https://tracker.example/r?url=https://evil.example/",
        "https://tracker.example/r?x=1&next=https%3A%2F%2Fevil.example%2F",
        "https://tracker.example/r?to=https%253A%252F%252Fevil.example%252F",
        "https://tracker.example/r?d=" + base64.b64encode(b"https://evil.example/").decode(),
        "https://tracker.example/go/https://evil.example/",
        "https://tracker.example/go/https:/evil.example/",
    ],
)
def test_an_open_redirect_is_followed_and_not_called_a_wrapper(wrapped: str) -> None:
    assert inner(wrapped) == ("https://evil.example/", False)


def test_one_wrapper_in_another_is_undone() -> None:
    first = "https://www.google.com/url?q=https%3A%2F%2Fevil.example%2F"
    second = "https://x.safelinks.protection.outlook.com/?url=" + first.replace("%", "%25").replace(":", "%3A").replace(
        "&", "%26"
    )
    assert inner(second) == ("https://evil.example/", True)


def test_wrappers_without_end_are_followed_to_a_bound_and_quickly() -> None:
    url = "https://evil.example/"
    for _ in range(200):
        url = "https://t.example/?u=" + url
    outer = target(url)
    assert outer is not None
    began = time.process_time()
    found, _ = chain(outer)
    assert len(found) == DEEPEST
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "plain",
    [
        "https://example.com/a?b=c",
        "https://example.com/?q=what+is+http",
        "https://www.google.com/search?q=mail",
        "https://urldefense.com/v3/__broken",
        "https://safelinks.protection.outlook.com/?url=%%%",
    ],
)
def test_what_carries_nothing_stays(plain: str) -> None:
    found = target(plain)
    assert found is not None
    assert inner(plain)[0] == found.untrusted_url

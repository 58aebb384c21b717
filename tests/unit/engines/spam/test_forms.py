"""Forms: found where they stand, and sought only where they could."""

import pytest

from mailock.engines.spam import bodies, pages
from mailock.engines.spam.forms import Form
from mailock.engines.spam.wording import is_random, leet, random_among, spaced

_THERE = [
    (
        pages._HIDDEN,
        ["display : none", "visibility:hidden", "font-size:0", "opacity: 0;", "mso-hide:all", "max-height:0"],
    ),
    (pages._TINY, ["font-size: 1px", "<font face=a size=-5>", "<font size=0>"]),
    (pages._WHITE, ["color:#ffffff", "color = white", " color: #fff "]),
    (pages._ENTITY, ["&#x41;", "&#97;"]),
    (pages._LOUD, ["size=7", "size=+3", 'color="#ff0000', "color=red"]),
    (bodies._MONEY, ["$ 5", "£5", "€9", "usd 3", "eur5", "gbp 7", "5 usd", "9 eur", "20 dollars", "7 euro", "7 euros"]),
    (bodies._MILLIONS, ["million dollars", "millions of us", "millionen euro"]),
    (bodies._PERCENT, ["5%", "5 %"]),
]


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in _THERE for text in texts])
def test_a_form_is_found_wherever_it_stands(form: Form, text: str) -> None:
    assert form.is_in(text)
    assert form.is_in(f"before {text} behind")
    assert form.count(f"{text}\n{text} ") == 2


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (pages._WHITE, "background-color: #fff"),
        (pages._WHITE, "color: #222"),
        (pages._HIDDEN, "display: block"),
        (bodies._MONEY, "the dollars that we made"),
        (bodies._MILLIONS, "a trillionmillion dollars"),
    ],
)
def test_what_only_has_the_word_is_not_the_form(form: Form, text: str) -> None:
    assert not form.is_in(text)
    assert form.count(text) == 0


@pytest.mark.parametrize(
    ("page", "times"),
    [
        ("via<!-- x -->gra", 1),
        ("v<xyz>i<xyz>a", 1),
        ("v<xyz>i<xyz>a<xyz>g", 2),
        ("bold<b>er</b>", 0),
        ("<xyz>a", 0),
    ],
)
def test_a_letter_between_two_tags_counts_once(page: str, times: int) -> None:
    assert pages._splits(page) == times


@pytest.mark.parametrize(
    ("text", "is_technical"),
    [
        ("a.c and b/d.py, x.tar.gz", True),
        ("int f(int a) {\n  g(a);\n  h();\nwhile (x) {", True),
        ("Traceback (most recent call last):\n  import os;\n$ sudo -l", True),
        ("Good morning;\nsee you.", False),
        ("one a.c\nand b.h", False),
    ],
)
def test_three_lines_or_files_of_programs_make_a_text_technical(text: str, is_technical: bool) -> None:
    assert bodies._is_technical(text) is is_technical


def test_words_that_cannot_be_spoken_are_counted() -> None:
    told = {"xkcdwqrt", "bcdfgh", "reading", "a1b2c3", "strengths", "abc"}
    assert random_among(told) == sum(map(is_random, told)) == 3


def test_disguised_words_are_still_read() -> None:
    assert spaced("cheap v.i.a.g.r.a here") == "viagra"
    assert leet("buy v1agra now") == ["viagra"]
    assert spaced("a b") == ""
    assert leet("room 101") == []
